#include "server/ceremony_providers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "server/http/json.h"
#include "tests/support/error_of.h"
#include "tests/support/http_server.h"

namespace qianda::server {
namespace {

using core::ErrorCode;
using testing::HasSubstr;

constexpr const char* kSecret = "a key of more than sixteen characters";

OutboundPolicy here() {
  OutboundPolicy policy;
  policy.privateAddresses = true;
  policy.timeout = std::chrono::milliseconds(2000);
  return policy;
}
test::Said json(const std::string& body, int status = 200) {
  test::Said said;
  said.status = status;
  said.contentType = "application/json";
  said.body = body;
  return said;
}

TEST(CeremonyProviders, AskWithASignatureAndReadAStrictAnswer) {
  test::Heard heard;
  test::HttpServer server([&](const test::Heard& request) {
    heard = request;
    return json(R"({"request_id":"r-1","passed":true,"result":"一致"})");
  });
  HttpIdentity identity({server.url("/check"), "identity", "qianda-1", kSecret}, here());
  const contracts::ProviderAnswer answer = identity.check({"林示例", "000000199206183027", "13800000000"});
  EXPECT_TRUE(answer.passed);
  EXPECT_EQ(answer.provider, "identity");
  EXPECT_EQ(answer.method, "three_factors");
  EXPECT_EQ(answer.requestId, "r-1");
  EXPECT_EQ(heard.method, "POST");
  EXPECT_EQ(heard.body, R"({"name":"林示例","id_number":"000000199206183027","phone":"13800000000"})");
  HttpSms sms({server.url("/sms"), "sms", "qianda-1", kSecret}, here());
  EXPECT_EQ(sms.send("13800000000", "123456", "identity").method, "sms_code");
  HttpFace face({server.url("/face"), "face", "qianda-1", kSecret}, here());
  EXPECT_TRUE(face.compare({"林示例", "1", "2"}, core::viewOf("picture")).passed);
  EXPECT_THAT(heard.body, HasSubstr("\"image\":\"cGljdHVyZQ==\""));
  HttpNotices notices({server.url("/notice"), "notice", "qianda-1", kSecret}, here());
  EXPECT_EQ(notices.send({}).requestId, "r-1");
}

TEST(CeremonyProviders, TheSignatureCoversKeyTimeNoncePathAndBody) {
  const std::string made = providerSignature(kSecret, "k", "1", "n", "/p", "body");
  EXPECT_EQ(made.size(), 64u);
  EXPECT_EQ(made, providerSignature(kSecret, "k", "1", "n", "/p", "body"));
  EXPECT_NE(made, providerSignature("another key of sixteen", "k", "1", "n", "/p", "body"));
  EXPECT_NE(made, providerSignature(kSecret, "l", "1", "n", "/p", "body"));
  EXPECT_NE(made, providerSignature(kSecret, "k", "2", "n", "/p", "body"));
  EXPECT_NE(made, providerSignature(kSecret, "k", "1", "o", "/p", "body"));
  EXPECT_NE(made, providerSignature(kSecret, "k", "1", "n", "/q", "body"));
  EXPECT_NE(made, providerSignature(kSecret, "k", "1", "n", "/p", "bodz"));
  // By another implementation of HMAC.
  const std::string text = "k\n1\nn\n/p\n230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5";
  const test::TempFolder folder;
  core::writeFile(folder / "text", text);
  EXPECT_THAT(test::run({"openssl", "dgst", "-sha256", "-hmac", kSecret, folder / "text"}).out, HasSubstr(made));
}

TEST(CeremonyProviders, WhatIsNoCleanAnswerIsNoAnswer) {
  test::Said said;
  test::HttpServer server([&](const test::Heard&) { return said; });
  HttpIdentity identity({server.url("/check"), "identity", "k", kSecret}, here());
  const auto ask = [&] { identity.check({"a", "b", "c"}); };
  for (const test::Said& bad :
       {json(R"({"request_id":"r","passed":true,"result":""})", 500), json(R"({"request_id":"r","passed":true})"),
        json(R"({"request_id":"r","passed":"true","result":""})"),
        json(R"({"request_id":"","passed":true,"result":""})"),
        json(R"({"request_id":"r","passed":true,"result":"","also":1})"), json("true"), json("[]"), json(""),
        json(R"({"request_id":"r","passed":true,"passed":false,"result":""})")}) {
    said = bad;
    EXPECT_THAT(test::messageOf(ask, ErrorCode::kUnavailable), HasSubstr("identity")) << bad.body;
  }
  said = json(R"({"request_id":"r","passed":false,"result":"不一致"})");
  EXPECT_FALSE(identity.check({"a", "b", "c"}).passed);
  HttpNotices notices({server.url("/n"), "notice", "k", kSecret}, here());
  test::messageOf([&] { notices.send({}); }, ErrorCode::kUnavailable);
}

TEST(CeremonyProviders, AWeakKeyOrNoAddressStopsTheStart) {
  test::messageOf([] { HttpSms({"https://sms.example/", "sms", "k", "short"}, here()); }, ErrorCode::kUsage);
  test::messageOf([] { HttpSms({"sms.example", "sms", "k", kSecret}, here()); }, ErrorCode::kInvalidInput);
}

}  // namespace
}  // namespace qianda::server
