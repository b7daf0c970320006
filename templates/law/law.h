// Labour-law checks on the fields of one record: LC01...LC41 of the rule registry (docs/law-rules.md). Rules are data:
// id, article, severity, effective dates, messages in two languages; the computed value and the limit go into the
// Fault. Rules read fields by their standard names (term_start, probation_end, monthly_pay ...); a template without
// such a field is not judged by the rule. An empty field that reading the row already demanded ("required") is not
// reported again. Pure functions, thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "templates/fault.h"
#include "templates/field.h"
#include "templates/template.h"

namespace qianda::templates::law {

struct Rule {
  std::string_view id;       // "LC12"
  std::string_view article;  // "劳动合同法 19"
  Severity severity;
  std::string_view effectiveFrom;  // ISO date; empty = always
  std::string_view effectiveTo;    // ISO date, inclusive; empty = open
  std::string_view messageZh, messageEn;
};

const std::vector<Rule>& rules();
// Names the table as it is: the first 16 hexadecimal digits of the SHA-256 over all its entries.
const std::string& rulesVersion();

// Judges a record on the given day (the signing day). Fault::column stays 0: RosterReader::columnOf knows it.
class Checker {
 public:
  explicit Checker(std::shared_ptr<const Template> form);
  ~Checker();
  void check(const Record& record, core::Date signingDay, std::vector<Fault>& faults) const;

 private:
  struct Bound;
  std::unique_ptr<const Bound> bound_;
};

}  // namespace qianda::templates::law
