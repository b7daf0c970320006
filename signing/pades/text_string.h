// A PDF text string object (ISO 32000-1 7.9.2.2): a literal for printable ASCII, UTF-16BE in hexadecimal for the rest.
#pragma once

#include <string>
#include <string_view>

namespace qianda::signing {

// Throws kInvalidInput for ill-formed UTF-8.
std::string writeTextString(std::string_view utf8);

}  // namespace qianda::signing
