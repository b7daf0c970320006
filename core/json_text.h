// Small JSON objects (RFC 8259) as text: members in the order given, texts escaped, so that the same facts are the same
// octets. Functions, any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace qianda::core {

using Detail = std::variant<std::string, std::int64_t, bool>;
std::string jsonOf(std::initializer_list<std::pair<std::string_view, Detail>> members);
std::string jsonText(std::string_view text);  // quoted and escaped

}  // namespace qianda::core
