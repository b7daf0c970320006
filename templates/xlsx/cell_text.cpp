#include "templates/xlsx/cell_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "core/time.h"

namespace qianda::templates::xlsx {
namespace {

using Reason = std::optional<CellReason>;

constexpr double kMostDigits = 1e15;           // Excel keeps 15 digits
constexpr std::int64_t kLastSerial = 2958465;  // 9999-12-31
constexpr std::int64_t kSecondsADay = 86400;

std::string twoDigits(std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); }

std::string plain(double number, int decimals) {
  char buffer[512];
  const int length = std::snprintf(buffer, sizeof buffer, "%.*f", decimals, number);
  return {buffer, static_cast<std::size_t>(length)};
}

// At most 15 digits count: what stands behind them is floating point's.
std::string shortest(double number) {
  if (number == 0) return "0";
  const int whole = static_cast<int>(std::floor(std::log10(std::fabs(number)))) + 1;
  std::string text = plain(number, std::clamp(15 - whole, 0, 60));
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

Reason dateText(double serial, bool isFrom1904, bool isTime, std::string& text) {
  const auto seconds = static_cast<std::int64_t>(std::llround(serial * static_cast<double>(kSecondsADay)));
  const std::int64_t day = seconds / kSecondsADay, rest = seconds % kSecondsADay;
  const bool isPhantom = !isFrom1904 && (day == 60 || (day == 0 && !isTime));  // 1900-02-29 and 1900-01-00
  if (serial < 0 || day > kLastSerial || isPhantom) {
    return CellReason{"是不存在的日期（" + shortest(serial) + "）", "is no date (" + shortest(serial) + ")"};
  }
  const std::string clock =
      twoDigits(rest / 3600) + ":" + twoDigits(rest / 60 % 60) + (rest % 60 ? ":" + twoDigits(rest % 60) : "");
  if (isTime && day == 0) {
    text = clock;
    return std::nullopt;
  }
  const core::Date first = isFrom1904 ? core::Date(std::chrono::year(1904) / 1 / 1)
                           : day < 60 ? core::Date(std::chrono::year(1899) / 12 / 31)
                                      : core::Date(std::chrono::year(1899) / 12 / 30);
  text = core::isoDate(core::fromDays(core::toDays(first) + day));
  if (rest != 0) text += " " + clock;
  return std::nullopt;
}

Reason numberText(std::string_view value, NumberFormat format, bool isFrom1904, std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || !std::isfinite(number)) {
    return CellReason{"不是数字", "holds no number"};
  }
  if (std::fabs(number) >= kMostDigits) {
    return CellReason{
        "是超过 15 位的数字：Excel 只保留 15 位，后面的数字已丢失，请把该列设为文本格式后重新填写",
        "is a number of more than 15 digits, of which Excel keeps 15: format the column as text and enter it again"};
  }
  switch (format.look) {
    case NumberLook::kDate:
      return dateText(number, isFrom1904, false, text);
    case NumberLook::kTime:
      return dateText(number, isFrom1904, true, text);
    case NumberLook::kPercent:
      text = shortest(number * 100) + "%";
      return std::nullopt;
    case NumberLook::kZeros:
      text = shortest(number);
      if (text.find_first_not_of("0123456789") == std::string::npos && text.size() < format.digits) {
        text.insert(0, format.digits - text.size(), '0');
      }
      return std::nullopt;
    case NumberLook::kPlain:
      break;
  }
  text = shortest(number);
  return std::nullopt;
}

}  // namespace

Reason readCell(const RawCell& cell, const Workbook& workbook, std::string& text) {
  text.clear();
  if (cell.type == "e") {
    return CellReason{"是错误值 " + std::string(cell.value), "holds the error " + std::string(cell.value)};
  }
  if (cell.value.empty()) {
    if (!cell.hasFormula || cell.type == "str") return std::nullopt;
    return CellReason{"是没有计算结果的公式，请在 Excel 中打开并保存一次",
                      "is a formula without a result: open the workbook in Excel and save it"};
  }
  if (cell.type == "s") {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(cell.value.data(), cell.value.data() + cell.value.size(), index);
    if (error != std::errc() || end != cell.value.data() + cell.value.size() || index >= workbook.strings.size()) {
      return CellReason{"指向不存在的文本（文件已损坏）", "names a text that is not there: the workbook is damaged"};
    }
    text = workbook.strings[index];
  } else if (cell.type == "str" || cell.type == "inlineStr") {
    text = unescape(cell.value);
  } else if (cell.type == "b") {
    text = cell.value == "0" ? "否" : "是";
  } else if (cell.type == "d") {  // ISO 8601 already
    text = cell.value.ends_with("T00:00:00") ? cell.value.substr(0, cell.value.size() - 9) : cell.value;
  } else {
    const NumberFormat format = cell.style < workbook.formats.size() ? workbook.formats[cell.style] : NumberFormat{};
    return numberText(cell.value, format, workbook.isFrom1904, text);
  }
  return std::nullopt;
}

std::string cellName(std::size_t column, std::uint32_t row) {
  std::string letters;
  for (; column > 0; column = (column - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('A' + (column - 1) % 26));
  return letters + std::to_string(row);
}

std::size_t columnOfCell(std::string_view reference, std::uint32_t& row) {
  std::size_t column = 0, at = 0;
  for (; at < reference.size() && at < 3 && reference[at] >= 'A' && reference[at] <= 'Z'; ++at) {
    column = column * 26 + static_cast<std::size_t>(reference[at] - 'A' + 1);
  }
  row = 0;
  const auto [end, error] = std::from_chars(reference.data() + at, reference.data() + reference.size(), row);
  return end == reference.data() + reference.size() && (error == std::errc() || at == reference.size()) ? column : 0;
}

}  // namespace qianda::templates::xlsx
