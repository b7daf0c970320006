#include "templates/law/checks.h"

namespace qianda::templates::law {
namespace {

unsigned profileBit(LawProfile profile) {
  switch (profile) {
    case LawProfile::kGeneral:
      return kGeneral;
    case LawProfile::kDispatch:
      return kDispatch;
    case LawProfile::kPartTime:
      return kPartTime;
    case LawProfile::kPlatformContract:
      return kPlatform;
    case LawProfile::kPlatformAgreement:
      return kAgreement;
    case LawProfile::kAnnex:
      return kAnnex;
    case LawProfile::kNone:
      break;
  }
  return 0;
}

// "…（实际：7 个月；标准：6 个月）"
std::string detailZh(const Finding& finding) {
  std::string detail;
  if (!finding.computed.zh.empty()) detail = "实际：" + finding.computed.zh;
  if (!finding.limit.zh.empty()) detail += (detail.empty() ? "标准：" : "；标准：") + finding.limit.zh;
  return detail.empty() ? detail : "（" + detail + "）";
}

std::string detailEn(const Finding& finding) {
  std::string detail;
  if (!finding.computed.en.empty()) detail = "found " + finding.computed.en;
  if (!finding.limit.en.empty()) detail += (detail.empty() ? "limit " : ", limit ") + finding.limit.en;
  return detail.empty() ? detail : " (" + detail + ")";
}

Fault makeFault(const Rule& rule, const Finding& finding, const Facts& facts, std::uint64_t row) {
  Fault fault;
  fault.row = row;
  const bool isStandard = finding.formField == Template::npos;
  fault.field = isStandard ? kStandardNames[finding.field.index] : facts.nameOf(finding.formField);
  fault.value = isStandard ? facts.text(finding.field) : facts.textOf(finding.formField);
  fault.rule = rule.id;
  fault.severity = rule.severity;
  fault.article = rule.article;
  fault.computed = finding.computed.en;
  fault.limit = finding.limit.en;
  fault.messageZh = std::string(rule.messageZh) + detailZh(finding);
  fault.messageEn = std::string(rule.messageEn) + detailEn(finding);
  return fault;
}

}  // namespace

struct Checker::Bound {
  std::shared_ptr<const Template> form;
  Bindings bindings;
  std::vector<const RuleEntry*> entries;
};

Checker::Checker(std::shared_ptr<const Template> form) {
  auto bound = std::make_unique<Bound>();
  bound->bindings = bind(*form);
  for (const RuleEntry& entry : ruleTable()) {
    if (entry.profiles & profileBit(form->law)) bound->entries.push_back(&entry);
  }
  bound->form = std::move(form);
  bound_ = std::move(bound);
}

Checker::~Checker() = default;

void Checker::check(const Record& record, core::Date signingDay, std::vector<Fault>& faults) const {
  const Facts facts(*bound_->form, bound_->bindings, record, signingDay);
  const std::string today = core::isoDate(signingDay);
  Findings findings;
  for (const RuleEntry* entry : bound_->entries) {
    const Rule& rule = entry->rule;
    if (today < rule.effectiveFrom || (!rule.effectiveTo.empty() && today > rule.effectiveTo)) continue;
    findings.clear();
    entry->check(facts, findings);
    for (const Finding& finding : findings) faults.push_back(makeFault(rule, finding, facts, record.row));
  }
}

}  // namespace qianda::templates::law
