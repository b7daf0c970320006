// Octets: owned (`Bytes`), borrowed (`BytesView`), and their hexadecimal form.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qianda::core {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

inline BytesView viewOf(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view textOf(BytesView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// Lower-case hexadecimal, two digits an octet.
std::string toHex(BytesView bytes);
// Accepts both cases; throws kInvalidInput for an odd length or another character.
Bytes fromHex(std::string_view hex);

}  // namespace qianda::core
