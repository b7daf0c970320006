// The law of service as data: which endings count, what a local rule allows, how days are counted, each with its source
// and whether the source was read (verified) or recalled. Recalled rules can be switched; what is switched is shown in
// every ruling that rests on it. Shipped as delivery/rules/service_rules.yaml; a court overlays its own values by key.
// Immutable; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/rules/period.h"

namespace qianda::delivery {

struct ServiceRule {
  std::string key;                   // "e6.refused.day", "electronic.concluding_documents"
  std::string value;                 // "return_noted" | "return_arrived", "true", "3" ...
  std::vector<std::string> choices;  // of value; empty: a number or a text
  std::string titleZh, titleEn;
  std::string source;  // "法院专递规定 11"
  bool isVerified = false;
  bool isOverridden = false;  // by the court's own values
};

class ServiceRules {
 public:
  // Throws kInvalidInput with file, line and key: an unknown key, a value that is none of its choices.
  static ServiceRules parse(std::string_view yaml, const std::string& fileName);
  static const ServiceRules& shipped();
  ServiceRules overlaid(const std::map<std::string, std::string>& values) const;

  const std::string& version() const { return version_; }
  const std::vector<ServiceRule>& all() const { return rules_; }
  const ServiceRule& get(std::string_view key) const;  // throws kNotFound
  bool flag(std::string_view key) const;
  int number(std::string_view key) const;
  RollRules roll() const;

 private:
  std::string version_;
  std::vector<ServiceRule> rules_;
};

}  // namespace qianda::delivery
