#include "server/accounts/id_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_of.h"
#include "tests/support/oidc_provider.h"

namespace qianda::server {
namespace {

using test::OidcFault;

constexpr const char* kIssuer = "https://id.example";
constexpr const char* kClient = "client";
const core::Instant kNow = core::Instant(std::chrono::seconds(1'800'000'000));

class IdTokens : public testing::Test {
 protected:
  std::string judge(const std::string& token) {
    return test::errorOf([&] { checkIdToken(token, keys, {kIssuer, kClient, "nonce", kNow}); });
  }
  std::string token(OidcFault fault, const std::string& algorithm = "RS256") {
    return signer.token(kIssuer, kClient, "person", "nonce", kNow, algorithm, fault);
  }
  test::OidcSigner signer;
  JsonWebKeys keys = parseJsonWebKeys(signer.keys());
};

TEST_F(IdTokens, AreAcceptedByEitherAlgorithm) {
  for (const char* algorithm : {"RS256", "ES256"}) {
    const IdToken read = checkIdToken(token(OidcFault::kNone, algorithm), keys, {kIssuer, kClient, "nonce", kNow});
    EXPECT_EQ(read.subject, "person");
    EXPECT_EQ(read.issuer, kIssuer);
  }
}

TEST_F(IdTokens, WithAFaultAreRefusedForThatFault) {
  const std::pair<OidcFault, const char*> cases[] = {
      {OidcFault::kWrongIssuer, "iss"},
      {OidcFault::kWrongAudience, "aud"},
      {OidcFault::kForeignParty, "azp"},
      {OidcFault::kExpired, "exp"},
      {OidcFault::kNotYet, "iat"},
      {OidcFault::kAlgorithmNone, "the algorithm is not the key's"},
      {OidcFault::kHmacWithPublicKey, "the algorithm is not the key's"},
      {OidcFault::kOtherAlgorithm, "the algorithm is not the key's"},
      {OidcFault::kUnknownKey, "no such key"},
      {OidcFault::kForeignKey, "the signature is wrong"},
      {OidcFault::kWrongNonce, "nonce"},
      {OidcFault::kNoNonce, "nonce"},
      {OidcFault::kNoSubject, "sub"},
  };
  for (const auto& [fault, reason] : cases) EXPECT_THAT(judge(token(fault)), testing::HasSubstr(reason));
}

TEST_F(IdTokens, ChangedByOneCharacterAreRefused) {
  const std::string good = token(OidcFault::kNone);
  ASSERT_EQ(judge(good), "accepted");
  for (std::size_t i = 0; i < good.size(); i += 7) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(judge(bad), "accepted") << i;
  }
}

TEST_F(IdTokens, AreRefusedWithACriticalExtension) {
  const std::string token =
      signer.token(R"({"alg":"RS256","kid":"r","crit":["x"],"x":1})", R"({"iss":"https://id.example"})", "RS256");
  EXPECT_THAT(judge(token), testing::HasSubstr("critical"));
}

TEST_F(IdTokens, ThatAreNoTokensAreRefused) {
  for (const char* text : {"", "a", "a.b", "a.b.c.d", "!.!.!", "e30.e30."}) EXPECT_NE(judge(text), "accepted") << text;
}

TEST(JsonWebKeySets, LeaveOutKeysThatMayNotSign) {
  const test::OidcSigner signer;
  std::string keys = signer.keys();
  EXPECT_EQ(parseJsonWebKeys(keys).size(), 2u);
  keys.replace(keys.find("\"sig\""), 5, "\"enc\"");
  EXPECT_EQ(parseJsonWebKeys(keys).size(), 1u);
  EXPECT_TRUE(parseJsonWebKeys(R"({"keys":[{"kty":"RSA","kid":"s","n":"AQAB","e":"AQAB"}]})").empty());
  EXPECT_TRUE(parseJsonWebKeys(R"({"keys":[{"kty":"EC","kid":"s","crv":"P-256","x":"AA","y":"AA"}, 3]})").empty());
  EXPECT_NE(test::errorOf([] { parseJsonWebKeys("[]"); }), "accepted");
  EXPECT_NE(test::errorOf([] { parseJsonWebKeys("{}"); }), "accepted");
}

}  // namespace
}  // namespace qianda::server
