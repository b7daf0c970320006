// The first user of a new service: the operator's organisation with its administrator. Made on the machine itself,
// beside the database, and once; there are no default credentials.
#pragma once

#include <optional>
#include <string>

#include "server/accounts/accounts.h"

namespace qianda::server {

struct FirstOperator {
  std::string organisationName, uscc, login, userName;
  std::optional<std::string> password;  // else a one-time password is drawn
};
struct CreatedOperator {
  std::string organisation, user, password;
};
// Throws kConflict when there is an operator, kInvalidInput for what is at fault.
CreatedOperator createFirstOperator(Accounts& accounts, const FirstOperator& first);

}  // namespace qianda::server
