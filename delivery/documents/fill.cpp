#include "delivery/documents/fill.h"

#include "core/error.h"
#include "delivery/documents/case_values.h"
#include "delivery/documents/form_filler.h"
#include "templates/template.h"

namespace qianda::delivery {

templates::Record fillDocument(const DocumentKind& kind, const CaseFile& file, const CaseParty& recipient,
                               const EnteredValues& entered, std::vector<templates::Fault>& faults) {
  if (kind.recipients.empty()) {
    throw core::Error(core::ErrorCode::kInvalidInput, std::string(kind.name) + " is not filled from a case alone");
  }
  const auto issued = entered.find("issued_on");
  const auto day = issued == entered.end() ? std::nullopt : core::parseDate(issued->second);
  const CaseView view{file, recipient, day.value_or(core::chinaDate({}))};
  const auto form = templates::getCourtTemplate(kind.templateId);
  FormContents contents;
  for (const templates::FieldSpec& spec : form->fields) {
    const CaseValue* value = findCaseValue(spec.name);
    if (!value) continue;
    if (value->rows) {
      contents.tables[spec.name] = value->rows(view);
    } else {
      contents.texts[spec.name] = value->text(view);
    }
  }
  for (const auto& [name, text] : entered) {
    const CaseValue* value = findCaseValue(name);
    if (form->findField(name) == templates::Template::npos) {
      faults.push_back(blockingFault(name, text, "unknown", name + "：" + std::string(kind.titleZh) + "没有这一项。",
                                     std::string(kind.titleEn) + " has no value \"" + name + "\"."));
    } else if (value && !value->mayBeSaidAnew) {
      faults.push_back(blockingFault(name, text, "fixed", name + "：以案件登记的内容为准，不能另行填写。",
                                     "The value \"" + name + "\" is the case's own and is not entered."));
    } else if (!text.empty()) {
      contents.texts[name] = text;
    }
  }
  std::vector<templates::Fault> found;
  templates::Record record = fillForm(kind.templateId, contents, found);
  for (templates::Fault& fault : found) {
    // What the case says and this document has no use for was not entered in vain.
    if (fault.rule != "condition" || entered.contains(fault.field)) faults.push_back(std::move(fault));
  }
  return record;
}

}  // namespace qianda::delivery
