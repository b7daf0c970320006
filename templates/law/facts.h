// One record as the rules see it: by the standard names of fields, whatever the template calls its labels or in which
// order it has them. A name that is not standard does not compile. Numbers come in one unit whatever the field's type:
// hours and years in 1/10000, money in fen. Cheap to copy; valid while the record and the bindings live.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/time.h"
#include "templates/field.h"
#include "templates/law/minimum_wage.h"
#include "templates/template.h"

namespace qianda::templates::law {

inline constexpr std::string_view kStandardNames[] = {"contract_no",
                                                      "benefits",
                                                      "employer_name",
                                                      "employer_uscc",
                                                      "employer_legal_rep",
                                                      "employer_address",
                                                      "worker_name",
                                                      "worker_id_type",
                                                      "worker_id_no",
                                                      "worker_household_address",
                                                      "worker_address",
                                                      "term_type",
                                                      "term_start",
                                                      "term_end",
                                                      "term_months",
                                                      "task_description",
                                                      "employment_start",
                                                      "probation_end",
                                                      "probation_months",
                                                      "previous_probation",
                                                      "previous_fixed_terms",
                                                      "continuous_years",
                                                      "worker_requests_fixed",
                                                      "position",
                                                      "duties",
                                                      "work_place",
                                                      "hours_system",
                                                      "daily_hours",
                                                      "weekly_hours",
                                                      "rest_days",
                                                      "approval_no",
                                                      "approval_valid_until",
                                                      "overtime_daily",
                                                      "overtime_monthly",
                                                      "overtime_rate_workday",
                                                      "overtime_rate_restday",
                                                      "overtime_rate_holiday",
                                                      "pay_mode",
                                                      "monthly_pay",
                                                      "piece_rate",
                                                      "base_pay",
                                                      "performance_rule",
                                                      "probation_pay",
                                                      "pay_day",
                                                      "pay_cycle_days",
                                                      "pay_channel",
                                                      "hazard_post",
                                                      "hazard_notice",
                                                      "non_compete",
                                                      "non_compete_class",
                                                      "non_compete_months",
                                                      "non_compete_monthly_pay",
                                                      "non_compete_penalty",
                                                      "user_unit_name",
                                                      "user_unit_uscc",
                                                      "user_unit_address",
                                                      "dispatch_start",
                                                      "dispatch_end",
                                                      "dispatch_post_kind",
                                                      "dispatch_licence_no",
                                                      "dispatch_licence_valid_until",
                                                      "idle_pay",
                                                      "hourly_pay",
                                                      "platform_name",
                                                      "platform_uscc",
                                                      "partner_name",
                                                      "partner_uscc",
                                                      "employer_phone",
                                                      "worker_phone",
                                                      "bank_account",
                                                      "confidentiality",
                                                      "non_compete_area",
                                                      "non_compete_scope",
                                                      "training_bond",
                                                      "other_terms"};

struct Known {
  std::size_t index;
  consteval Known(const char* name) : index(0) {
    while (kStandardNames[index] != name) ++index;  // past the end: not a constant expression, an error
  }
};

using Bindings = std::array<std::size_t, std::size(kStandardNames)>;  // field index, or npos
Bindings bind(const Template& form);

// A quantity in both languages: "7 个月", "7 months".
struct Measure {
  std::string zh, en;
};
Measure months(std::int64_t count, std::int64_t days = 0);
Measure hours(std::int64_t tenThousandths);
Measure yuan(std::int64_t fen);
Measure percent(std::int64_t value);
Measure date(core::Date day);
Measure years(std::int64_t count);
Measure count(std::int64_t number);

class Facts {
 public:
  Facts(const Template& form, const Bindings& bindings, const Record& record, core::Date signingDay)
      : form_(&form), bindings_(&bindings), record_(&record), signingDay_(signingDay) {}

  core::Date signingDay() const { return signingDay_; }
  // The template has the field, the record has no value, and reading the row has not already demanded one. Nothing is
  // missing from an annex, which changes only what it names.
  bool isMissing(Known name) const;
  bool isPresent(Known name) const { return find(name) != nullptr; }
  bool isYes(Known name) const;
  bool is(Known name, std::string_view choice) const { return text(name) == choice; }
  std::string_view text(Known name) const;
  std::optional<core::Date> date(Known name) const;
  std::optional<std::int64_t> integer(Known name) const { return scaled(name, 1); }
  std::optional<std::int64_t> decimal(Known name) const { return scaled(name, kDecimalScale); }
  std::optional<std::int64_t> money(Known name) const { return scaled(name, 100); }
  const FieldSpec* specOf(Known name) const;
  // What people wrote in their own words: texts of several lines and cells of lists, each with its field's index.
  std::vector<std::pair<std::size_t, std::string_view>> freeTexts() const;
  std::string_view nameOf(std::size_t field) const { return form_->fields[field].name; }
  std::string_view textOf(std::size_t field) const { return record_->values[field].text; }

  // First day of work or of the term, else the signing day.
  core::Date firstDay() const;
  // In force at the place of work when the pay falls due; null where no figure is on file.
  const MinimumWage* minimumWage() const;

 private:
  const Value* find(Known name) const;
  std::optional<std::int64_t> scaled(Known name, std::int64_t scale) const;

  const Template* form_;
  const Bindings* bindings_;
  const Record* record_;
  core::Date signingDay_;
};

struct Finding {
  Known field;
  Measure computed, limit;
  std::size_t formField = Template::npos;  // instead of `field`, where any field of the template may be at fault
};
using Findings = std::vector<Finding>;

}  // namespace qianda::templates::law
