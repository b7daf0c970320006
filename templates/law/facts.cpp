#include "templates/law/facts.h"

#include "templates/cell_text.h"
#include "templates/field_value.h"

namespace qianda::templates::law {

Bindings bind(const Template& form) {
  Bindings bindings{};
  for (std::size_t i = 0; i < bindings.size(); ++i) bindings[i] = indexOfField(form.fields, kStandardNames[i]);
  return bindings;
}

Measure months(std::int64_t number, std::int64_t days) {
  const std::string text = std::to_string(number), extra = std::to_string(days);
  Measure measure{text + " 个月", text + (number == 1 ? " month" : " months")};
  if (days > 0) measure.zh += "零 " + extra + " 天";
  if (days > 0) measure.en += " and " + extra + (days == 1 ? " day" : " days");
  return measure;
}

Measure hours(std::int64_t tenThousandths) {
  const std::string text = fixedText(tenThousandths, 4, 0);
  return {text + " 小时", text + (text == "1" ? " hour" : " hours")};
}

Measure yuan(std::int64_t fen) {
  const std::string text = fixedText(fen, 2, 2);
  return {text + " 元", "CNY " + text};
}

Measure percent(std::int64_t value) {
  const std::string text = std::to_string(value) + "%";
  return {text, text};
}

Measure date(core::Date day) { return {core::chineseDate(day), core::isoDate(day)}; }

Measure years(std::int64_t number) {
  const std::string text = std::to_string(number);
  return {text + " 年", text + " years"};
}

Measure count(std::int64_t number) { return {std::to_string(number), std::to_string(number)}; }

const FieldSpec* Facts::specOf(Known name) const {
  const std::size_t field = (*bindings_)[name.index];
  return field == Template::npos ? nullptr : &form_->fields[field];
}

const Value* Facts::find(Known name) const {
  const std::size_t field = (*bindings_)[name.index];
  return field == Template::npos || !record_->values[field].present ? nullptr : &record_->values[field];
}

std::vector<std::pair<std::size_t, std::string_view>> Facts::freeTexts() const {
  std::vector<std::pair<std::size_t, std::string_view>> texts;
  for (std::size_t field = 0; field < form_->fields.size(); ++field) {
    const Value& value = record_->values[field];
    if (!value.present) continue;
    if (form_->fields[field].type == FieldType::kMultiline) texts.emplace_back(field, value.text);
    for (const auto& row : value.rows) {
      for (const std::string& cell : row) texts.emplace_back(field, cell);
    }
  }
  return texts;
}

bool Facts::isMissing(Known name) const {
  const FieldSpec* spec = specOf(name);
  if (form_->law == LawProfile::kAnnex || !spec || find(name)) return false;
  return !(spec->required && (!spec->condition || spec->condition->holds(*record_)));
}

bool Facts::isYes(Known name) const {
  const Value* value = find(name);
  return value && value->text == "true";
}

std::string_view Facts::text(Known name) const {
  const Value* value = find(name);
  return value ? std::string_view(value->text) : std::string_view{};
}

std::optional<core::Date> Facts::date(Known name) const {
  const Value* value = find(name);
  if (!value || specOf(name)->type != FieldType::kDate) return std::nullopt;
  return core::fromDays(value->number);
}

std::optional<std::int64_t> Facts::scaled(Known name, std::int64_t scale) const {
  const Value* value = find(name);
  if (!value) return std::nullopt;
  switch (specOf(name)->type) {
    case FieldType::kInteger:
      return value->number * scale;
    case FieldType::kMoney:
      return value->number * scale / 100;
    case FieldType::kDecimal:
      return value->number * scale / kDecimalScale;
    default:
      return std::nullopt;
  }
}

core::Date Facts::firstDay() const {
  if (const auto day = date("employment_start")) return *day;
  return date("term_start").value_or(signingDay_);
}

const MinimumWage* Facts::minimumWage() const {
  return findMinimumWage(text("work_place"), std::max(signingDay_, firstDay()));
}

}  // namespace qianda::templates::law
