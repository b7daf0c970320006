// What of the configuration concerns accounts.
#pragma once

#include "server/accounts/accounts.h"
#include "server/config/configuration.h"

namespace qianda::server {

AccountPolicy accountPolicyOf(const Configuration& configuration);
PasswordCost passwordCostOf(const Configuration& configuration);

}  // namespace qianda::server
