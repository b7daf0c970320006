// Signing in at an identity provider, one that is right and one that is wrong in every way.
#include "server/accounts/oidc_login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/oidc_provider.h"
#include "tests/support/service.h"

namespace qianda::server {
namespace {

using test::Client;
using test::jsonOf;
using test::Member;
using test::OidcFault;
using test::Reply;
using namespace std::chrono_literals;

class OidcLoginTest : public test::OnBothDatabases {
 protected:
  void SetUp() override {
    const Reply added = service.send(owner.client, "POST", "/api/v1/identity-providers",
                                     jsonOf({{"name", "公司"},
                                             {"issuer", provider.issuer()},
                                             {"client", test::OidcProvider::kClient},
                                             {"secret", test::OidcProvider::kSecret}}));
    ASSERT_EQ(added.status, 201) << added.body;
    id = added.text("id");
    EXPECT_EQ(added.text("callback"), "https://sign.example/api/v1/oidc/" + id + "/callback");
  }

  // To the provider and back, as `subject`.
  Reply comeBack(Client& client, const std::string& location, const std::string& subject) {
    const std::string back = provider.signIn(location, subject);
    return service.send(client, "GET", back.substr(std::string("https://sign.example").size()));
  }
  Reply logIn(Client& client, const std::string& subject) {
    const Reply start = service.send(client, "GET", "/api/v1/oidc/" + id + "/start");
    EXPECT_EQ(start.status, 303) << start.body;
    return comeBack(client, start.header("Location"), subject);
  }
  Reply link(Member& member, const std::string& subject) {
    const Reply start =
        service.send(member.client, "POST", "/api/v1/me/external-logins", jsonOf({{"identity_provider", id}}));
    EXPECT_EQ(start.status, 200) << start.body;
    return comeBack(member.client, start.text("location"), subject);
  }

  test::OidcProvider provider;
  test::TestService service{*database};
  std::string organisation = service.createOrganisation("enterprise");
  Member owner = service.createMember(organisation, "owner");
  std::string id;
};

TEST_P(OidcLoginTest, OpensASessionForTheLinkedUserByEitherAlgorithm) {
  Member member = service.createMember(organisation, "hr");
  ASSERT_EQ(link(member, "person-1").status, 303);
  for (const char* algorithm : {"RS256", "ES256"}) {
    provider.setAlgorithm(algorithm);
    Client client;
    const Reply in = logIn(client, "person-1");
    ASSERT_EQ(in.status, 303) << in.body;
    EXPECT_EQ(in.header("Location"), "/");
    EXPECT_FALSE(client.cookies.contains(kFlowCookie));
    const Reply me = service.send(client, "GET", "/api/v1/me");
    EXPECT_EQ(me.text("stage"), "full");
    EXPECT_EQ(me.json.find("user")->find("id")->text(), member.id);
  }
  EXPECT_LE(provider.keyFetches(), 1) << "keys are kept";
}

TEST_P(OidcLoginTest, KnowsNobodyByAnythingButTheLink) {
  Client client;
  EXPECT_EQ(logIn(client, owner.login).code(), "oidc_not_linked") << "the subject is a login's name";
  EXPECT_FALSE(client.cookies.contains(kSessionCookie));
}

TEST_P(OidcLoginTest, RefusesEveryFaultOfAProvider) {
  Member member = service.createMember(organisation, "hr");
  ASSERT_EQ(link(member, "person-1").status, 303);
  for (const OidcFault fault :
       {OidcFault::kWrongIssuer, OidcFault::kWrongAudience, OidcFault::kForeignParty, OidcFault::kExpired,
        OidcFault::kNotYet, OidcFault::kAlgorithmNone, OidcFault::kHmacWithPublicKey, OidcFault::kUnknownKey,
        OidcFault::kForeignKey, OidcFault::kWrongNonce, OidcFault::kNoNonce, OidcFault::kNoSubject,
        OidcFault::kOtherAlgorithm, OidcFault::kNotJson}) {
    Client client;
    const Reply start = service.send(client, "GET", "/api/v1/oidc/" + id + "/start");
    provider.setFault(fault);
    const Reply in = comeBack(client, start.header("Location"), "person-1");
    EXPECT_EQ(in.code(), "oidc_failed") << static_cast<int>(fault) << in.body;
    EXPECT_FALSE(client.cookies.contains(kSessionCookie));
    provider.setFault(OidcFault::kNone);
  }
  Client client;
  EXPECT_EQ(logIn(client, "person-1").status, 303) << "right again";
}

TEST_P(OidcLoginTest, RefusesADiscoveryDocumentOfAnotherIssuer) {
  test::TestService fresh(*database);
  provider.setFault(OidcFault::kDiscoveryOfAnother);
  Client client;
  EXPECT_GE(fresh.send(client, "GET", "/api/v1/oidc/" + id + "/start").status, 400);
}

TEST_P(OidcLoginTest, AStateCountsOnceInOneBrowserForTenMinutes) {
  Member member = service.createMember(organisation, "hr");
  ASSERT_EQ(link(member, "person-1").status, 303);
  Client first, second;
  const std::string start = "/api/v1/oidc/" + id + "/start";
  const auto pathOf = [](const std::string& url) { return url.substr(std::string("https://sign.example").size()); };
  const std::string mine = pathOf(provider.signIn(service.send(first, "GET", start).header("Location"), "person-1"));
  const std::string other = pathOf(provider.signIn(service.send(second, "GET", start).header("Location"), "person-1"));
  EXPECT_EQ(service.send(first, "GET", other).code(), "oidc_failed") << "swapped: another browser's state";
  EXPECT_EQ(service.send(first, "GET", mine + "x").code(), "oidc_failed") << "a state nobody made";
  const Client kept = first;
  EXPECT_EQ(service.send(first, "GET", mine).status, 303);
  first = kept;
  EXPECT_EQ(service.send(first, "GET", mine).code(), "oidc_failed") << "twice";
  service.turnClock(10min + 1s);
  EXPECT_EQ(service.send(second, "GET", other).code(), "oidc_failed") << "too late";
}

TEST_P(OidcLoginTest, RefusesAnAnswerThatNamesAnotherIssuer) {
  Member member = service.createMember(organisation, "hr");
  ASSERT_EQ(link(member, "person-1").status, 303);
  Client client;
  const Reply start = service.send(client, "GET", "/api/v1/oidc/" + id + "/start");
  const std::string back = provider.signIn(start.header("Location"), "person-1");
  EXPECT_EQ(service.send(client, "GET", back.substr(20) + "&iss=https%3A%2F%2Fevil.example").code(), "oidc_failed");
}

TEST_P(OidcLoginTest, AsksForTheSecondFactorAsAfterAPassword) {
  Member keeper = service.createMember(organisation, "seal_keeper");
  ASSERT_EQ(link(keeper, "person-2").status, 303);
  Client client;
  ASSERT_EQ(logIn(client, "person-2").status, 303);
  EXPECT_EQ(service.send(client, "GET", "/api/v1/me").text("stage"), "second_factor");
  const std::string code = totpCode(keeper.secret, service.accounts.clock());
  EXPECT_EQ(service.send(client, "POST", "/api/v1/me/second-factor", jsonOf({{"code", code}})).text("stage"), "full");
}

TEST_P(OidcLoginTest, ALoginBelongsToOneAccountUntilItIsUnlinked) {
  Member member = service.createMember(organisation, "hr"), other = service.createMember(organisation, "hr");
  ASSERT_EQ(link(member, "person-1").status, 303);
  EXPECT_EQ(link(other, "person-1").code(), "login_linked");
  const Reply list = service.send(member.client, "GET", "/api/v1/me/external-logins");
  const std::string path = "/api/v1/me/external-logins/" + list.json.find("items")->items().at(0).find("id")->text();
  EXPECT_EQ(service.send(other.client, "DELETE", path).status, 404);
  EXPECT_EQ(service.send(member.client, "DELETE", path).status, 204);
  Client client;
  EXPECT_EQ(logIn(client, "person-1").code(), "oidc_not_linked");
}

TEST_P(OidcLoginTest, AClosedUserIsRefused) {
  Member member = service.createMember(organisation, "hr");
  ASSERT_EQ(link(member, "person-1").status, 303);
  EXPECT_EQ(service.send(owner.client, "PATCH", "/api/v1/users/" + member.id, jsonOf({{"state", "inactive"}})).status,
            200);
  Client client;
  EXPECT_EQ(logIn(client, "person-1").status, 401);
}

TEST_P(OidcLoginTest, ARemovedProviderOpensNothing) {
  Member member = service.createMember(organisation, "hr");
  ASSERT_EQ(link(member, "person-1").status, 303);
  EXPECT_EQ(service.send(owner.client, "DELETE", "/api/v1/identity-providers/" + id).status, 204);
  Client client;
  EXPECT_EQ(service.send(client, "GET", "/api/v1/oidc/" + id + "/start").status, 404);
}

TEST_P(OidcLoginTest, AnIssuerIsAnHttpsAddressOrAHostTheOperatorNames) {
  for (const char* issuer :
       {"http://id.example", "https://id.example?x", "ftp://id.example", "id.example", "https://user@id.example"}) {
    EXPECT_EQ(service
                  .send(owner.client, "POST", "/api/v1/identity-providers",
                        jsonOf({{"name", "n"}, {"issuer", issuer}, {"client", "c"}, {"secret", "s"}}))
                  .status,
              422)
        << issuer;
  }
}

INSTANTIATE_TEST_SUITE_P(Databases, OidcLoginTest, test::bothDatabases(), test::databaseName);

}  // namespace
}  // namespace qianda::server
