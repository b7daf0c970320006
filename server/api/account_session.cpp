#include "core/error.h"
#include "server/accounts/authenticate.h"
#include "server/accounts/login.h"
#include "server/api/account_routes.h"
#include "server/http/fields.h"

namespace qianda::server {
namespace {

constexpr TextRule kSecret{.most = 1024, .trimmed = false};

Json permissionsJson(const std::set<std::string>& permissions) {
  Json list = Json::array();
  for (const std::string& permission : permissions) list.push(permission);
  return list;
}

Json sessionJson(const Session& session, const std::string& present) {
  return Json::object({{"id", session.id},
                       {"present", session.id == present},
                       {"created", instantJson(session.createdMs)},
                       {"seen", instantJson(session.seenMs)},
                       {"peer", session.peer},
                       {"device", session.device}});
}

}  // namespace

Accounts& accountsOf(Services& services) {
  if (!services.accounts) throw core::Error(core::ErrorCode::kSystem, "the service has no accounts");
  return *services.accounts;
}

Session sessionOf(Services& services, const Request& request) {
  Accounts& accounts = accountsOf(services);
  const auto session = accounts.database.looked<std::optional<Session>>([&](storage::Transaction& transaction) {
    return findSession(transaction, accounts.policy, accounts.clock(), findSessionToken(request).value_or(""));
  });
  if (!session) throw Problem(401, "unauthenticated", "the session has ended");
  return *session;
}

Json instantJson(std::int64_t ms) { return core::isoInstant(core::Instant(std::chrono::milliseconds(ms))); }

Json instantJson(const std::optional<std::int64_t>& ms) { return ms ? instantJson(*ms) : Json(); }

Response answerNothing() {
  Response response;
  response.status = 204;
  return response;
}

Response answerSession(const std::string& token, const Session& session, Json body) {
  body.set("stage", nameOf(session.stage()));
  body.set("csrf_token", csrfTokenOf(token));
  body.set("user", userJson(session.user));
  body.set("permissions", permissionsJson(permissionsOf(session)));
  Response response = answerJson(body);
  response.headers.push_back(sessionCookie(token));
  return response;
}

Response logIn(Services& services, const Request& request) {
  checkOrigin(services.publicUrl, request);
  Fields body(request);
  const std::string login = body.text("login");
  const std::string password = body.text("password", kSecret);
  body.finish();
  const OpenedSession opened = logIn(accountsOf(services), actorOf(request), login, password);
  return answerSession(opened.token, opened.session);
}

Response logOut(Services& services, const Request& request) {
  Accounts& accounts = accountsOf(services);
  const Session session = sessionOf(services, request);
  accounts.database.write([&](storage::Transaction& transaction) {
    endSession(transaction, session.user.id, session.id);
    recordAccountEvent(transaction, accounts.clock(), actorOf(request), session.user.organisation, "logout",
                       {{"user", session.user.id}});
  });
  Response response = answerNothing();
  response.headers.push_back(endedSessionCookie());
  return response;
}

Response getMe(Services& services, const Request& request) {
  const Principal& principal = request.principal;
  if (principal.kind == Principal::Kind::kUser) {
    const std::string token = findSessionToken(request).value_or("");
    Response response = answerSession(token, sessionOf(services, request), Json::object({{"kind", "user"}}));
    response.headers.clear();  // the cookie stays as it is
    return response;
  }
  return answerJson(Json::object({{"kind", "api_key"},
                                  {"id", principal.id},
                                  {"organisation", principal.organisation},
                                  {"permissions", permissionsJson(principal.permissions)}}));
}

Response proveSecondFactor(Services& services, const Request& request) {
  Fields body(request);
  const std::string code = body.text("code", {.most = 40});
  body.finish();
  const OpenedSession opened =
      proveSecondFactor(accountsOf(services), actorOf(request), sessionOf(services, request), code);
  return answerSession(opened.token, opened.session);
}

Response changePassword(Services& services, const Request& request) {
  Fields body(request);
  const std::string present = body.text("password", kSecret);
  const std::string next = body.text("new_password", kSecret);
  body.finish();
  const OpenedSession opened =
      changePassword(accountsOf(services), actorOf(request), sessionOf(services, request), present, next);
  return answerSession(opened.token, opened.session);
}

Response listMySessions(Services& services, const Request& request) {
  Accounts& accounts = accountsOf(services);
  const Session present = sessionOf(services, request);
  Json list = Json::array();
  accounts.database.read([&](storage::Transaction& transaction) {
    list = Json::array();
    for (const Session& session : listSessions(transaction, accounts.policy, accounts.clock(), present.user)) {
      list.push(sessionJson(session, present.id));
    }
  });
  return answerJson(Json::object({{"items", list}}));
}

Response endMySession(Services& services, const Request& request) {
  Accounts& accounts = accountsOf(services);
  accounts.database.write([&](storage::Transaction& transaction) {
    if (!endSession(transaction, request.principal.id, request.parameter("session"))) refuseUnknown("session");
    recordAccountEvent(transaction, accounts.clock(), actorOf(request), request.principal.organisation, "session.ended",
                       {{"session", request.parameter("session")}});
  });
  return answerNothing();
}

Response endMySessions(Services& services, const Request& request) {
  Accounts& accounts = accountsOf(services);
  accounts.database.write([&](storage::Transaction& transaction) {
    endSessions(transaction, request.principal.id);
    recordAccountEvent(transaction, accounts.clock(), actorOf(request), request.principal.organisation,
                       "session.all_ended", {{"user", request.principal.id}});
  });
  Response response = answerNothing();
  response.headers.push_back(endedSessionCookie());
  return response;
}

}  // namespace qianda::server
