// The service without its sockets: the table of routes behind the real chain, over a test's database. A Client is a
// browser (cookies, CSRF token) or the bearer of an API key. Cheap password hashing, no rates in the way, and a clock
// that stands still until the test turns it.
#pragma once

#include <atomic>
#include <map>
#include <string>

#include "server/accounts/authenticate.h"
#include "server/accounts/organisations.h"
#include "server/accounts/permissions.h"
#include "server/accounts/secrets.h"
#include "server/accounts/totp.h"
#include "server/accounts/users.h"
#include "server/http/chain.h"
#include "server/http/json.h"
#include "templates/identity.h"
#include "tests/support/database.h"

namespace qianda::test {

struct Client {
  std::map<std::string, std::string> cookies = {};
  std::string csrf = {}, bearer = {};
  std::string peer = "203.0.113.7";
  std::vector<std::pair<std::string, std::string>> headers = {};  // with each request
};

// Of an answer that is streamed; events that would follow for ever end with the first piece.
class StreamedBody : public server::BodyWriter {
 public:
  explicit StreamedBody(std::string& body) : body_(body) {}
  void write(std::string_view octets) override { body_ += octets; }
  bool stopping() const override { return true; }

 private:
  std::string& body_;
};

struct Reply {
  int status = 0;
  std::string body;
  server::Json json;  // null when the body is none
  std::vector<std::pair<std::string, std::string>> headers;
  const std::string& text(const std::string& name) const {
    const server::Json* member = json.find(name);
    if (!member) throw std::runtime_error("no " + name + " in " + body);
    return member->text();
  }
  std::string code() const { return json.find("code") ? text("code") : ""; }
  std::string header(const std::string& name) const {
    for (const auto& [field, value] : headers) {
      if (field == name) return value;
    }
    return "";
  }
};

inline std::string drawUscc() {
  static std::atomic<int> number = 0;
  const std::string digits = std::to_string(100'000'000 + number++);
  const std::string body = "91000000" + digits;
  return body + templates::usccCheckCharacter(body);
}

// A user with a session at the stage "full".
struct Member {
  std::string id, login, password, role;
  core::Bytes secret;  // of one-time codes; empty when not enrolled
  Client client;
};

class TestService {
 public:
  static server::AccountPolicy cheapPolicy() {
    server::AccountPolicy policy;
    policy.password = {64, 1, 4};
    policy.loginPerAddress = policy.loginPerAccount = policy.requestsPerKey = {1e6, 1e6};
    policy.privateHosts = {"127.0.0.1"};
    return policy;
  }

  explicit TestService(storage::Database& database, server::AccountPolicy policy = cheapPolicy(),
                       std::vector<server::Route> routes = server::routes())
      : accounts(database, std::move(policy), [this] { return started_ + turned_.load(); }) {
    services.database = &database;
    services.accounts = &accounts;
    services.publicUrl = "https://sign.example";
    services.clock = accounts.clock;
    services.authenticate = [this](const server::Request& request) {
      return server::authenticate(accounts, services.publicUrl, request);
    };
    chain_ = std::make_unique<server::Chain>(services, std::move(routes), true, 8, 64, std::chrono::seconds(10));
  }

  void turnClock(std::chrono::milliseconds by) { turned_ = turned_.load() + by; }
  void keepTimeWith(const TestService& other) { turned_ = other.started_ + other.turned_.load() - started_; }

  Reply send(Client& client, const std::string& method, const std::string& target, const std::string& body = "") {
    server::Request request;
    request.method = method;
    request.path = target.substr(0, target.find('?'));
    if (target.find('?') != std::string::npos) request.rawQuery = target.substr(target.find('?') + 1);
    request.peer = client.peer;
    request.headers.emplace("Host", "sign.example");
    std::string cookies;
    for (const auto& [name, value] : client.cookies) cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
    if (!cookies.empty()) request.headers.emplace("Cookie", cookies);
    if (!client.csrf.empty()) request.headers.emplace("X-CSRF-Token", client.csrf);
    if (!client.bearer.empty()) request.headers.emplace("Authorization", "Bearer " + client.bearer);
    for (const auto& [name, value] : client.headers) request.headers.emplace(name, value);
    if (!body.empty()) request.mediaType = "application/json";
    const server::Response response = chain_->answer(request, [&](std::size_t) { return body; });
    return keep(client, response);
  }

  // An organisation of that kind.
  std::string createOrganisation(const std::string& kind, const std::string& name = "珠海样例有限公司") {
    return accounts.database
        .written<server::Organisation>([&](storage::Transaction& transaction) {
          return server::createOrganisation(transaction, accounts.clock(), {}, kind, name, drawUscc());
        })
        .id;
  }

  // A user as an administrator creates one, with the one-time password.
  Member createUser(const std::string& organisation, const std::string& role, const std::string& name = "样例用户") {
    static std::atomic<int> number = 0;
    Member member;
    member.role = role;
    member.login = "user" + std::to_string(number++) + "@example.com";
    const auto made = server::createUser(accounts, {}, {organisation, member.login, name, role});
    member.id = made.user;
    member.password = made.password;
    return member;
  }

  // One who has done all a first login asks for, and is logged in.
  Member createMember(const std::string& organisation, const std::string& role, const std::string& name = "样例用户") {
    Member member = createUser(organisation, role, name);
    accounts.database.write([&](storage::Transaction& transaction) {
      transaction.execute("UPDATE users SET must_change = 0 WHERE id = $1", {member.id});
      if (!server::findUser(transaction, member.id)->needsTotp()) return;
      if (member.secret.empty()) member.secret = server::drawTotpSecret();
      transaction.execute("UPDATE users SET totp_secret = $1, totp_confirmed = 1 WHERE id = $2",
                          {server::toBase32(member.secret), member.id});
    });
    openSession(member);
    return member;
  }

  void openSession(Member& member) {
    const std::string token = accounts.database.written<std::string>([&](storage::Transaction& transaction) {
      const server::Actor actor{"user:" + member.id, member.client.peer, "test"};
      return server::openSession(transaction, accounts.policy, accounts.clock(), actor,
                                 *server::findUser(transaction, member.id), true);
    });
    member.client.cookies[server::kSessionCookie] = token;
    member.client.csrf = server::csrfTokenOf(token);
  }

  server::Accounts accounts;
  server::Services services;

 private:
  Reply keep(Client& client, const server::Response& response) {
    Reply reply{response.status, response.body, {}, response.headers};
    if (response.stream) {
      StreamedBody body(reply.body);
      response.stream(body);
    }
    if (response.mediaType == "application/json" || response.mediaType == "application/problem+json")
      reply.json = server::parseJson(response.body);
    for (const auto& [name, value] : response.headers) {
      if (name != "Set-Cookie") continue;
      const std::size_t equals = value.find('=');
      const std::string cookie = value.substr(0, equals);
      client.cookies[cookie] = value.substr(equals + 1, value.find(';') - equals - 1);
      if (value.find("Max-Age=0") != std::string::npos) client.cookies.erase(cookie);
    }
    if (const server::Json* csrf = reply.json.find("csrf_token")) client.csrf = csrf->text();
    return reply;
  }

  const core::Instant started_ = core::now();
  std::atomic<std::chrono::milliseconds> turned_ = std::chrono::milliseconds(0);
  std::unique_ptr<server::Chain> chain_;
};

inline std::string jsonOf(std::vector<server::Json::Member> members) {
  return server::Json::object(std::move(members)).dump();
}

}  // namespace qianda::test
