#include "server/accounts/account_settings.h"

#include <algorithm>

namespace qianda::server {

PasswordCost passwordCostOf(const Configuration& configuration) {
  PasswordCost cost;
  cost.memoryKib = static_cast<std::uint32_t>(configuration.octets("password-memory") >> 10);
  cost.passes = static_cast<std::uint32_t>(configuration.integer("password-passes"));
  cost.parallel = static_cast<int>(configuration.integer("password-hashings"));
  return cost;
}

AccountPolicy accountPolicyOf(const Configuration& configuration) {
  AccountPolicy policy;
  policy.password = passwordCostOf(configuration);
  policy.sessionIdle = configuration.duration("session-idle-time");
  policy.sessionLongest = configuration.duration("session-longest-time");
  const auto logins = static_cast<double>(configuration.integer("login-rate"));
  policy.loginPerAddress = {logins, logins};
  policy.loginPerAccount = {logins / 3, logins / 3};
  const auto requests = static_cast<double>(configuration.integer("key-rate"));
  policy.requestsPerKey = {std::max(1.0, requests / 10), requests};
  policy.privateHosts = configuration.list("outbound-private");
  return policy;
}

}  // namespace qianda::server
