#include "server/accounts/attempts.h"
#include "server/accounts/users.h"
#include "server/api/account_routes.h"
#include "server/api/page.h"
#include "server/http/fields.h"

namespace qianda::server {
namespace {

const std::vector<std::string> kStates = {"active", "inactive"};

User ownUser(Services& services, const Request& request) {
  return accountsOf(services).database.looked<User>([&](storage::Transaction& transaction) {
    return getUser(transaction, request.principal.organisation, request.parameter("user"));
  });
}

}  // namespace

Json userJson(const User& user) {
  return Json::object({{"id", user.id},
                       {"organisation", user.organisation},
                       {"organisation_kind", user.kind},
                       {"login", user.login},
                       {"name", user.name},
                       {"role", user.role},
                       {"state", user.state},
                       {"second_factor", user.hasTotp},
                       {"second_factor_needed", user.needsTotp()},
                       {"must_change_password", user.mustChange},
                       {"created", instantJson(user.createdMs)}});
}

Response listUsers(Services& services, const Request& request) {
  const Page page = pageOf(request);
  const auto users = accountsOf(services).database.looked<std::vector<User>>([&](storage::Transaction& transaction) {
    return listUsers(transaction, request.principal.organisation, page.after, page.wanted());
  });
  return answerPage(page, users, userJson);
}

Response createUser(Services& services, const Request& request) {
  Fields body(request);
  const NewUser user{request.principal.organisation, body.text("login"), body.text("name", {.most = 100}),
                     body.text("role", {.most = 40})};
  body.finish();
  const OneTimePassword made = createUser(accountsOf(services), actorOf(request), user);
  return answerJson(Json::object({{"id", made.user}, {"one_time_password", made.password}}), 201);
}

Response getUser(Services& services, const Request& request) {
  return answerJson(userJson(ownUser(services, request)));
}

Response changeUser(Services& services, const Request& request) {
  Fields body(request);
  UserChange change;
  change.name = body.findText("name", {.most = 100});
  change.role = body.findText("role", {.most = 40});
  change.state = body.findChoice("state", kStates);
  if (const auto keeps = body.findBoolean("second_factor")) {
    if (*keeps) body.fault("second_factor", "choice", "only users themselves enrol one");
    change.dropsSecondFactor = true;
  }
  body.finish();
  Accounts& accounts = accountsOf(services);
  accounts.database.write([&](storage::Transaction& transaction) {
    changeUser(transaction, accounts.clock(), actorOf(request), request.principal.id, request.principal.organisation,
               request.parameter("user"), change);
  });
  return answerJson(userJson(ownUser(services, request)));
}

Response resetPassword(Services& services, const Request& request) {
  const OneTimePassword made = resetPassword(accountsOf(services), actorOf(request), request.principal.id,
                                             request.principal.organisation, request.parameter("user"));
  return answerJson(Json::object({{"id", made.user}, {"one_time_password", made.password}}));
}

Response unlockUser(Services& services, const Request& request) {
  Accounts& accounts = accountsOf(services);
  accounts.database.write([&](storage::Transaction& transaction) {
    const User user = getUser(transaction, request.principal.organisation, request.parameter("user"));
    forgetAttempts(transaction, user.login);
    recordAccountEvent(transaction, accounts.clock(), actorOf(request), user.organisation, "user.unlocked",
                       {{"user", user.id}});
  });
  return answerNothing();
}

}  // namespace qianda::server
