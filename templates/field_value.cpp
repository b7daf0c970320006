#include "templates/field_value.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/text.h"
#include "templates/cell_text.h"
#include "templates/identity.h"

namespace qianda::templates {
namespace {

using Found = std::optional<CellFault>;

constexpr std::int64_t kMostMoney = 999'999'999'999;  // fen
constexpr std::size_t kLongestText = 200, kLongestMultiline = 2000, kMostRows = 100, kLongestDocument = 40;

CellFault formatFault(std::string zh, std::string en) { return {"format", "", std::move(zh), std::move(en)}; }

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
char raised(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c; }

bool equalIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lowered(x) == lowered(y); });
}

std::string asciiUpper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), raised);
  return text;
}

std::string_view without(std::string_view text, std::string_view prefix, std::string_view suffix) {
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  if (text.ends_with(suffix)) text.remove_suffix(suffix.size());
  return core::trim(text);
}

Found scientificFault(std::string_view text) {
  if (!isScientific(text)) return std::nullopt;
  return formatFault("是科学计数法：Excel 已破坏这个号码，请把该列设为文本格式后重新填写",
                     "is in scientific notation: Excel has destroyed this number; format the column as text and enter "
                     "it again");
}

struct Range {
  std::optional<std::int64_t> low, high;
};

Range defaultRange(FieldType type) {
  switch (type) {
    case FieldType::kText:
    case FieldType::kAddress:
      return {{}, kLongestText};
    case FieldType::kMultiline:
      return {{}, kLongestMultiline};
    case FieldType::kMoney:
      return {0, kMostMoney};
    case FieldType::kList:
      return {{}, kMostRows};
    case FieldType::kDate:
    case FieldType::kPeriod:
      return {-25567, 84005};  // 1900-01-01 to 2199-12-31
    default:
      return {};
  }
}

std::string boundText(FieldType type, std::int64_t bound) {
  switch (type) {
    case FieldType::kMoney:
      return fixedText(bound, 2, 2);
    case FieldType::kDecimal:
      return fixedText(bound, 4, 0);
    case FieldType::kDate:
    case FieldType::kPeriod:
      return core::isoDate(core::fromDays(bound));
    default:
      return std::to_string(bound);
  }
}

// 人民币8,500元整 -> 8,500
std::string_view bareAmount(std::string_view text) {
  for (std::string_view prefix : {"人民币", "RMB", "CNY", "￥", "¥"}) text = without(text, prefix, "");
  return without(without(text, "", "整"), "", "元");
}

}  // namespace

std::size_t indexOfField(const std::vector<FieldSpec>& fields, std::string_view name) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == name) return i;
  }
  return static_cast<std::size_t>(-1);
}

std::optional<std::size_t> findChoice(const FieldSpec& spec, std::string_view text) {
  for (std::size_t i = 0; i < spec.choices.size(); ++i) {
    const Choice& choice = spec.choices[i];
    if (text == choice.value || text == choice.labelZh || (!text.empty() && equalIgnoringCase(text, choice.labelEn))) {
      return i;
    }
  }
  return std::nullopt;
}

FieldReader::FieldReader(const FieldSpec& spec, core::Date today) : spec_(&spec), today_(today) {
  const Range range = defaultRange(spec.type);
  minimum_ = spec.minimum ? readBound(spec.minimum) : range.low;
  maximum_ = spec.maximum ? readBound(spec.maximum) : range.high;
  if (minimum_ && maximum_) {
    limit_ = boundText(spec.type, *minimum_) + " to " + boundText(spec.type, *maximum_);
  } else if (minimum_) {
    limit_ = "at least " + boundText(spec.type, *minimum_);
  } else if (maximum_) {
    limit_ = "at most " + boundText(spec.type, *maximum_);
  }
  if (!spec.defaultText) return;
  Value value;
  if (const Found fault = read(*spec.defaultText, value, !spec.idTypeField.empty())) {
    throw core::Error(core::ErrorCode::kInvalidInput,
                      "field " + spec.name + ": the default \"" + *spec.defaultText + "\" " + fault->en);
  }
  default_ = std::move(value);
}

std::optional<std::int64_t> FieldReader::readBound(const std::optional<std::string>& text) const {
  std::optional<std::int64_t> bound;
  switch (spec_->type) {
    case FieldType::kMoney:
      bound = parseFixed(*text, 2);
      break;
    case FieldType::kDecimal:
      bound = parseFixed(*text, 4);
      break;
    case FieldType::kDate:
    case FieldType::kPeriod:
      if (const auto date = core::parseDate(*text)) bound = core::toDays(*date);
      break;
    default:
      bound = parseFixed(*text, 0);
  }
  if (!bound) {
    throw core::Error(core::ErrorCode::kInvalidInput,
                      "field " + spec_->name + ": the bound \"" + *text + "\" is not of its type");
  }
  return bound;
}

Found FieldReader::checkBounds(std::int64_t number) const {
  const bool low = minimum_ && number < *minimum_, high = maximum_ && number > *maximum_;
  if (!low && !high) return std::nullopt;
  const std::string bound = boundText(spec_->type, low ? *minimum_ : *maximum_);
  return CellFault{"bounds", limit_, (low ? "小于下限 " : "超过上限 ") + bound,
                   (low ? "is below the least allowed, " : "is above the most allowed, ") + bound};
}

Found FieldReader::read(std::string_view cell, Value& value, bool anyDocument) const {
  cell = cellText(cell);
  Found fault;
  switch (spec_->type) {
    case FieldType::kText:
    case FieldType::kMultiline:
    case FieldType::kAddress:
      fault = readText(cell, value);
      break;
    case FieldType::kInteger:
    case FieldType::kDecimal:
    case FieldType::kMoney:
      fault = readNumber(toHalfWidth(cell), value);
      break;
    case FieldType::kDate:
      fault = readDate(toHalfWidth(cell), value);
      break;
    case FieldType::kPeriod:
      fault = readPeriod(toHalfWidth(cell), value);
      break;
    case FieldType::kChoice:
      fault = readChoice(cell, value);
      break;
    case FieldType::kBoolean:
      fault = readBoolean(toHalfWidth(cell), value);
      break;
    case FieldType::kIdCard:
      fault = readIdCard(asciiUpper(toHalfWidth(cell)), value, anyDocument);
      break;
    case FieldType::kUscc:
      fault = readUscc(asciiUpper(toHalfWidth(cell)), value);
      break;
    case FieldType::kPhone:
      fault = readPhone(toHalfWidth(cell), value);
      break;
    case FieldType::kList:
      fault = readList(cell, value);
      break;
  }
  if (fault) {
    value = {};
  } else {
    value.present = true;
  }
  return fault;
}

Found FieldReader::readText(std::string_view cell, Value& value) const {
  const bool multiline = spec_->type == FieldType::kMultiline;
  value.text = cell;
  if (multiline && cell.find('\r') != std::string_view::npos) {
    value.text.clear();
    for (std::size_t i = 0; i < cell.size(); ++i) {
      if (cell[i] != '\r') value.text += cell[i];
      if (cell[i] == '\r' && (i + 1 == cell.size() || cell[i + 1] != '\n')) value.text += '\n';
    }
  }
  if (!multiline && spec_->type == FieldType::kText) {
    if (Found fault = scientificFault(cell)) return fault;
  }
  const TextScan scan = scanText(value.text, multiline);
  if (scan.refused == '\n' || scan.refused == '\r') {
    return formatFault("只能是一行文字，不能换行", "must be a single line of text");
  }
  if (scan.refused == 0xFFFD) {
    return CellFault{"encoding", "", "含有已损坏的字符（U+FFFD）",
                     "contains a character that was lost before (U+FFFD)"};
  }
  if (scan.refused != 0) {
    const std::string name = core::codePointName(scan.refused);
    return formatFault("含有不可见的控制字符 " + name, "contains the invisible control character " + name);
  }
  Found fault = checkBounds(static_cast<std::int64_t>(scan.characters));
  if (fault) {
    const std::string count = std::to_string(scan.characters);
    fault->zh = "共 " + count + " 个字符，" + fault->zh;
    fault->en = "has " + count + " characters, which " + fault->en;
  }
  return fault;
}

Found FieldReader::readNumber(std::string_view cell, Value& value) const {
  const FieldType type = spec_->type;
  std::string_view text = type == FieldType::kMoney ? bareAmount(cell) : cell;
  if (!spec_->unit.empty()) text = without(text, "", spec_->unit);
  const int scale = type == FieldType::kMoney ? 2 : type == FieldType::kDecimal ? 4 : 0;
  const auto number = parseFixed(text, scale);
  if (!number) {
    if (type == FieldType::kInteger) return formatFault("不是整数", "is not a whole number");
    if (type == FieldType::kMoney)
      return formatFault("不是金额（最多两位小数）", "is not an amount of money (at most two decimals)");
    return formatFault("不是数字（最多四位小数）", "is not a number (at most four decimals)");
  }
  value.number = *number;
  value.text = fixedText(*number, scale, type == FieldType::kMoney ? 2 : 0);
  return checkBounds(*number);
}

Found FieldReader::readDate(std::string_view cell, Value& value) const {
  const auto date = core::parseDate(cell);
  if (!date) return formatFault("不是有效日期（例：2026-01-31）", "is not a date (example: 2026-01-31)");
  value.number = core::toDays(*date);
  const bool isIso = cell.size() == 10 && cell[4] == '-' && cell[7] == '-';
  value.text = isIso ? std::string(cell) : core::isoDate(*date);
  return checkBounds(value.number);
}

Found FieldReader::readPeriod(std::string_view cell, Value& value) const {
  for (std::string_view separator : {"~", "至", "/"}) {
    for (std::size_t at = cell.find(separator); at != std::string_view::npos; at = cell.find(separator, at + 1)) {
      const auto start = core::parseDate(core::trim(cell.substr(0, at)));
      const auto end = core::parseDate(core::trim(cell.substr(at + separator.size())));
      if (!start || !end) continue;
      if (*end < *start) return CellFault{"bounds", "", "终止日早于起始日", "ends before it starts"};
      value.number = core::toDays(*start);
      value.end = core::toDays(*end);
      value.text = core::isoDate(*start) + "/" + core::isoDate(*end);
      if (Found fault = checkBounds(value.number)) return fault;
      return checkBounds(value.end);
    }
  }
  return formatFault("不是起止日期（例：2026-01-01~2026-12-31）", "is not a period (example: 2026-01-01~2026-12-31)");
}

Found FieldReader::readChoice(std::string_view cell, Value& value) const {
  auto index = findChoice(*spec_, cell);
  if (!index) index = findChoice(*spec_, toHalfWidth(cell));
  if (!index) {
    std::string zh, en;
    for (const Choice& choice : spec_->choices) {
      zh += (zh.empty() ? "" : "、") + (choice.labelZh.empty() ? choice.value : choice.labelZh);
      en += (en.empty() ? "" : ", ") + choice.value;
    }
    return CellFault{"choice", en, "不在选项之内（可选：" + zh + "）", "is not one of: " + en};
  }
  value.number = static_cast<std::int64_t>(*index);
  value.text = spec_->choices[*index].value;
  return std::nullopt;
}

Found FieldReader::readBoolean(std::string_view cell, Value& value) const {
  for (std::string_view yes : {"是", "true", "1", "yes"}) value.number |= equalIgnoringCase(cell, yes);
  bool known = value.number != 0;
  for (std::string_view no : {"否", "false", "0", "no"}) known = known || equalIgnoringCase(cell, no);
  if (!known) return CellFault{"choice", "yes, no", "应填 是 或 否", "is neither yes nor no"};
  value.text = value.number ? "true" : "false";
  return std::nullopt;
}

Found FieldReader::readList(std::string_view cell, Value& value) const {
  std::string normal;
  for (std::size_t offset = 0; offset < cell.size();) {
    const char32_t c = core::nextCodePoint(cell, offset);
    core::appendUtf8(normal, c == U'；' || c == '\n' || c == '\r' ? U';' : c == U'｜' ? U'|' : c);
  }
  for (std::size_t at = 0; at < normal.size();) {
    const std::size_t end = std::min(normal.find(';', at), normal.size());
    std::string_view row = core::trim(std::string_view(normal).substr(at, end - at));
    at = end + 1;
    if (row.empty()) continue;
    std::vector<std::string>& cells = value.rows.emplace_back();
    const std::string number = std::to_string(value.rows.size());
    for (std::size_t bar = 0; bar != std::string_view::npos; row.remove_prefix(std::min(bar + 1, row.size()))) {
      bar = row.find('|');
      cells.emplace_back(core::trim(row.substr(0, bar)));
      const TextScan scan = scanText(cells.back(), false);
      if (scan.refused != 0 || scan.characters > kLongestText) {
        return formatFault("第 " + number + " 行有一格过长或含控制字符",
                           "has in row " + number + " a cell that is too long or contains a control character");
      }
      value.text += (cells.size() > 1 ? "|" : value.rows.size() > 1 ? ";" : "") + cells.back();
    }
    if (cells.size() != spec_->columns.size()) {
      const std::string found = std::to_string(cells.size()), wanted = std::to_string(spec_->columns.size());
      return CellFault{"format", wanted, "第 " + number + " 行有 " + found + " 格，应为 " + wanted + " 格",
                       "has " + found + " cells in row " + number + " instead of " + wanted};
    }
  }
  return checkBounds(static_cast<std::int64_t>(value.rows.size()));
}

Found FieldReader::readIdCard(std::string_view cell, Value& value, bool anyDocument) const {
  if (Found fault = scientificFault(cell)) return fault;
  value.text = cell;
  if (anyDocument) {
    const TextScan scan = scanText(cell, false);
    if (scan.refused == 0 && scan.characters <= kLongestDocument) return std::nullopt;
    return formatFault("不是证件号码", "is not a document number");
  }
  switch (readResidentId(cell, today_).fault) {
    case IdFault::kNone:
      return std::nullopt;
    case IdFault::kOldForm:
      return formatFault("是已停用的15位身份证号", "is an identity number of the withdrawn 15-digit form");
    case IdFault::kLength:
      return CellFault{"format", "18", "身份证号应为18位", "is not 18 characters long"};
    case IdFault::kCharacters:
      return formatFault("身份证号只能是数字，末位可为X", "must be digits, the last one possibly X");
    case IdFault::kBirthDate:
      return formatFault("身份证号中的出生日期无效", "contains an impossible date of birth");
    case IdFault::kCheckCharacter:
      break;
  }
  const std::string expected(1, residentIdCheckCharacter(cell));
  return CellFault{"checksum", expected, "身份证号校验位不符（GB 11643）", "fails the check character of GB 11643"};
}

Found FieldReader::readUscc(std::string_view cell, Value& value) const {
  if (Found fault = scientificFault(cell)) return fault;
  value.text = cell;
  if (cell.size() != 18) return CellFault{"format", "18", "统一社会信用代码应为18位", "is not 18 characters long"};
  if (!isUsccAlphabet(cell)) {
    return formatFault("含有统一社会信用代码不使用的字符（I、O、S、V、Z等）",
                       "has a character that GB 32100 does not use (such as I O S V Z)");
  }
  if (isUscc(cell)) return std::nullopt;
  return CellFault{"checksum", std::string(1, usccCheckCharacter(cell)), "统一社会信用代码校验位不符（GB 32100）",
                   "fails the check character of GB 32100"};
}

Found FieldReader::readPhone(std::string_view cell, Value& value) const {
  if (Found fault = scientificFault(cell)) return fault;
  const auto phone = canonicalPhone(cell);
  if (phone) value.text = *phone;
  return phone ? std::nullopt
               : Found(formatFault("不是电话号码（11位手机号，或带区号的固定电话）",
                                   "is not a phone number (11-digit mobile, or landline with area code)"));
}

}  // namespace qianda::templates
