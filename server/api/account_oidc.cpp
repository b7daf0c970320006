#include "server/accounts/authenticate.h"
#include "server/accounts/oidc_login.h"
#include "server/api/account_routes.h"
#include "server/http/fields.h"

namespace qianda::server {
namespace {

std::string callbackOf(const Services& services, const std::string& provider) {
  if (services.publicUrl.empty()) {
    throw Problem(409, "public_url_missing", "identity providers need the service's own address: set public-url");
  }
  return services.publicUrl + "/api/v1/oidc/" + provider + "/callback";
}

// Lax: the provider's page sends the browser back.
std::pair<std::string, std::string> flowCookie(const std::string& token) {
  return {"Set-Cookie", std::string(kFlowCookie) + "=" + token + "; Path=/; Secure; HttpOnly; SameSite=Lax" +
                            (token.empty() ? "; Max-Age=0" : "; Max-Age=600")};
}

Response redirect(const std::string& location) {
  Response response;
  response.status = 303;
  response.headers.emplace_back("Location", location);
  return response;
}

Json providerJson(const IdentityProvider& provider) {
  return Json::object({{"id", provider.id},
                       {"name", provider.name},
                       {"issuer", provider.issuer},
                       {"client", provider.client},
                       {"created", instantJson(provider.createdMs)}});
}

}  // namespace

Response listIdentityProviders(Services& services, const Request& request) {
  Json list = Json::array();
  accountsOf(services).database.read([&](storage::Transaction& transaction) {
    list = Json::array();
    for (const IdentityProvider& provider : listIdentityProviders(transaction, request.principal.organisation)) {
      list.push(providerJson(provider));
    }
  });
  return answerJson(Json::object({{"items", list}}));
}

Response addIdentityProvider(Services& services, const Request& request) {
  Accounts& accounts = accountsOf(services);
  Fields body(request);
  const NewIdentityProvider provider{body.text("name", {.most = 100}), body.text("issuer", {.most = 300}),
                                     body.text("client", {.most = 300}), body.text("secret", {.most = 1000})};
  body.finish();
  const std::string id = accounts.database.written<std::string>([&](storage::Transaction& transaction) {
    return addIdentityProvider(transaction, accounts, actorOf(request), request.principal.organisation, provider);
  });
  return answerJson(Json::object({{"id", id}, {"callback", callbackOf(services, id)}}), 201);
}

Response dropIdentityProvider(Services& services, const Request& request) {
  Accounts& accounts = accountsOf(services);
  accounts.database.write([&](storage::Transaction& transaction) {
    dropIdentityProvider(transaction, accounts.clock(), actorOf(request), request.principal.organisation,
                         request.parameter("provider"));
  });
  return answerNothing();
}

Response startOidcLogin(Services& services, const Request& request) {
  const std::string& provider = request.parameter("provider");
  const StartedFlow started =
      startFlow(accountsOf(services), actorOf(request), provider, callbackOf(services, provider), std::nullopt);
  Response response = redirect(started.location);
  response.headers.push_back(flowCookie(started.browserToken));
  return response;
}

Response finishOidcLogin(Services& services, const Request& request) {
  const std::string& provider = request.parameter("provider");
  const FlowReturn back{provider,
                        callbackOf(services, provider),
                        request.findQuery("state").value_or(""),
                        request.findQuery("code").value_or(""),
                        findCookie(request, kFlowCookie).value_or(""),
                        request.findQuery("iss")};
  const auto opened = finishFlow(accountsOf(services), actorOf(request), back);
  Response response = redirect("/");
  response.headers.push_back(flowCookie(""));
  if (opened) response.headers.push_back(sessionCookie(opened->token));
  return response;
}

Response listExternalLogins(Services& services, const Request& request) {
  Json list = Json::array();
  accountsOf(services).database.read([&](storage::Transaction& transaction) {
    list = Json::array();
    for (const ExternalLogin& login : listExternalLogins(transaction, request.principal.id)) {
      list.push(Json::object({{"id", login.id},
                              {"identity_provider", login.providerName},
                              {"issuer", login.issuer},
                              {"subject", login.subject},
                              {"created", instantJson(login.createdMs)}}));
    }
  });
  return answerJson(Json::object({{"items", list}}));
}

Response linkExternalLogin(Services& services, const Request& request) {
  Fields body(request);
  const std::string provider = body.id("identity_provider");
  body.finish();
  const StartedFlow started = startFlow(accountsOf(services), actorOf(request), provider,
                                        callbackOf(services, provider), sessionOf(services, request).user);
  Response response = answerJson(Json::object({{"location", started.location}}));
  response.headers.push_back(flowCookie(started.browserToken));
  return response;
}

Response dropExternalLogin(Services& services, const Request& request) {
  Accounts& accounts = accountsOf(services);
  const Session session = sessionOf(services, request);
  accounts.database.write([&](storage::Transaction& transaction) {
    dropExternalLogin(transaction, accounts.clock(), actorOf(request), session.user, request.parameter("login"));
  });
  return answerNothing();
}

}  // namespace qianda::server
