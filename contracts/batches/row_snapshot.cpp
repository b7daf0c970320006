#include "contracts/batches/row_snapshot.h"

#include <algorithm>
#include <utility>

#include "contracts/envelope/details.h"
#include "templates/law/law.h"

namespace qianda::contracts {
namespace {

void addRaw(std::string& object, std::string_view name, std::string_view json) {
  object += object.empty() ? "{" : ",";
  object.append(jsonText(name)).append(":").append(json);
}

void add(std::string& object, std::string_view name, std::string_view text) { addRaw(object, name, jsonText(text)); }

std::string arrayOf(const std::vector<std::vector<std::string>>& rows) {
  std::string all;
  for (const auto& row : rows) {
    std::string cells;
    for (const std::string& cell : row) cells += (cells.empty() ? "" : ",") + jsonText(cell);
    all += (all.empty() ? "[" : ",[") + cells + "]";
  }
  return "[" + all + "]";
}

// Blocking ones refused the roster; one may be found later by other rules than those of the day of acceptance.
const char* nameOf(templates::Severity severity) {
  switch (severity) {
    case templates::Severity::kBlock:
      return "blocking";
    case templates::Severity::kWarn:
      return "warning";
    case templates::Severity::kInform:
      break;
  }
  return "information";
}

}  // namespace

EvidenceSnapshot snapshotOf(const std::string& envelope, const templates::Template& form,
                            const templates::Record& record, const std::vector<templates::Fault>& found,
                            core::Date checkedOn) {
  EvidenceSnapshot snapshot;
  snapshot.envelope = envelope;
  for (std::size_t i = 0; i < form.fields.size(); ++i) {
    const templates::Value& value = record.values[i];
    if (!value.present) continue;
    const templates::FieldSpec& field = form.fields[i];
    addRaw(snapshot.fields, field.name,
           field.type == templates::FieldType::kList ? arrayOf(value.rows) : jsonText(value.text));
  }
  snapshot.fields += snapshot.fields.empty() ? "{}" : "}";
  std::string faults;
  for (const templates::Fault& fault : found) {
    std::string one;
    const std::pair<const char*, std::string_view> members[] = {
        {"rule", fault.rule},         {"severity", nameOf(fault.severity)}, {"article", fault.article},
        {"field", fault.field},       {"computed", fault.computed},         {"limit", fault.limit},
        {"message", fault.messageZh}, {"message_en", fault.messageEn}};
    for (const auto& [name, text] : members) {
      if (!text.empty()) add(one, name, text);
    }
    faults += (faults.empty() ? "" : ",") + one + "}";
  }
  add(snapshot.ruleCheck, "checked_on", core::isoDate(checkedOn));
  add(snapshot.ruleCheck, "rules", templates::law::rulesVersion());
  addRaw(snapshot.ruleCheck, "faults", "[" + faults + "]");
  snapshot.ruleCheck += "}";
  return snapshot;
}

}  // namespace qianda::contracts
