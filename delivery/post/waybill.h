// Numbers of mail items. S10 (UPU S10-12): two letters, eight digits, a check digit (weights 8 6 4 2 3 5 9 7, 11 minus
// the sum modulo 11; 10 becomes 0 and 11 becomes 5), two letters of the country. China Post's 13 digits carry no check
// that is known: their length and digits are all that can be looked at. Pure; any thread.
#pragma once

#include <string_view>

namespace qianda::delivery {

enum class WaybillFault { kNone, kShape, kCheckDigit };

WaybillFault checkWaybill(std::string_view number);
inline bool isWaybill(std::string_view number) { return checkWaybill(number) == WaybillFault::kNone; }
// '0' to '9' for eight digits; '\0' for anything else.
char s10CheckDigit(std::string_view eightDigits);

}  // namespace qianda::delivery
