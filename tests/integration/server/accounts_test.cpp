// People and tenants over the routes, on both databases.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/accounts/attempts.h"
#include "server/accounts/permissions.h"
#include "tests/support/service.h"

namespace qianda::server {
namespace {

using test::Client;
using test::jsonOf;
using test::Member;
using test::Reply;
using namespace std::chrono_literals;

constexpr const char* kNewPassword = "correct horse battery";

class AccountsTest : public test::OnBothDatabases {
 protected:
  Reply logIn(Client& client, const std::string& login, const std::string& password) {
    return service.send(client, "POST", "/api/v1/login", jsonOf({{"login", login}, {"password", password}}));
  }
  std::string code(const Member& member) { return totpCode(member.secret, service.accounts.clock()); }
  int auditEntries(const std::string& type) {
    return static_cast<int>(database->looked<std::int64_t>([&](storage::Transaction& transaction) {
      return transaction.findRow("SELECT COUNT(*) FROM audit_entries WHERE type = $1", {type})->number(0);
    }));
  }

  test::TestService service{*database};
  std::string organisation = service.createOrganisation("enterprise");
};

TEST_P(AccountsTest, AFirstLoginAsksForAnotherPasswordBeforeAnythingElse) {
  const Member member = service.createUser(organisation, "owner");
  Client client;
  const Reply first = logIn(client, member.login, member.password);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.text("stage"), "password");
  EXPECT_EQ(service.send(client, "GET", "/api/v1/users").status, 403);
  const auto change = [&](const std::string& present, const std::string& next) {
    return service.send(client, "POST", "/api/v1/me/password", jsonOf({{"password", present}, {"new_password", next}}));
  };
  EXPECT_EQ(change(member.password, "short").status, 422);
  EXPECT_EQ(change(member.password, member.password).status, 422) << "the same again";
  EXPECT_EQ(change("wrong", kNewPassword).code(), "password_wrong");
  const std::string before = client.cookies[kSessionCookie];
  const Reply changed = change(member.password, kNewPassword);
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.text("stage"), "full");
  EXPECT_NE(client.cookies[kSessionCookie], before) << "the token changes with the rights";
  EXPECT_EQ(service.send(client, "GET", "/api/v1/users").status, 200);
  EXPECT_EQ(logIn(client, member.login, member.password).status, 401);
  EXPECT_EQ(logIn(client, member.login, kNewPassword).text("stage"), "full");
  EXPECT_EQ(auditEntries("user.password_changed"), 1);
  EXPECT_EQ(auditEntries("login.succeeded"), 2);
}

TEST_P(AccountsTest, ARoleOfSealsEnrolsASecondFactorAndShowsItAtEachLogin) {
  Member member = service.createUser(organisation, "seal_keeper");
  Client client;
  logIn(client, member.login, member.password);
  const Reply changed = service.send(client, "POST", "/api/v1/me/password",
                                     jsonOf({{"password", member.password}, {"new_password", kNewPassword}}));
  EXPECT_EQ(changed.text("stage"), "enrolment");
  EXPECT_EQ(service.send(client, "POST", "/api/v1/me/totp", jsonOf({{"password", "wrong"}})).status, 401);
  const Reply enrolment = service.send(client, "POST", "/api/v1/me/totp", jsonOf({{"password", kNewPassword}}));
  ASSERT_EQ(enrolment.status, 200) << enrolment.body;
  EXPECT_THAT(enrolment.text("uri"), testing::HasSubstr("secret=" + enrolment.text("secret")));
  member.secret = *fromBase32(enrolment.text("secret"));
  const auto confirm = [&](const std::string& text) {
    return service.send(client, "POST", "/api/v1/me/totp/confirm", jsonOf({{"code", text}}));
  };
  EXPECT_EQ(confirm("000000x").status, 401);
  const Reply confirmed = confirm(code(member));
  ASSERT_EQ(confirmed.status, 200) << confirmed.body;
  EXPECT_EQ(confirmed.text("stage"), "full");
  const auto& recovery = confirmed.json.find("recovery_codes")->items();
  ASSERT_EQ(recovery.size(), 10u);

  Client other;
  EXPECT_EQ(logIn(other, member.login, kNewPassword).text("stage"), "second_factor");
  EXPECT_EQ(service.send(other, "GET", "/api/v1/me/sessions").status, 403) << "not even the account's own things";
  const auto prove = [&](const std::string& text) {
    return service.send(other, "POST", "/api/v1/me/second-factor", jsonOf({{"code", text}}));
  };
  EXPECT_EQ(prove(code(member)).code(), "code_wrong") << "the step was used by the enrolment";
  service.turnClock(30s);
  const std::string before = other.cookies[kSessionCookie];
  EXPECT_EQ(prove(code(member)).text("stage"), "full");
  EXPECT_NE(other.cookies[kSessionCookie], before);
  EXPECT_EQ(prove(code(member)).code(), "second_factor_not_expected");

  for (const auto& [text, status] : {std::pair(recovery[3].text(), 200), std::pair(recovery[3].text(), 401)}) {
    logIn(other, member.login, kNewPassword);
    EXPECT_EQ(prove(text).status, status) << "a recovery code counts once";
  }
  EXPECT_EQ(service.send(client, "POST", "/api/v1/me/totp/drop", jsonOf({{"code", recovery[4].text()}})).code(),
            "second_factor_needed");
}

TEST_P(AccountsTest, AnybodyMayEnrolASecondFactorAndDropIt) {
  Member member = service.createMember(organisation, "viewer");
  Client& client = member.client;
  const Reply enrolment = service.send(client, "POST", "/api/v1/me/totp", jsonOf({{"password", member.password}}));
  ASSERT_EQ(enrolment.status, 200) << enrolment.body;
  member.secret = *fromBase32(enrolment.text("secret"));
  Client early;
  EXPECT_EQ(logIn(early, member.login, member.password).text("stage"), "full") << "not confirmed yet";
  EXPECT_EQ(service.send(client, "POST", "/api/v1/me/totp/confirm", jsonOf({{"code", code(member)}})).status, 200);
  EXPECT_EQ(service.send(early, "GET", "/api/v1/me").text("stage"), "second_factor") << "also older sessions";
  EXPECT_EQ(service.send(client, "POST", "/api/v1/me/totp", jsonOf({{"password", member.password}})).code(),
            "second_factor_enrolled");
  service.turnClock(30s);
  const Reply renewed = service.send(client, "POST", "/api/v1/me/recovery-codes", jsonOf({{"code", code(member)}}));
  EXPECT_EQ(renewed.json.find("recovery_codes")->items().size(), 10u);
  service.turnClock(30s);
  EXPECT_EQ(service.send(client, "POST", "/api/v1/me/totp/drop", jsonOf({{"code", code(member)}})).status, 204);
  EXPECT_EQ(service.send(client, "GET", "/api/v1/me").text("stage"), "full");
}

TEST_P(AccountsTest, UnknownLoginsWrongPasswordsAndClosedAccountsLookAlike) {
  const Member member = service.createMember(organisation, "hr"), closed = service.createMember(organisation, "hr");
  Member owner = service.createMember(organisation, "owner");
  EXPECT_EQ(service.send(owner.client, "PATCH", "/api/v1/users/" + closed.id, jsonOf({{"state", "inactive"}})).status,
            200);
  Client client;
  std::set<std::string> answers;
  for (const auto& [login, password] : {std::pair<std::string, std::string>{"nobody@example.com", "some password x"},
                                        {member.login, "some password x"},
                                        {closed.login, closed.password},
                                        {"no login at all!", "x"}}) {
    const Reply reply = logIn(client, login, password);
    EXPECT_EQ(reply.status, 401);
    EXPECT_TRUE(client.cookies.empty());
    answers.insert(reply.code() + reply.text("detail"));
  }
  EXPECT_EQ(answers.size(), 1u);
}

TEST_P(AccountsTest, AfterFiveFailuresALoginWaitsWhetherItExistsOrNot) {
  const Member member = service.createMember(organisation, "hr");
  Member owner = service.createMember(organisation, "owner");
  Client client;
  for (const std::string& login : {member.login, std::string("nobody@example.com")}) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(logIn(client, login, "wrong password").status, 401) << i;
    const Reply locked = logIn(client, login, member.password);
    EXPECT_EQ(locked.status, 429) << "even the right password";
    EXPECT_EQ(locked.header("Retry-After"), "30");
    service.turnClock(31s);
    EXPECT_EQ(logIn(client, login, "wrong password").status, 401);
    EXPECT_EQ(logIn(client, login, "wrong password").header("Retry-After"), "60");
  }
  EXPECT_EQ(service.send(owner.client, "POST", "/api/v1/users/" + member.id + "/unlock").status, 204);
  EXPECT_EQ(logIn(client, member.login, member.password).status, 200);
  EXPECT_EQ(logIn(client, member.login, "wrong password").status, 401) << "counted from the start again";
}

TEST_P(AccountsTest, TheLockOutHoldsAcrossNodes) {
  test::TestService other(*database);
  other.keepTimeWith(service);
  const Member member = service.createMember(organisation, "hr");
  Client client;
  const std::string body = jsonOf({{"login", member.login}, {"password", "wrong password"}});
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ((i % 2 ? other : service).send(client, "POST", "/api/v1/login", body).status, 401);
  EXPECT_EQ(other.send(client, "POST", "/api/v1/login", body).status, 429);
}

TEST_P(AccountsTest, ManyGuessesAtOnceAreNoMoreThanTheLockAllows) {
  const Member member = service.createMember(organisation, "hr");
  std::atomic<int> compared = 0, refused = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      Client client;
      const int status = logIn(client, member.login, "wrong password").status;
      ++(status == 401 ? compared : refused);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(compared, 5);
  EXPECT_EQ(refused, 7);
}

TEST_P(AccountsTest, AKnownPasswordBuysNoFreeGuessesAtTheCode) {
  const Member member = service.createMember(organisation, "seal_keeper");
  Client client;
  int guesses = 0, status = 0;
  for (; guesses < 20; ++guesses) {
    if ((status = logIn(client, member.login, member.password).status) != 200) break;
    if ((status = service.send(client, "POST", "/api/v1/me/second-factor", jsonOf({{"code", "abcdef"}})).status) !=
        401) {
      break;
    }
  }
  EXPECT_EQ(status, 429);
  EXPECT_LE(guesses, 3);
}

TEST_P(AccountsTest, SessionsEndWhenIdleAtTheirLongestAgeAndAtLogout) {
  Member member = service.createMember(organisation, "hr");
  const auto status = [&] { return service.send(member.client, "GET", "/api/v1/me").status; };
  EXPECT_EQ(status(), 200);
  service.turnClock(31min);
  EXPECT_EQ(status(), 401);
  service.openSession(member);
  for (int i = 0; i < 24; ++i) {
    EXPECT_EQ(status(), 200) << i;
    service.turnClock(30min - 1s);
  }
  service.turnClock(1min);
  EXPECT_EQ(status(), 401) << "twelve hours";
  service.openSession(member);
  const Client kept = member.client;
  EXPECT_EQ(service.send(member.client, "POST", "/api/v1/logout").status, 204);
  EXPECT_FALSE(member.client.cookies.contains(kSessionCookie));
  member.client = kept;
  EXPECT_EQ(status(), 401) << "the token is worth nothing afterwards";
}

TEST_P(AccountsTest, SessionsAreListedAndEndedOneByOneOrAll) {
  Member member = service.createMember(organisation, "hr");
  Client first = member.client;
  service.openSession(member);
  const Reply list = service.send(member.client, "GET", "/api/v1/me/sessions");
  ASSERT_EQ(list.json.find("items")->items().size(), 2u);
  for (const Json& session : list.json.find("items")->items()) {
    if (session.find("present")->boolean()) continue;
    const std::string path = "/api/v1/me/sessions/" + session.find("id")->text();
    EXPECT_EQ(service.send(member.client, "DELETE", path).status, 204);
    EXPECT_EQ(service.send(member.client, "DELETE", path).status, 404);
  }
  EXPECT_EQ(service.send(first, "GET", "/api/v1/me").status, 401);
  EXPECT_EQ(service.send(member.client, "DELETE", "/api/v1/me/sessions").status, 204);
  EXPECT_EQ(service.send(member.client, "GET", "/api/v1/me").status, 401);
}

TEST_P(AccountsTest, ATokenIsNowhereInTheDatabase) {
  Member member = service.createMember(organisation, "owner");
  const Reply made = service.send(member.client, "POST", "/api/v1/api-keys",
                                  jsonOf({{"name", "n"}, {"scopes", Json::array({"users:read"})}, {"days", 1}}));
  ASSERT_EQ(made.status, 201) << made.body;
  database->read([&](storage::Transaction& transaction) {
    EXPECT_FALSE(
        transaction.findRow("SELECT 1 FROM sessions WHERE token_hash = $1", {member.client.cookies[kSessionCookie]}));
    EXPECT_TRUE(transaction.findRow("SELECT 1 FROM sessions WHERE token_hash = $1",
                                    {hashOfSecret(member.client.cookies[kSessionCookie])}));
    EXPECT_FALSE(transaction.findRow("SELECT 1 FROM api_keys WHERE hash = $1", {made.text("key")}));
    EXPECT_FALSE(transaction.findRow("SELECT 1 FROM users WHERE password = $1", {member.password}));
    for (const auto& row : transaction.query("SELECT details FROM audit_entries")) {
      EXPECT_EQ(row.text(0).find(made.text("key")), std::string::npos);
      EXPECT_EQ(row.text(0).find(member.password), std::string::npos);
    }
  });
}

TEST_P(AccountsTest, AChangeNeedsTheSessionsCsrfTokenAndNoForeignOrigin) {
  Member owner = service.createMember(organisation, "owner"), other = service.createMember(organisation, "owner");
  const std::string body = jsonOf({{"login", "new.user"}, {"name", "n"}, {"role", "hr"}});
  const auto create = [&](Client client) { return service.send(client, "POST", "/api/v1/users", body); };
  Client client = owner.client;
  client.csrf = "";
  EXPECT_EQ(create(client).code(), "csrf");
  client.csrf = other.client.csrf;
  EXPECT_EQ(create(client).code(), "csrf") << "another session's";
  client = owner.client;
  for (const char* origin : {"https://evil.example", "null", "https://sign.example.evil.example"}) {
    client.headers = {{"Origin", origin}};
    EXPECT_EQ(create(client).code(), "csrf") << origin;
  }
  Client guest;
  guest.headers = {{"Origin", "https://evil.example"}};
  EXPECT_EQ(logIn(guest, owner.login, owner.password).code(), "csrf") << "nor a login of another site's choosing";
  client.headers = {{"Origin", "https://sign.example"}};
  EXPECT_EQ(create(client).status, 201);
  client.csrf = "";
  EXPECT_EQ(service.send(client, "GET", "/api/v1/users").status, 200) << "reading needs none";
}

TEST_P(AccountsTest, TheCookieIsForThisHostOverTlsAndNoScript) {
  const Member member = service.createMember(organisation, "hr");
  Client client;
  const std::string cookie = logIn(client, member.login, member.password).header("Set-Cookie");
  EXPECT_THAT(cookie,
              testing::MatchesRegex("__Host-qianda=[A-Za-z0-9_-]{43}; Path=/; Secure; HttpOnly; SameSite=Strict"));
}

TEST_P(AccountsTest, TwoCookiesOfOneNameAreNone) {
  Member member = service.createMember(organisation, "hr");
  Client client = member.client;
  client.headers = {{"Cookie", std::string(kSessionCookie) + "=x"}};
  EXPECT_EQ(service.send(client, "GET", "/api/v1/me").status, 401);
}

TEST_P(AccountsTest, AKeyHasItsScopesUntilItsExpiryOrItsRevocation) {
  Member owner = service.createMember(organisation, "owner");
  const auto create = [&](const Json& scopes, int days) {
    return service.send(owner.client, "POST", "/api/v1/api-keys",
                        jsonOf({{"name", "payroll"}, {"scopes", scopes}, {"days", days}}));
  };
  EXPECT_EQ(create(Json::array({"organisations:write"}), 1).status, 422) << "the creator has it not";
  EXPECT_EQ(create(Json::array({"account:write"}), 1).status, 422) << "a person's own";
  EXPECT_EQ(create(Json::array({"users:read"}), 367).status, 422);
  EXPECT_EQ(create(Json::array(), 1).status, 422);
  const Reply made = create(Json::array({"users:read"}), 30);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_THAT(made.text("key"), testing::StartsWith("qk_" + made.text("id") + "_"));
  Client client;
  client.bearer = made.text("key");
  EXPECT_EQ(service.send(client, "GET", "/api/v1/me").text("kind"), "api_key");
  EXPECT_EQ(service.send(client, "GET", "/api/v1/users").status, 200);
  EXPECT_EQ(service.send(client, "GET", "/api/v1/organisations").status, 403);
  EXPECT_EQ(service.send(client, "GET", "/api/v1/api-keys").status, 403) << "users only";
  Client twin = client;
  twin.bearer.back() = twin.bearer.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(service.send(twin, "GET", "/api/v1/users").status, 401);
  service.turnClock(30 * 24h + 1s);
  EXPECT_EQ(service.send(client, "GET", "/api/v1/users").status, 401) << "expired";
  service.turnClock(-30 * 24h);
  EXPECT_EQ(service.send(client, "GET", "/api/v1/users").status, 200);
  EXPECT_EQ(service.send(owner.client, "DELETE", "/api/v1/api-keys/" + made.text("id")).status, 204);
  EXPECT_EQ(service.send(client, "GET", "/api/v1/users").status, 401) << "revoked";
  EXPECT_EQ(service.send(owner.client, "DELETE", "/api/v1/api-keys/" + made.text("id")).status, 204);
  EXPECT_EQ(auditEntries("api_key.revoked"), 1);
}

TEST_P(AccountsTest, AKeyNeverHasMoreThanItsCreatorHasNow) {
  Member owner = service.createMember(organisation, "owner"), second = service.createMember(organisation, "owner");
  const Reply made =
      service.send(second.client, "POST", "/api/v1/api-keys",
                   jsonOf({{"name", "n"}, {"scopes", Json::array({"users:read", "envelopes:read"})}, {"days", 30}}));
  Client client;
  client.bearer = made.text("key");
  const std::string path = "/api/v1/users/" + second.id;
  EXPECT_EQ(service.send(owner.client, "PATCH", path, jsonOf({{"role", "viewer"}})).status, 200);
  EXPECT_EQ(service.send(client, "GET", "/api/v1/users").status, 403);
  EXPECT_EQ(service.send(client, "GET", "/api/v1/me").json.find("permissions")->items().size(), 1u);
  EXPECT_EQ(service.send(owner.client, "PATCH", path, jsonOf({{"state", "inactive"}})).status, 200);
  EXPECT_EQ(service.send(client, "GET", "/api/v1/me").status, 401);
}

TEST_P(AccountsTest, AKeysUseIsNotedWithoutAWritePerRequest) {
  Member owner = service.createMember(organisation, "owner");
  const Reply made = service.send(owner.client, "POST", "/api/v1/api-keys",
                                  jsonOf({{"name", "n"}, {"scopes", Json::array({"users:read"})}, {"days", 1}}));
  const auto used = [&] {
    return service.send(owner.client, "GET", "/api/v1/api-keys/" + made.text("id")).json.find("used")->text();
  };
  EXPECT_EQ(used(), "");
  Client client;
  client.bearer = made.text("key");
  service.send(client, "GET", "/api/v1/me");
  const std::string first = used();
  EXPECT_NE(first, "");
  service.turnClock(9min);
  service.send(client, "GET", "/api/v1/me");
  EXPECT_EQ(used(), first);
  service.turnClock(2min);
  service.send(client, "GET", "/api/v1/me");
  EXPECT_NE(used(), first);
}

TEST_P(AccountsTest, RatesAreHeldPerAddressPerAccountAndPerKey) {
  AccountPolicy policy = test::TestService::cheapPolicy();
  policy.loginPerAddress = {3, 6};
  policy.requestsPerKey = {2, 60};
  test::TestService limited(*database, policy);
  Client client;
  const auto attempt = [&] {
    static int number = 0;
    return limited.send(client, "POST", "/api/v1/login",
                        jsonOf({{"login", "nobody" + std::to_string(number++)}, {"password", "x"}}));
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(attempt().status, 401);
  const Reply refused = attempt();
  EXPECT_EQ(refused.status, 429);
  EXPECT_THAT(refused.header("Retry-After"), testing::MatchesRegex("9|10"));
  client.peer = "203.0.113.8";
  EXPECT_EQ(attempt().status, 401) << "another address";

  Member owner = limited.createMember(organisation, "owner");
  Client bearer;
  bearer.bearer = limited
                      .send(owner.client, "POST", "/api/v1/api-keys",
                            jsonOf({{"name", "n"}, {"scopes", Json::array({"users:read"})}, {"days", 1}}))
                      .text("key");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(limited.send(bearer, "GET", "/api/v1/me").status, 200);
  EXPECT_EQ(limited.send(bearer, "GET", "/api/v1/me").header("Retry-After"), "1");
}

TEST_P(AccountsTest, AChangedRoleEndsTheUsersSessions) {
  Member owner = service.createMember(organisation, "owner"), member = service.createMember(organisation, "hr");
  EXPECT_EQ(service.send(owner.client, "PATCH", "/api/v1/users/" + member.id, jsonOf({{"name", "别名"}})).status, 200);
  EXPECT_EQ(service.send(member.client, "GET", "/api/v1/me").status, 200);
  EXPECT_EQ(service.send(owner.client, "PATCH", "/api/v1/users/" + member.id, jsonOf({{"role", "viewer"}})).status,
            200);
  EXPECT_EQ(service.send(member.client, "GET", "/api/v1/me").status, 401);
}

TEST_P(AccountsTest, NobodyRaisesOrClosesThemselves) {
  Member owner = service.createMember(organisation, "owner");
  const std::string path = "/api/v1/users/" + owner.id;
  EXPECT_EQ(service.send(owner.client, "PATCH", path, jsonOf({{"role", "seal_keeper"}})).code(), "own_account");
  EXPECT_EQ(service.send(owner.client, "PATCH", path, jsonOf({{"state", "inactive"}})).code(), "own_account");
  EXPECT_EQ(service.send(owner.client, "PATCH", path, jsonOf({{"second_factor", false}})).code(), "own_account");
  EXPECT_EQ(service.send(owner.client, "POST", path + "/password").code(), "own_account");
  EXPECT_EQ(service.send(owner.client, "PATCH", path, jsonOf({{"name", "新名"}})).status, 200);
}

TEST_P(AccountsTest, AnAdministratorHelpsOutWithAOneTimePassword) {
  Member owner = service.createMember(organisation, "owner"), member = service.createMember(organisation, "hr");
  const Reply reset = service.send(owner.client, "POST", "/api/v1/users/" + member.id + "/password");
  ASSERT_EQ(reset.status, 200) << reset.body;
  EXPECT_EQ(service.send(member.client, "GET", "/api/v1/me").status, 401);
  Client client;
  EXPECT_EQ(logIn(client, member.login, member.password).status, 401);
  EXPECT_EQ(logIn(client, member.login, reset.text("one_time_password")).text("stage"), "password");
}

TEST_P(AccountsTest, LoginsAreUniqueAndPlain) {
  Member owner = service.createMember(organisation, "owner");
  const auto create = [&](const std::string& login, const std::string& role) {
    return service.send(owner.client, "POST", "/api/v1/users",
                        jsonOf({{"login", login}, {"name", "n"}, {"role", role}}));
  };
  EXPECT_EQ(create("Li.Mei@Example.com", "hr").status, 201);
  EXPECT_EQ(create("li.mei@example.com", "hr").code(), "login_taken");
  EXPECT_EQ(create("李梅", "hr").status, 422);
  EXPECT_EQ(create("ab", "hr").status, 422);
  EXPECT_EQ(create("somebody", "supervisor").status, 422) << "a bureau's role";
}

TEST_P(AccountsTest, ASuspendedOrganisationsUsersAndKeysAreRefused) {
  Member administrator = service.createMember(service.createOrganisation("operator"), "administrator");
  Member owner = service.createMember(organisation, "owner");
  Client bearer;
  bearer.bearer = service
                      .send(owner.client, "POST", "/api/v1/api-keys",
                            jsonOf({{"name", "n"}, {"scopes", Json::array({"users:read"})}, {"days", 1}}))
                      .text("key");
  const std::string path = "/api/v1/organisations/" + organisation;
  EXPECT_EQ(service.send(administrator.client, "PATCH", path, jsonOf({{"state", "suspended"}})).status, 200);
  EXPECT_EQ(service.send(owner.client, "GET", "/api/v1/me").status, 401);
  EXPECT_EQ(service.send(bearer, "GET", "/api/v1/me").status, 401);
  Client client;
  EXPECT_EQ(logIn(client, owner.login, owner.password).status, 401);
  EXPECT_EQ(service.send(administrator.client, "PATCH", path, jsonOf({{"state", "active"}})).status, 200);
  EXPECT_EQ(logIn(client, owner.login, owner.password).status, 200);
  EXPECT_EQ(service.send(bearer, "GET", "/api/v1/me").status, 200);
}

TEST_P(AccountsTest, AnOperatorCreatesAnOrganisationAndItsFirstUser) {
  const std::string house = service.createOrganisation("operator");
  Member administrator = service.createMember(house, "administrator");
  const auto create = [&](const std::string& kind, const std::string& uscc) {
    return service.send(administrator.client, "POST", "/api/v1/organisations",
                        jsonOf({{"kind", kind}, {"name", "样例仲裁院"}, {"uscc", uscc}}));
  };
  const std::string uscc = test::drawUscc();
  const Reply made = create("arbitration_court", uscc);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(create("enterprise", uscc).code(), "uscc_taken");
  std::string wrong = test::drawUscc();
  wrong.back() = wrong.back() == '1' ? '2' : '1';
  EXPECT_EQ(create("enterprise", wrong).status, 422);
  EXPECT_EQ(create("bank", test::drawUscc()).status, 422);
  const Reply first = service.send(administrator.client, "POST", "/api/v1/organisations/" + made.text("id") + "/users",
                                   jsonOf({{"login", "presiding"}, {"name", "庭长"}}));
  ASSERT_EQ(first.status, 201) << first.body;
  Client client;
  const Reply in = logIn(client, "presiding", first.text("one_time_password"));
  EXPECT_EQ(in.json.find("user")->find("role")->text(), "presiding");
  EXPECT_EQ(
      service.send(administrator.client, "PATCH", "/api/v1/organisations/" + house, jsonOf({{"state", "suspended"}}))
          .code(),
      "own_organisation");
}

TEST_P(AccountsTest, ListsAreReadPageByPage) {
  Member owner = service.createMember(organisation, "owner");
  for (int i = 0; i < 6; ++i) service.createUser(organisation, "viewer");
  std::set<std::string> seen;
  std::string cursor;
  for (int pages = 0; pages < 10; ++pages) {
    const Reply page = service.send(owner.client, "GET", "/api/v1/users?limit=3" + cursor);
    ASSERT_EQ(page.status, 200) << page.body;
    for (const Json& user : page.json.find("items")->items()) EXPECT_TRUE(seen.insert(user.find("id")->text()).second);
    if (page.json.find("next")->isNull()) break;
    EXPECT_EQ(page.json.find("items")->items().size(), 3u);
    cursor = "&cursor=" + page.text("next");
  }
  EXPECT_EQ(seen.size(), 7u);
  for (const char* bad : {"limit=0", "limit=201", "limit=x", "cursor=abc", "cursor=!!"}) {
    EXPECT_EQ(service.send(owner.client, "GET", std::string("/api/v1/users?") + bad).status, 400) << bad;
  }
}

TEST_P(AccountsTest, EveryEventIsInTheAuditLogOfItsOrganisation) {
  Member owner = service.createMember(organisation, "owner");
  service.send(owner.client, "POST", "/api/v1/users", jsonOf({{"login", "someone"}, {"name", "n"}, {"role", "hr"}}));
  Client client;
  logIn(client, owner.login, "wrong password");
  database->read([&](storage::Transaction& transaction) {
    const auto rows = transaction.query("SELECT type, actor FROM audit_entries WHERE stream = $1 ORDER BY seq",
                                        {"organisation:" + organisation});
    std::vector<std::string> types;
    for (const auto& row : rows) types.push_back(row.text(0) + " " + row.text(1));
    EXPECT_THAT(types, testing::ElementsAre("organisation.created system", "user.created system",
                                            "user.created user:" + owner.id, "login.failed nobody"));
  });
}

TEST_P(AccountsTest, ARefusedChangeLeavesNoTraceInTheAuditLog) {
  Member owner = service.createMember(organisation, "owner");
  const int before = auditEntries("user.changed");
  EXPECT_EQ(service.send(owner.client, "PATCH", "/api/v1/users/" + owner.id, jsonOf({{"role", "hr"}})).status, 409);
  EXPECT_EQ(auditEntries("user.changed"), before);
}

INSTANTIATE_TEST_SUITE_P(Databases, AccountsTest, test::bothDatabases(), test::databaseName);

TEST(LockOut, GrowsFromHalfAMinuteToAnHour) {
  EXPECT_EQ(lockAfter(1), 0s);
  EXPECT_EQ(lockAfter(4), 0s);
  EXPECT_EQ(lockAfter(5), 30s);
  EXPECT_EQ(lockAfter(6), 60s);
  EXPECT_EQ(lockAfter(11), 1920s);
  EXPECT_EQ(lockAfter(12), 3600s);
  EXPECT_EQ(lockAfter(1'000'000), 3600s);
}

}  // namespace
}  // namespace qianda::server
