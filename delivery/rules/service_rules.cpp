#include "delivery/rules/service_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/error.h"
#include "delivery/rules/yaml_fields.h"

namespace qianda::delivery {
namespace {

constexpr std::array<std::string_view, 39> kRuleKeys{"electronic.concluding_documents",
                                                     "electronic.mediation_statement",
                                                     "attempts.minimum",
                                                     "attempts.days",
                                                     "attempts.day_kind",
                                                     "e6.refused.day",
                                                     "e7.returned.day",
                                                     "e7.grounds",
                                                     "e7.absent_at_confirmed",
                                                     "e8.no_address.day",
                                                     "ladder.contract_clause",
                                                     "ladder.pleading",
                                                     "ladder.other_case",
                                                     "ladder.used_within_year",
                                                     "ladder.registered",
                                                     "e10.return_days",
                                                     "e16.days_after",
                                                     "e16.witness_day",
                                                     "e18.staff",
                                                     "entrusted.days",
                                                     "notice.days",
                                                     "notice.collective_days",
                                                     "service_day.rolls",
                                                     "period.rolls_weekends",
                                                     "period.rolls_make_up_days",
                                                     "clock.accept_days",
                                                     "clock.serve_copy_days",
                                                     "clock.panel_days",
                                                     "clock.answer_days",
                                                     "clock.answer_copy_days",
                                                     "clock.hearing_notice_days",
                                                     "clock.postpone_days",
                                                     "clock.award_days",
                                                     "clock.extension_days",
                                                     "clock.suspension",
                                                     "clock.restart",
                                                     "clock.sue_days",
                                                     "clock.annul_days",
                                                     "clock.warn_days"};

const ServiceRule* find(const std::vector<ServiceRule>& rules, std::string_view key) {
  const auto found =
      std::find_if(rules.begin(), rules.end(), [key](const ServiceRule& rule) { return rule.key == key; });
  return found == rules.end() ? nullptr : &*found;
}

std::optional<int> numberOf(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > 3650) return std::nullopt;
  return number;
}

// What is wrong with a value, or "".
std::string faultOf(const ServiceRule& rule, const std::string& value) {
  if (!rule.choices.empty()) {
    if (std::find(rule.choices.begin(), rule.choices.end(), value) != rule.choices.end()) return {};
    std::string fault = "must be one of";
    for (const std::string& choice : rule.choices) fault += " " + choice;
    return fault;
  }
  if (!numberOf(value)) return "must be a whole number from 0 to 3650";
  return {};
}

ServiceRule readRule(const YamlFields& fields, const YAML::Node& node) {
  fields.checkKeys(node, {"key", "value", "choices", "title", "title_en", "source", "verified"});
  ServiceRule rule;
  rule.key = fields.text(node, "key");
  rule.value = fields.text(node, "value");
  if (node["choices"].IsDefined()) {
    for (const YAML::Node& choice : fields.list(node, "choices")) {
      if (!choice.IsScalar()) fields.fail(choice, "choices", "must be texts");
      rule.choices.push_back(choice.Scalar());
    }
  }
  rule.titleZh = fields.text(node, "title");
  rule.titleEn = fields.text(node, "title_en");
  rule.source = fields.text(node, "source");
  rule.isVerified = fields.flag(node, "verified");
  if (const std::string fault = faultOf(rule, rule.value); !fault.empty()) {
    fields.fail(node["value"], rule.key + ": value", fault);
  }
  return rule;
}

}  // namespace

ServiceRules ServiceRules::parse(std::string_view yaml, const std::string& fileName) {
  const YamlFields fields(fileName);
  const YAML::Node root = fields.load(yaml);
  fields.checkKeys(root, {"version", "rules"});
  ServiceRules rules;
  rules.version_ = fields.text(root, "version");
  for (const YAML::Node& node : fields.list(root, "rules")) {
    ServiceRule rule = readRule(fields, node);
    if (std::find(kRuleKeys.begin(), kRuleKeys.end(), rule.key) == kRuleKeys.end()) {
      fields.fail(node["key"], rule.key, "is no rule of this program");
    }
    if (find(rules.rules_, rule.key) != nullptr) fields.fail(node["key"], rule.key, "appears twice");
    rules.rules_.push_back(std::move(rule));
  }
  for (std::string_view key : kRuleKeys) {
    if (find(rules.rules_, key) == nullptr) fields.fail(root["rules"], std::string(key), "is missing");
  }
  return rules;
}

const ServiceRules& ServiceRules::shipped() {
  static const ServiceRules kShipped = parse(embeddedRule("service_rules.yaml"), "service_rules.yaml");
  return kShipped;
}

ServiceRules ServiceRules::overlaid(const std::map<std::string, std::string>& values) const {
  ServiceRules rules = *this;
  for (const auto& [key, value] : values) {
    const ServiceRule* known = find(rules.rules_, key);
    if (known == nullptr) {
      throw core::Error(core::ErrorCode::kInvalidInput, "service rule " + key + " does not exist");
    }
    if (const std::string fault = faultOf(*known, value); !fault.empty()) {
      throw core::Error(core::ErrorCode::kInvalidInput, "service rule " + key + " " + fault + ", not " + value);
    }
    ServiceRule& rule = rules.rules_[static_cast<std::size_t>(known - rules.rules_.data())];
    rule.isOverridden = rule.isOverridden || rule.value != value;
    rule.value = value;
    // Equal values give an equal name: what was ruled under them can be found again.
    rules.version_ += "; " + key + "=" + value;
  }
  return rules;
}

const ServiceRule& ServiceRules::get(std::string_view key) const {
  const ServiceRule* rule = find(rules_, key);
  if (rule == nullptr) throw core::Error(core::ErrorCode::kNotFound, "no service rule " + std::string(key));
  return *rule;
}

bool ServiceRules::flag(std::string_view key) const { return get(key).value == "true"; }

int ServiceRules::number(std::string_view key) const {
  const std::optional<int> number = numberOf(get(key).value);
  if (!number) throw core::Error(core::ErrorCode::kNotFound, "service rule " + std::string(key) + " is no number");
  return *number;
}

RollRules ServiceRules::roll() const { return {flag("period.rolls_weekends"), flag("period.rolls_make_up_days")}; }

}  // namespace qianda::delivery
