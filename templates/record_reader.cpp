#include "templates/record_reader.h"

#include <algorithm>

#include "core/error.h"
#include "templates/cell_text.h"

namespace qianda::templates {
namespace {

constexpr std::string_view kResidentId = "resident_id";

enum class State : std::uint8_t { kKnown, kFaulty };

Fault makeFault(std::uint64_t row, const FieldSpec& spec, const FieldCell& cell, CellFault found) {
  Fault fault;
  fault.row = row;
  fault.column = cell.column;
  fault.field = spec.name;
  fault.value = cell.text;
  fault.rule = std::move(found.rule);
  fault.limit = std::move(found.limit);
  fault.messageZh = std::string(labelZh(spec)) + "：" + found.zh + "。";
  fault.messageEn = std::string(labelEn(spec)) + " " + found.en + ".";
  return fault;
}

// What people write into a cell that does not apply, beside leaving it empty.
bool saysNothing(std::string_view text) {
  static constexpr std::string_view kNothing[] = {"",   "/",      "／", "-", "—",   "——",
                                                  "无", "不适用", "否", "0", "N/A", "n/a"};
  return std::find(std::begin(kNothing), std::end(kNothing), cellText(text)) != std::end(kNothing);
}

}  // namespace

std::string_view labelZh(const FieldSpec& spec) { return spec.labelZh.empty() ? spec.name : spec.labelZh; }
std::string_view labelEn(const FieldSpec& spec) { return spec.labelEn.empty() ? spec.name : spec.labelEn; }

RecordReader::RecordReader(const Template& form) : form_(&form) {
  const core::Date today = core::chinaDate(core::now());
  readers_.reserve(form.fields.size());
  for (const FieldSpec& spec : form.fields) {
    readers_.emplace_back(spec, today);
    conditionFields_.push_back(spec.condition ? spec.condition->fields() : std::vector<std::size_t>{});
    idTypes_.push_back(spec.idTypeField.empty() ? Template::npos : indexOfField(form.fields, spec.idTypeField));
  }
  orderFields(form);
}

void RecordReader::orderFields(const Template& form) {
  std::vector<bool> placed(form.fields.size());
  const auto isReady = [&](std::size_t field) {
    const auto& needed = conditionFields_[field];
    return std::all_of(needed.begin(), needed.end(), [&](std::size_t other) { return placed[other]; }) &&
           (idTypes_[field] == Template::npos || placed[idTypes_[field]]);
  };
  while (order_.size() < placed.size()) {
    const std::size_t before = order_.size();
    for (std::size_t field = 0; field < placed.size(); ++field) {
      if (placed[field] || !isReady(field)) continue;
      placed[field] = true;
      order_.push_back(field);
    }
    if (order_.size() > before) continue;
    const auto stuck = static_cast<std::size_t>(std::find(placed.begin(), placed.end(), false) - placed.begin());
    throw core::Error(core::ErrorCode::kInvalidInput,
                      "the condition of field " + form.fields[stuck].name + " depends on itself through other fields");
  }
}

Record RecordReader::read(std::uint64_t row, const std::vector<FieldCell>& cells, std::vector<Fault>& faults) const {
  Record record;
  record.row = row;
  record.values.resize(readers_.size());
  std::vector<State> states(readers_.size(), State::kKnown);
  const std::size_t firstFault = faults.size();
  for (std::size_t field : order_) {
    const FieldSpec& spec = form_->fields[field];
    const FieldCell& cell = cells[field];
    const auto& needed = conditionFields_[field];
    const bool isUncertain =
        std::any_of(needed.begin(), needed.end(), [&](std::size_t other) { return states[other] == State::kFaulty; });
    if (!isUncertain && spec.condition && !spec.condition->holds(record)) {
      if (!saysNothing(cell.text)) {
        faults.push_back(makeFault(
            row, spec, cell,
            {"condition", "", "按本行其他各项不适用，不会写入合同", "does not apply to this row and is left out"}));
        faults.back().severity = Severity::kWarn;
      }
      continue;
    }
    Value& value = record.values[field];
    if (cellText(cell.text).empty()) {
      if (readers_[field].defaultValue()) {
        value = *readers_[field].defaultValue();
      } else if (spec.required) {
        states[field] = State::kFaulty;
        if (isUncertain || cell.isReported) continue;
        faults.push_back(makeFault(row, spec, cell, {"required", "", "必填，但没有填写", "is required but empty"}));
        faults.back().article = "LC41";
      }
      continue;
    }
    const std::size_t idType = idTypes_[field];
    const bool anyDocument =
        idType != Template::npos && (states[idType] == State::kFaulty ||
                                     (record.values[idType].present && record.values[idType].text != kResidentId));
    if (auto found = readers_[field].read(cell.text, value, anyDocument)) {
      states[field] = State::kFaulty;
      faults.push_back(makeFault(row, spec, cell, std::move(*found)));
    }
  }
  std::stable_sort(faults.begin() + static_cast<std::ptrdiff_t>(firstFault), faults.end(),
                   [](const Fault& a, const Fault& b) { return a.column < b.column; });
  return record;
}

}  // namespace qianda::templates
