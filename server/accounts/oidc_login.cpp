#include "server/accounts/oidc_login.h"

#include <Poco/URI.h>

#include "core/id.h"
#include "server/accounts/secrets.h"

namespace qianda::server {
namespace {

using storage::Transaction;

constexpr auto kFlowTime = std::chrono::minutes(10);
constexpr const char* kSelect =
    "SELECT id, organisation, name, issuer, client, secret, created_ms FROM identity_providers ";

std::int64_t ms(core::Instant instant) { return instant.time_since_epoch().count(); }

IdentityProvider read(const storage::Row& row) {
  return {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), row.number(6)};
}

std::optional<IdentityProvider> findProvider(Transaction& transaction, const std::string& id) {
  const auto row = transaction.findRow(std::string(kSelect) + "WHERE id = $1", {id});
  return row ? std::optional(read(*row)) : std::nullopt;
}

[[noreturn]] void refuseFlow() { throw Problem(401, "oidc_failed", "the login at the identity provider failed"); }

struct Flow {
  IdentityProvider provider;
  std::string nonce, verifier;
  std::optional<std::string> user;
};

// Takes the flow away, so that its state counts once.
std::optional<Flow> takeFlow(Transaction& transaction, core::Instant now, const FlowReturn& back) {
  const std::string state = hashOfSecret(back.state);
  const auto row = transaction.findRow(
      "SELECT provider, nonce, verifier, user_id FROM oidc_flows "
      "WHERE state_hash = $1 AND browser_hash = $2 AND provider = $3 AND created_ms > $4",
      {state, hashOfSecret(back.browserToken), back.provider, ms(now - kFlowTime)});
  if (!row || transaction.execute("DELETE FROM oidc_flows WHERE state_hash = $1", {state}) != 1) return std::nullopt;
  const auto provider = findProvider(transaction, row->text(0));
  if (!provider) return std::nullopt;
  return Flow{*provider, row->text(1), row->text(2), row->findText(3)};
}

IdToken askProvider(Accounts& accounts, const Flow& flow, const FlowReturn& back) {
  if (back.issuer && *back.issuer != flow.provider.issuer) refuseFlow();
  try {
    return accounts.oidc.exchange({flow.provider.issuer, flow.provider.client, flow.provider.secret, back.code,
                                   flow.verifier, back.redirect, flow.nonce, accounts.clock()});
  } catch (const core::Error& error) {
    if (error.code() != core::ErrorCode::kInvalidInput) throw;
    accounts.database.write([&](Transaction& transaction) {
      recordAccountEvent(transaction, accounts.clock(), {}, flow.provider.organisation, "login.oidc_refused",
                         {{"identity_provider", flow.provider.id}, {"reason", error.what()}});
    });
    refuseFlow();
  }
}

void link(Transaction& transaction, core::Instant now, const Actor& actor, const Flow& flow, const IdToken& token) {
  const auto user = findUser(transaction, *flow.user);
  if (!user || !user->isActive() || user->organisation != flow.provider.organisation) refuseFlow();
  const std::uint64_t inserted = transaction.execute(
      "INSERT INTO external_logins (id, provider, subject, user_id, created_ms) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (provider, subject) DO NOTHING",
      {core::DocumentId::at(now).text(), flow.provider.id, token.subject, user->id, ms(now)});
  if (inserted == 0) throw Problem(409, "login_linked", "that login belongs to an account already");
  recordAccountEvent(transaction, now, {"user:" + user->id, actor.peer, actor.device}, user->organisation,
                     "user.login_linked", {{"user", user->id}, {"issuer", token.issuer}, {"subject", token.subject}});
}

OpenedSession open(Transaction& transaction, Accounts& accounts, const Actor& actor, const Flow& flow,
                   const IdToken& token) {
  const auto row = transaction.findRow("SELECT user_id FROM external_logins WHERE provider = $1 AND subject = $2",
                                       {flow.provider.id, token.subject});
  const auto user = row ? findUser(transaction, row->text(0)) : std::nullopt;
  if (!user || !user->isActive() || user->organisation != flow.provider.organisation) {
    throw Problem(401, "oidc_not_linked", "no account is linked to that login");
  }
  const core::Instant now = accounts.clock();
  const std::string sessionToken = openSession(transaction, accounts.policy, now, actor, *user, false);
  recordAccountEvent(transaction, now, {"user:" + user->id, actor.peer, actor.device}, user->organisation,
                     "login.succeeded", {{"user", user->id}, {"by", "oidc"}});
  return {sessionToken, *findSession(transaction, accounts.policy, now, sessionToken)};
}

}  // namespace

std::string addIdentityProvider(Transaction& transaction, Accounts& accounts, const Actor& actor,
                                const std::string& organisation, const NewIdentityProvider& provider) {
  if (!accounts.oidc.isIssuer(provider.issuer)) {
    const std::string message = "an issuer is an https address without query";
    throw Problem(422, "body_invalid", message, {{"/issuer", "", "", "format", message}});
  }
  const core::Instant now = accounts.clock();
  const std::string id = core::DocumentId::at(now).text();
  const std::uint64_t inserted = transaction.execute(
      "INSERT INTO identity_providers (id, organisation, name, issuer, client, secret, created_ms) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (organisation, issuer) DO NOTHING",
      {id, organisation, provider.name, provider.issuer, provider.client, provider.secret, ms(now)});
  if (inserted == 0) throw Problem(409, "issuer_taken", "the organisation has a provider with this issuer");
  recordAccountEvent(transaction, now, actor, organisation, "identity_provider.added",
                     {{"identity_provider", id}, {"issuer", provider.issuer}, {"client", provider.client}});
  return id;
}

std::vector<IdentityProvider> listIdentityProviders(Transaction& transaction, const std::string& organisation) {
  std::vector<IdentityProvider> list;
  for (const storage::Row& row :
       transaction.query(std::string(kSelect) + "WHERE organisation = $1 ORDER BY id", {organisation})) {
    list.push_back(read(row));
  }
  return list;
}

void dropIdentityProvider(Transaction& transaction, core::Instant at, const Actor& actor,
                          const std::string& organisation, const std::string& id) {
  const auto provider = findProvider(transaction, id);
  if (!provider || provider->organisation != organisation) refuseUnknown("identity provider");
  transaction.execute("DELETE FROM external_logins WHERE provider = $1", {id});
  transaction.execute("DELETE FROM oidc_flows WHERE provider = $1", {id});
  transaction.execute("DELETE FROM identity_providers WHERE id = $1", {id});
  recordAccountEvent(transaction, at, actor, organisation, "identity_provider.dropped",
                     {{"identity_provider", id}, {"issuer", provider->issuer}});
}

StartedFlow startFlow(Accounts& accounts, const Actor& actor, const std::string& provider, const std::string& redirect,
                      const std::optional<User>& linkedUser) {
  checkRate(accounts, "guess-address:" + rateAddress(actor.peer), accounts.policy.loginPerAddress);
  const auto found = accounts.database.looked<std::optional<IdentityProvider>>(
      [&](Transaction& transaction) { return findProvider(transaction, provider); });
  if (!found || (linkedUser && linkedUser->organisation != found->organisation)) refuseUnknown("identity provider");
  const core::Instant now = accounts.clock();
  const std::string endpoint = accounts.oidc.authorizationEndpoint(found->issuer, now);
  const std::string state = randomToken(), nonce = randomToken(), verifier = randomToken();
  StartedFlow started{"", randomToken()};
  accounts.database.write([&](Transaction& transaction) {
    transaction.execute("DELETE FROM oidc_flows WHERE created_ms < $1", {ms(now - kFlowTime)});
    transaction.execute(
        "INSERT INTO oidc_flows (state_hash, provider, browser_hash, nonce, verifier, user_id, created_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {hashOfSecret(state), found->id, hashOfSecret(started.browserToken), nonce, verifier,
         storage::optionalValue(linkedUser ? std::optional(linkedUser->id) : std::nullopt), ms(now)});
  });
  Poco::URI location(endpoint);
  for (const auto& [name, value] : {std::pair<std::string, std::string>{"response_type", "code"},
                                    {"scope", "openid"},
                                    {"client_id", found->client},
                                    {"redirect_uri", redirect},
                                    {"state", state},
                                    {"nonce", nonce},
                                    {"code_challenge", toBase64Url(sha256(verifier))},
                                    {"code_challenge_method", "S256"}}) {
    location.addQueryParameter(name, value);
  }
  started.location = location.toString();
  return started;
}

std::optional<OpenedSession> finishFlow(Accounts& accounts, const Actor& actor, const FlowReturn& back) {
  checkRate(accounts, "guess-address:" + rateAddress(actor.peer), accounts.policy.loginPerAddress);
  const auto flow = accounts.database.written<std::optional<Flow>>(
      [&](Transaction& transaction) { return takeFlow(transaction, accounts.clock(), back); });
  if (!flow) refuseFlow();
  const IdToken token = askProvider(accounts, *flow, back);
  std::optional<OpenedSession> opened;
  accounts.database.write([&](Transaction& transaction) {
    if (flow->user) {
      link(transaction, accounts.clock(), actor, *flow, token);
    } else {
      opened = open(transaction, accounts, actor, *flow, token);
    }
  });
  return opened;
}

std::vector<ExternalLogin> listExternalLogins(Transaction& transaction, const std::string& user) {
  std::vector<ExternalLogin> list;
  for (const storage::Row& row :
       transaction.query("SELECT e.id, p.name, p.issuer, e.subject, e.created_ms FROM external_logins e "
                         "JOIN identity_providers p ON p.id = e.provider WHERE e.user_id = $1 ORDER BY e.id",
                         {user})) {
    list.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.number(4)});
  }
  return list;
}

void dropExternalLogin(Transaction& transaction, core::Instant at, const Actor& actor, const User& user,
                       const std::string& id) {
  const std::uint64_t dropped =
      transaction.execute("DELETE FROM external_logins WHERE id = $1 AND user_id = $2", {id, user.id});
  if (dropped == 0) refuseUnknown("login");
  recordAccountEvent(transaction, at, actor, user.organisation, "user.login_unlinked", {{"user", user.id}});
}

}  // namespace qianda::server
