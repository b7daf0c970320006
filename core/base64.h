// Octets as base64 (RFC 4648 section 4): padded, on one line. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.h"

namespace qianda::core {

std::string toBase64(BytesView bytes);
// Nothing for anything else than that, white space included.
std::optional<Bytes> fromBase64(std::string_view text);

}  // namespace qianda::core
