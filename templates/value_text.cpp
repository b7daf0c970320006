#include "templates/value_text.h"

#include "core/text.h"
#include "core/time.h"
#include "templates/chinese_number.h"

namespace qianda::templates {
namespace {

using Part = FieldFormat::Part;

void appendDate(std::int64_t days, Part part, std::string& out) {
  const core::Date date = core::fromDays(days);
  const auto append = [&out](long long number) { out += std::to_string(number); };
  const int year = static_cast<int>(date.year());
  const unsigned month = static_cast<unsigned>(date.month()), day = static_cast<unsigned>(date.day());
  if (part == Part::kYear) return append(year);
  if (part == Part::kMonth) return append(month);
  if (part == Part::kDay) return append(day);
  append(year);
  out += "年";
  append(month);
  out += "月";
  append(day);
  out += "日";
}

// 850000 fen -> 8,500.00
void appendMoney(std::int64_t fen, std::string& out) {
  if (fen < 0) out += '-';
  const std::uint64_t magnitude = fen < 0 ? 0 - static_cast<std::uint64_t>(fen) : static_cast<std::uint64_t>(fen);
  const std::string yuan = std::to_string(magnitude / 100);
  for (std::size_t i = 0; i < yuan.size(); ++i) {
    out += yuan[i];
    const std::size_t left = yuan.size() - 1 - i;
    if (left > 0 && left % 3 == 0) out += ',';
  }
  out += '.';
  out += static_cast<char>('0' + magnitude / 10 % 10);
  out += static_cast<char>('0' + magnitude % 10);
}

void appendMasked(const std::string& text, std::string& out) {
  const std::u32string characters = core::decodeUtf8(text).value_or(U"");
  for (std::size_t i = 0; i < characters.size(); ++i) {
    const bool shown = i < 3 || i + 4 >= characters.size();
    core::appendUtf8(out, shown && characters.size() > 8 ? characters[i] : U'*');
  }
}

}  // namespace

void appendValueText(const FieldSpec& spec, const Value& value, Part part, std::string& out) {
  if (!value.present) return;
  if (part == Part::kMask) return appendMasked(value.text, out);
  switch (spec.type) {
    case FieldType::kDate:
      return appendDate(value.number, part, out);
    case FieldType::kPeriod:
      if (part != Part::kEnd) appendDate(value.number, Part::kWhole, out);
      if (part == Part::kWhole) out += "至";
      if (part != Part::kStart) appendDate(value.end, Part::kWhole, out);
      return;
    case FieldType::kMoney:
      if (part == Part::kUpper) {
        out += moneyInWords(value.number);
      } else {
        appendMoney(value.number, out);
      }
      return;
    case FieldType::kChoice:
      out += spec.choices[static_cast<std::size_t>(value.number)].labelZh;
      return;
    case FieldType::kBoolean:
      out += value.number ? "是" : "否";
      return;
    default:
      out += value.text;
  }
}

}  // namespace qianda::templates
