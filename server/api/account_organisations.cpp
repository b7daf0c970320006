#include "server/accounts/organisations.h"
#include "server/accounts/permissions.h"
#include "server/accounts/users.h"
#include "server/api/account_routes.h"
#include "server/api/page.h"
#include "server/http/fields.h"

namespace qianda::server {
namespace {

const std::vector<std::string> kStates = {"active", "suspended"};

Json organisationJson(const Organisation& organisation) {
  return Json::object({{"id", organisation.id},
                       {"kind", organisation.kind},
                       {"name", organisation.name},
                       {"uscc", organisation.uscc},
                       {"state", organisation.state},
                       {"created", instantJson(organisation.createdMs)}});
}

Organisation namedOrganisation(Services& services, const Request& request) {
  return accountsOf(services).database.looked<Organisation>([&](storage::Transaction& transaction) {
    return getOrganisation(transaction, request.parameter("organisation"));
  });
}

}  // namespace

Response listOrganisations(Services& services, const Request& request) {
  const Page page = pageOf(request);
  const auto list = accountsOf(services).database.looked<std::vector<Organisation>>(
      [&](storage::Transaction& transaction) { return listOrganisations(transaction, page.after, page.wanted()); });
  return answerPage(page, list, organisationJson);
}

Response createOrganisation(Services& services, const Request& request) {
  Accounts& accounts = accountsOf(services);
  Fields body(request);
  const std::string kind = body.choice("kind", organisationKinds());
  const std::string name = body.text("name", {.most = 200});
  const std::string uscc = body.text("uscc", {.most = 18});
  body.finish();
  const Organisation made = accounts.database.written<Organisation>([&](storage::Transaction& transaction) {
    return createOrganisation(transaction, accounts.clock(), actorOf(request), kind, name, uscc);
  });
  return answerJson(organisationJson(made), 201);
}

Response getOrganisation(Services& services, const Request& request) {
  return answerJson(organisationJson(namedOrganisation(services, request)));
}

Response changeOrganisation(Services& services, const Request& request) {
  Accounts& accounts = accountsOf(services);
  Fields body(request);
  OrganisationChange change;
  change.name = body.findText("name", {.most = 200});
  change.state = body.findChoice("state", kStates);
  body.finish();
  accounts.database.write([&](storage::Transaction& transaction) {
    changeOrganisation(transaction, accounts.clock(), actorOf(request), request.principal.organisation,
                       request.parameter("organisation"), change);
  });
  return answerJson(organisationJson(namedOrganisation(services, request)));
}

Response createFirstUser(Services& services, const Request& request) {
  Fields body(request);
  const std::string login = body.text("login");
  const std::string name = body.text("name", {.most = 100});
  body.finish();
  const Organisation organisation = namedOrganisation(services, request);
  const OneTimePassword made = createUser(accountsOf(services), actorOf(request),
                                          {organisation.id, login, name, firstRole(organisation.kind).name});
  return answerJson(Json::object({{"id", made.user}, {"one_time_password", made.password}}), 201);
}

}  // namespace qianda::server
