// A signing link as a QR code (ISO/IEC 18004, level M), for who opened it on one device and wants to sign on another:
// an SVG of one path, with the quiet zone of four modules. Pure.
#pragma once

#include <string>

namespace qianda::contracts {

// Throws kInvalidInput for a text that is empty or too long.
std::string qrSvg(const std::string& text);

}  // namespace qianda::contracts
