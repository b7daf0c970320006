#include "server/accounts/first_operator.h"

#include "core/error.h"
#include "server/accounts/organisations.h"
#include "server/accounts/permissions.h"
#include "server/accounts/users.h"

namespace qianda::server {

CreatedOperator createFirstOperator(Accounts& accounts, const FirstOperator& first) {
  const Actor actor{"system", "", "qianda admin create-operator"};
  try {
    PreparedUser prepared =
        prepareUser(accounts, {"", first.login, first.userName, firstRole("operator").name, first.password});
    const auto organisation = accounts.database.written<std::string>([&](storage::Transaction& transaction) {
      if (transaction.findRow("SELECT 1 FROM organisations WHERE kind = 'operator'")) {
        throw core::Error(core::ErrorCode::kConflict, "this service has an operator");
      }
      const core::Instant now = accounts.clock();
      const Organisation made =
          createOrganisation(transaction, now, actor, "operator", first.organisationName, first.uscc);
      prepared.user.organisation = made.id;
      insertUser(transaction, now, actor, prepared);
      return made.id;
    });
    return {organisation, prepared.id, prepared.password};
  } catch (const Problem& problem) {
    const std::string place = problem.places.empty() ? "" : problem.places.front().pointer.substr(1) + ": ";
    throw core::Error(problem.status == 409 ? core::ErrorCode::kConflict : core::ErrorCode::kInvalidInput,
                      place + problem.what());
  }
}

}  // namespace qianda::server
