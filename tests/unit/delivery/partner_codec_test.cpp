// SM4 and HMAC against OpenSSL's own command, and the strict reader behind them.
#include <gtest/gtest.h>

#include "core/error.h"
#include "delivery/partner/strict_json.h"
#include "delivery/post/waybill.h"
#include "tests/support/error_of.h"
#include "tests/support/postal.h"
#include "tests/support/process.h"

namespace qianda::delivery {
namespace {

using test::errorOf;
using Outcome = Sm4Opening::Outcome;

std::string hexOf(const std::string& base64) { return core::toHex(*core::fromBase64(base64)); }

// openssl enc -sm4-ecb over a file.
std::string opensslSm4(const std::string& octets, const std::string& key, bool encrypts) {
  const test::TempFolder folder;
  core::writeFile(folder / "in", octets);
  std::vector<std::string> command{"openssl", "enc",         "-sm4-ecb", "-K",          hexOf(key),
                                   "-in",     folder / "in", "-out",     folder / "out"};
  if (!encrypts) command.push_back("-d");
  const test::Output output = test::run(command);
  EXPECT_EQ(output.status, 0) << output.err;
  return core::readFile(folder / "out");
}

TEST(Sm4Envelope, IsWhatOpensslMakesOfJsonAndKey) {
  const std::string json = R"({"waybillNo":"1272448151316","name":"张三丰"})";
  for (int i = 0; i < 8; ++i) {
    const std::string key = test::randomKey(16), padded = json + std::string(static_cast<std::size_t>(i * 3), ' ');
    const std::string sealed = sealSm4(padded, key);
    ASSERT_TRUE(sealed.starts_with("|$4|"));
    const auto octets = core::fromBase64(sealed.substr(4));
    ASSERT_TRUE(octets);
    EXPECT_EQ(core::textOf(*octets), opensslSm4(padded + key, key, true));
    EXPECT_EQ(opensslSm4(std::string(core::textOf(*octets)), key, false), padded + key);
  }
}

TEST(Sm4Envelope, OpensWhatOpensslMade) {
  const std::string key = test::randomKey(16), json = R"({"a":"1"})";
  const std::string made = opensslSm4(json + key, key, true);
  const Sm4Opening opening = openSm4("|$4|" + core::toBase64(core::viewOf(made)), key);
  EXPECT_EQ(opening.outcome, Outcome::kOpened) << opening.reason;
  EXPECT_EQ(opening.json, json);
}

// GB/T 32907-2016 A.1: key and plain text 0123456789abcdeffedcba9876543210.
TEST(Sm4Envelope, FollowsTheVectorOfTheStandard) {
  const std::string octets(core::textOf(core::fromHex("0123456789abcdeffedcba9876543210")));
  const std::string sealed = sealSm4(octets, core::toBase64(core::viewOf(octets)), false);
  EXPECT_EQ(core::toHex(*core::fromBase64(sealed.substr(4))).substr(0, 32), "681edf34d206965e86b3e94f536e4246");
}

TEST(Sm4Envelope, RefusesEveryOtherShape) {
  const std::string key = test::randomKey(16), sealed = sealSm4(R"({"a":1})", key);
  EXPECT_EQ(openSm4(sealed, key).outcome, Outcome::kOpened);
  EXPECT_EQ(openSm4(sealed.substr(4), key).outcome, Outcome::kMalformed);
  EXPECT_EQ(openSm4("|$4|", key).outcome, Outcome::kMalformed);
  EXPECT_EQ(openSm4(sealed + "!", key).outcome, Outcome::kMalformed);
  EXPECT_EQ(openSm4("|$4|" + core::toBase64(core::viewOf("seventeen octets!")), key).outcome, Outcome::kMalformed);
  EXPECT_EQ(openSm4(sealed, test::randomKey(16)).outcome, Outcome::kWrongKey);
  EXPECT_EQ(openSm4(sealSm4(R"({"a":1})", key, false), key).outcome, Outcome::kWrongKey);
  EXPECT_NE(errorOf([&] { sealSm4("{}", test::randomKey(15)); }), "accepted");
}

TEST(WebhookSignature, IsWhatOpensslMakes) {
  const std::string octets(32, 'k'), secret = "whsec_" + core::toBase64(core::viewOf(octets));
  const std::string body = R"({"type":"mail.events"})";
  const Headers headers = signWebhook({secret}, "msg-1", test::morning(), body);
  const test::TempFolder folder;
  core::writeFile(folder / "in", "msg-1." + headers[1].second + "." + body);
  const test::Output output =
      test::run({"openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:" + core::toHex(core::viewOf(octets)),
                 "-binary", "-out", folder / "mac", folder / "in"});
  ASSERT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(headers[2].second, "v1," + core::toBase64(core::viewOf(core::readFile(folder / "mac"))));
}

TEST(WebhookSignature, ListsOneSignatureForEachKeySoThatKeysCanBeExchanged) {
  const std::string older = "whsec_" + test::randomKey(32), newer = "whsec_" + test::randomKey(24), body = "{}";
  const auto now = test::morning();
  const std::chrono::seconds window(300);
  const Headers both = signWebhook({newer, older}, "m", now, body);
  EXPECT_TRUE(checkWebhook({older}, both, body, now, window).isGenuine);
  EXPECT_TRUE(checkWebhook({newer}, both, body, now, window).isInTime);
  EXPECT_TRUE(checkWebhook({newer, older}, signWebhook({older}, "m", now, body), body, now, window).isGenuine);
  EXPECT_FALSE(checkWebhook({newer}, signWebhook({older}, "m", now, body), body, now, window).isGenuine);
}

TEST(WebhookSignature, CoversIdTimeAndBody) {
  const std::vector<std::string> keys{"whsec_" + test::randomKey(32)};
  const auto now = test::morning();
  const std::chrono::seconds window(300);
  const Headers good = signWebhook(keys, "m", now, "{}");
  EXPECT_TRUE(checkWebhook(keys, good, "{}", now, window).isInTime);
  EXPECT_FALSE(checkWebhook(keys, good, "{} ", now, window).isGenuine);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Headers changed = good;
    changed[i].second.back() = changed[i].second.back() == '1' ? '2' : '1';
    EXPECT_FALSE(checkWebhook(keys, changed, "{}", now, window).isGenuine) << good[i].first;
    Headers missing = good, twice = good;
    missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(i));
    twice.push_back(good[i]);
    EXPECT_FALSE(checkWebhook(keys, missing, "{}", now, window).isReadable);
    EXPECT_FALSE(checkWebhook(keys, twice, "{}", now, window).isReadable);
  }
  EXPECT_TRUE(checkWebhook(keys, good, "{}", now + window, window).isInTime);
  EXPECT_FALSE(checkWebhook(keys, good, "{}", now + window + std::chrono::seconds(1), window).isInTime);
  EXPECT_FALSE(checkWebhook(keys, good, "{}", now - window - std::chrono::seconds(1), window).isInTime);
}

TEST(StrictJson, RefusesWhatTwoReadersCouldReadDifferently) {
  EXPECT_EQ(textAt(*parseStrictObject(R"({"a":"b","n":12,"nothing":null})"), "n"), "12");
  EXPECT_EQ(textAt(*parseStrictObject(R"({"a":"b","nothing":null})"), "nothing"), "");
  for (const std::string text : {"", "nonsense", "\"text\"", "12", R"({"a":1,"a":2})", R"({"a":1}x)", R"({"a":1}{})",
                                 R"({"a":1)", R"(["a")", R"({"a":"\u0000"})", "{\"a\":\"line\nbreak\"}",
                                 "{\"a\":\"\xff\"}", R"({"a":/* */1})", R"({a:1})", "[1,]", R"({"o":{"b":1,"b":1}})"}) {
    EXPECT_NE(errorOf([&] { parseStrictJson(text); }), "accepted") << text;
  }
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(errorOf([&] { parseStrictJson(nested(8)); }), "accepted");
  EXPECT_NE(errorOf([&] { parseStrictJson(nested(40)); }), "accepted");
  EXPECT_NE(errorOf([&] { textAt(*parseStrictObject(R"({"a":[1]})"), "a"); }), "accepted");
  EXPECT_NE(errorOf([&] { textAt(*parseStrictObject(R"({"a":true})"), "a"); }), "accepted");
  EXPECT_NE(errorOf([&] { requireText(*parseStrictObject("{}"), "a"); }), "accepted");
}

TEST(PostText, KnowsTimesAndNumbersOfItems) {
  EXPECT_EQ(postTime(test::morning()), "2026-03-02 09:00:00");
  EXPECT_EQ(parsePostTime("2026-03-02 09:00:00"), test::morning());
  EXPECT_EQ(parseIsoInstant("2026-03-02T01:00:00Z"), test::morning());
  for (const char* text : {"2026-03-02T09:00:00", "2026-13-02 09:00:00", "2026-02-30 09:00:00", "2026-03-02 24:00:00",
                           "2026-03-02 09:60:00", "2026-03-02 09:00:00 ", "", "2026-3-2 9:0:0"}) {
    EXPECT_FALSE(parsePostTime(text)) << text;
  }
  for (const char* number : {"1272448151316", "9858638312956", "LZ290346175CN"}) EXPECT_TRUE(isWaybill(number));
  for (const char* number :
       {"LZ290346176CN", "LZ290346157CN", "127244815131", "12724481513160", "lz290346175cn", "", "1272448 51316"}) {
    EXPECT_FALSE(isWaybill(number)) << number;
  }
}

}  // namespace
}  // namespace qianda::delivery
