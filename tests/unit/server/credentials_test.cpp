// Passwords, one-time codes, secrets and rates.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/accounts/passwords.h"
#include "server/accounts/rate_limit.h"
#include "server/accounts/secrets.h"
#include "server/accounts/totp.h"

namespace qianda::server {
namespace {

constexpr PasswordCost kCheap{64, 1, 2};

TEST(Passwords, AreRightOnlyWhenTheSame) {
  PasswordHasher hasher(kCheap);
  const std::string encoded = hasher.hash("correct horse battery");
  EXPECT_THAT(encoded, testing::StartsWith("$argon2id$v=19$m=64,t=1,p=1$"));
  EXPECT_NE(encoded, hasher.hash("correct horse battery")) << "no salt";
  EXPECT_TRUE(hasher.isRight("correct horse battery", encoded));
  EXPECT_FALSE(hasher.isRight("correct horse batterY", encoded));
  EXPECT_FALSE(hasher.isRight("", encoded));
  EXPECT_FALSE(hasher.isRight("correct horse battery", std::nullopt));
}

TEST(Passwords, AreMadeAnewWhenTheCostRose) {
  PasswordHasher cheap(kCheap), dearer({128, 1, 2}), longer({64, 2, 2});
  const std::string encoded = cheap.hash("correct horse battery");
  EXPECT_FALSE(cheap.isOutdated(encoded));
  EXPECT_TRUE(dearer.isOutdated(encoded));
  EXPECT_TRUE(longer.isOutdated(encoded));
  EXPECT_TRUE(dearer.isRight("correct horse battery", encoded)) << "still checked";
  EXPECT_TRUE(cheap.isOutdated("$argon2i$v=19$m=4096,t=3,p=1$x$y"));
}

TEST(Passwords, AreHashedByManyThreadsInTurn) {
  PasswordHasher hasher({64, 1, 1});
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  const std::string encoded = hasher.hash("correct horse battery");
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { right += hasher.isRight("correct horse battery", encoded); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 8);
}

TEST(Passwords, NewOnesAreRefusedForAReason) {
  const auto fault = [](const std::string& password) {
    return findPasswordFault(password, "li.mei@example.com", "李梅梅").value_or("good");
  };
  EXPECT_EQ(fault("correct horse battery"), "good");
  EXPECT_EQ(fault("一二三四五六七八九十甲乙"), "good") << "characters count, not octets";
  EXPECT_EQ(fault("shortpasswo"), "too_short");
  EXPECT_EQ(fault(std::string(128, 'a') + std::string(129, 'b')), "too_long");
  EXPECT_EQ(fault("\xff\xfe\xfd\xfc\xff\xfe\xfd\xfc\xff\xfe\xfd\xfc"), "not_utf8");
  EXPECT_EQ(fault("my LI.MEI@example.com"), "own_name");
  EXPECT_EQ(fault("secret li.mei 77"), "own_name");
  EXPECT_EQ(fault("秘密李梅梅12345678"), "own_name");
  EXPECT_EQ(fault("PasswordPassword"), "too_common");
  EXPECT_EQ(fault("Administrator"), "too_common");
  EXPECT_EQ(fault("aaaaaaaaaaaab"), "too_common");
  EXPECT_EQ(fault("abcabcabcabcabc"), "too_common");
  EXPECT_EQ(fault("qwert7qwert7qwert7"), "too_common");
  EXPECT_EQ(fault("1234567890123456"), "too_common");
  EXPECT_EQ(fault("ponmlkjihgfedcba"), "too_common");
}

// RFC 4226 appendix D.
TEST(OneTimeCodes, AreThoseOfRfc4226) {
  const char* expected[] = {"755224", "287082", "359152", "969429", "338314",
                            "254676", "287922", "162583", "399871", "520489"};
  for (std::uint64_t i = 0; i < 10; ++i) EXPECT_EQ(hotpCode(core::viewOf("12345678901234567890"), i), expected[i]);
}

// RFC 6238 appendix B, SHA-1.
TEST(OneTimeCodes, AreThoseOfRfc6238) {
  const std::pair<std::int64_t, const char*> cases[] = {{59, "94287082"},         {1111111109, "07081804"},
                                                        {1111111111, "14050471"}, {1234567890, "89005924"},
                                                        {2000000000, "69279037"}, {20000000000, "65353130"}};
  for (const auto& [seconds, code] : cases) {
    const auto step = totpStep(core::Instant(std::chrono::seconds(seconds)));
    EXPECT_EQ(hotpCode(core::viewOf("12345678901234567890"), static_cast<std::uint64_t>(step), 8), code);
  }
}

TEST(OneTimeCodes, CountOneStepAroundNowAndOnce) {
  const core::Bytes secret = drawTotpSecret();
  const core::Instant now(std::chrono::seconds(1'800'000'015));
  const auto codeAt = [&](int seconds) { return totpCode(secret, now + std::chrono::seconds(seconds)); };
  const std::int64_t step = totpStep(now);
  EXPECT_EQ(findTotpStep(secret, codeAt(0), now, 0), step);
  EXPECT_EQ(findTotpStep(secret, codeAt(-30), now, 0), step - 1);
  EXPECT_EQ(findTotpStep(secret, codeAt(30), now, 0), step + 1);
  EXPECT_EQ(findTotpStep(secret, codeAt(0), now, step), std::nullopt) << "used";
  EXPECT_EQ(findTotpStep(secret, codeAt(-30), now, step), std::nullopt) << "older than one used";
  EXPECT_EQ(findTotpStep(secret, codeAt(30), now, step), step + 1);
  EXPECT_EQ(findTotpStep(secret, "", now, 0), std::nullopt);
  // Two steps away, unless the six digits happen to be the same as one of the window.
  for (const int away : {-60, 60}) {
    const std::string code = codeAt(away);
    if (code != codeAt(0) && code != codeAt(-30) && code != codeAt(30)) {
      EXPECT_EQ(findTotpStep(secret, code, now, 0), std::nullopt);
    }
  }
}

TEST(OneTimeCodes, AreEnrolledByAnAddressAppsRead) {
  EXPECT_EQ(otpauthUri(core::viewOf("12345678901234567890"), "Qianda 签达", "li@example.com"),
            "otpauth://totp/Qianda%20%E7%AD%BE%E8%BE%BE:li%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
            "&issuer=Qianda%20%E7%AD%BE%E8%BE%BE&algorithm=SHA1&digits=6&period=30");
}

TEST(RecoveryCodes, AreReadAsPeopleTypeThem) {
  const auto codes = drawRecoveryCodes();
  ASSERT_EQ(codes.size(), 10u);
  for (const std::string& code : codes) {
    EXPECT_THAT(code, testing::MatchesRegex("[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}"));
    std::string typed;
    for (const char c : code) typed += c == '-' ? std::string(" ") : std::string(1, static_cast<char>(std::tolower(c)));
    EXPECT_EQ(readRecoveryCode(typed), code);
  }
  EXPECT_EQ(readRecoveryCode("ABCD-EFGH-IJKL"), std::nullopt);
  EXPECT_EQ(readRecoveryCode("1BCD-EFGH-IJKL-MNOP"), std::nullopt);
}

TEST(Secrets, HaveOneSpelling) {
  const std::pair<const char*, const char*> url[] = {
      {"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"\xfb\xff", "-_8"}};
  for (const auto& [plain, text] : url) {
    EXPECT_EQ(toBase64Url(core::viewOf(plain)), text);
    EXPECT_EQ(fromBase64Url(text).value(), core::Bytes(core::viewOf(plain).begin(), core::viewOf(plain).end()));
  }
  for (const char* bad : {"Zg==", "Zh", "Z", "Zm9vZ", "+/8", "Zm 8"})
    EXPECT_EQ(fromBase64Url(bad), std::nullopt) << bad;
  EXPECT_EQ(toBase32(core::viewOf("foobar")), "MZXW6YTBOI");
  EXPECT_EQ(toBase64(core::viewOf("foobar!")), "Zm9vYmFyIQ==");
  EXPECT_EQ(randomToken().size(), 43u);
  EXPECT_NE(randomToken(), randomToken());
  EXPECT_EQ(hashOfSecret("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Rates, LetABurstThroughAndThenTellHowLongToWait) {
  RateLimiter limiter;
  const Rate rate{3, 6};
  core::Instant now(std::chrono::seconds(1'800'000'000));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.take("a", rate, now), std::nullopt);
  EXPECT_EQ(limiter.take("a", rate, now), std::chrono::seconds(10));
  EXPECT_EQ(limiter.take("b", rate, now), std::nullopt) << "another key";
  now += std::chrono::seconds(4);
  EXPECT_EQ(limiter.take("a", rate, now), std::chrono::seconds(6));
  now += std::chrono::seconds(6);
  EXPECT_EQ(limiter.take("a", rate, now), std::nullopt);
  EXPECT_NE(limiter.take("a", rate, now - std::chrono::hours(1)), std::nullopt) << "a clock set back gives nothing";
  now += std::chrono::hours(1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.take("a", rate, now), std::nullopt) << "never more than the burst";
  EXPECT_NE(limiter.take("a", rate, now), std::nullopt);
}

TEST(Rates, ForgetTheKeysUsedLongestAgo) {
  RateLimiter limiter(nullptr, 2);
  const Rate rate{1, 1};
  const core::Instant now(std::chrono::seconds(1'800'000'000));
  EXPECT_EQ(limiter.take("a", rate, now), std::nullopt);
  EXPECT_EQ(limiter.take("b", rate, now), std::nullopt);
  EXPECT_NE(limiter.take("a", rate, now), std::nullopt);
  EXPECT_EQ(limiter.take("c", rate, now), std::nullopt);
  EXPECT_NE(limiter.take("a", rate, now), std::nullopt) << "b was older";
}

TEST(Rates, TakeANetworkOfIpv6ForOneClient) {
  EXPECT_EQ(rateAddress("203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(rateAddress("2001:db8::1"), rateAddress("2001:db8::ffff:1"));
  EXPECT_NE(rateAddress("2001:db8::1"), rateAddress("2001:db8:0:1::1"));
  EXPECT_NE(rateAddress("::ffff:203.0.113.7"), rateAddress("::ffff:203.0.113.8"));
}

}  // namespace
}  // namespace qianda::server
