#include "templates/chinese_number.h"

#include <array>
#include <string_view>

namespace qianda::templates {
namespace {

constexpr std::array<std::string_view, 10> kDigits{"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"};

struct Unit {
  std::uint64_t size;
  std::string_view name;
};
constexpr std::array<Unit, 5> kUnits{{{100000000, "亿"}, {10000, "万"}, {1000, "仟"}, {100, "佰"}, {10, "拾"}}};

void appendNumber(std::uint64_t number, std::string& out) {
  for (const Unit& unit : kUnits) {
    if (number < unit.size) continue;
    appendNumber(number / unit.size, out);
    out += unit.name;
    const std::uint64_t rest = number % unit.size;
    if (rest == 0) return;
    if (rest < unit.size / 10) out += kDigits[0];
    return appendNumber(rest, out);
  }
  out += kDigits[number];
}

}  // namespace

std::string moneyInWords(std::int64_t fen) {
  std::string words = fen < 0 ? "负" : "";
  const std::uint64_t amount = fen < 0 ? 0 - static_cast<std::uint64_t>(fen) : static_cast<std::uint64_t>(fen);
  const std::uint64_t yuan = amount / 100, jiao = amount / 10 % 10, cent = amount % 10;
  if (yuan > 0 || amount == 0) {
    appendNumber(yuan, words);
    words += "元";
  }
  if (jiao == 0 && cent == 0) return words + "整";
  if (jiao > 0) {
    words += kDigits[jiao];
    words += "角";
  } else if (yuan > 0) {
    words += kDigits[0];
  }
  if (cent > 0) {
    words += kDigits[cent];
    words += "分";
  }
  return words;
}

}  // namespace qianda::templates
