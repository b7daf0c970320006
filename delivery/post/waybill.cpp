#include "delivery/post/waybill.h"

#include <algorithm>
#include <array>

namespace qianda::delivery {
namespace {

constexpr std::size_t kLength = 13;
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLetter(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

char s10CheckDigit(std::string_view eightDigits) {
  constexpr std::array<int, 8> kWeights{8, 6, 4, 2, 3, 5, 9, 7};
  if (eightDigits.size() != kWeights.size() || !std::all_of(eightDigits.begin(), eightDigits.end(), isDigit))
    return '\0';
  int sum = 0;
  for (std::size_t i = 0; i < kWeights.size(); ++i) sum += kWeights[i] * (eightDigits[i] - '0');
  const int digit = 11 - sum % 11;
  return static_cast<char>('0' + (digit == 10 ? 0 : digit == 11 ? 5 : digit));
}

WaybillFault checkWaybill(std::string_view number) {
  if (number.size() != kLength) return WaybillFault::kShape;
  if (std::all_of(number.begin(), number.end(), isDigit)) return WaybillFault::kNone;
  const std::string_view digits = number.substr(2, 9);
  const bool isS10 = isLetter(number[0]) && isLetter(number[1]) && isLetter(number[11]) && isLetter(number[12]) &&
                     std::all_of(digits.begin(), digits.end(), isDigit);
  if (!isS10) return WaybillFault::kShape;
  return s10CheckDigit(digits.substr(0, 8)) == digits[8] ? WaybillFault::kNone : WaybillFault::kCheckDigit;
}

}  // namespace qianda::delivery
