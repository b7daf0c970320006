// What the sheets of a workbook share (ECMA-376 part 1, 18.2, 18.4, 18.8): their list, the shared strings, the number
// formats of the cell styles. Read once; immutable afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "templates/xlsx/package.h"

namespace qianda::templates::xlsx {

struct Sheet {
  std::string name, part;
  bool isHidden = false;  // or very hidden
};

// How a number in a cell is shown, as far as it changes what the cell says.
enum class NumberLook : std::uint8_t { kPlain, kDate, kTime, kPercent, kZeros };
struct NumberFormat {
  NumberLook look = NumberLook::kPlain;
  std::uint8_t digits = 0;  // kZeros: at least so many ("0000")
};

struct Workbook {
  static constexpr std::uint64_t kMostSharedOctets = std::uint64_t{256} << 20;

  std::vector<Sheet> sheets;  // in the order of their tabs, work sheets only
  bool isFrom1904 = false;    // dates count from 1904-01-01
  std::vector<std::string> strings;
  std::vector<NumberFormat> formats;  // by cell style
};
Workbook readWorkbook(const Package& package);

NumberFormat formatOf(std::string_view code);
// Without the escapes of characters that XML cannot hold: "_x000D_" (22.9.2.19).
std::string unescape(std::string_view text);

}  // namespace qianda::templates::xlsx
