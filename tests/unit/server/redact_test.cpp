#include "server/log/redact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/log/log.h"

namespace qianda::server {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Redaction, TakesIdentityNumbersOut) {
  EXPECT_EQ(redact("证件110101199003070038号"), "证件(id number)号");
  EXPECT_EQ(redact("000000199003070038,00000019900307003X,00000019900307003x"), "(id number),(id number),(id number)");
  EXPECT_EQ(redact("000000900307003"), "(id number)");
  EXPECT_EQ(redact("bank 6222020000000000000"), "bank (id number)");
  EXPECT_EQ(redact("a0000001990030700381"), "a(id number)");
}

TEST(Redaction, TakesPhonesOut) {
  for (const char* phone : {"13800000000", "+8613800000000", "86 138 0000 0000", "138-0000-0000", "19900000000"}) {
    EXPECT_THAT(redact(std::string("call ") + phone + " now"), HasSubstr("(phone) now")) << phone;
  }
  EXPECT_EQ(redact("电话13800000000，"), "电话(phone)，");
  EXPECT_EQ(redact("x13800000000y"), "x(phone)y");
}

TEST(Redaction, TakesMailAddressesOut) {
  EXPECT_EQ(redact("to <zhang.wei+a@mail.example.cn>"), "to <(e-mail)>");
  EXPECT_EQ(redact("张伟zw@example.cn"), "张伟(e-mail)");
}

TEST(Redaction, TakesCredentialsOut) {
  EXPECT_EQ(redact("Authorization: Bearer abc.def"), "Authorization: (secret)");
  EXPECT_EQ(redact("cookie: a=b; c=d\r\nHost: x"), "cookie: (secret)\r\nHost: x");
  EXPECT_EQ(redact("said Bearer abc.def, then"), "said (credential), then");
  EXPECT_EQ(redact("/s?token=abc&x=1&api_key=k"), "/s?token=(secret)&x=1&api_key=(secret)");
  EXPECT_EQ(redact(R"x({"password":"p w","a":"b"})x"), R"x({"password":"(secret)","a":"b"})x");
  EXPECT_EQ(redact("postgresql://qianda:p@ss@db:5432/q"), "postgresql://(secret)@db:5432/q");
  EXPECT_EQ(redact("key " + std::string(40, 'A')), "key (token)");
}

TEST(Redaction, LeavesWhatIsNoSecret) {
  for (const char* text :
       {"01K9ZQ4W3T5S6A7B8C9D0E1F2G", "2026-01-31T08:00:00.123+08:00", "1795627305123", "row 12345678 of 100000",
        "https://127.0.0.1:8443/api/v1/envelopes", "12345678901", "a@b", "status 200, 3.5 ms", "电话", ""}) {
    EXPECT_EQ(redact(text), text);
  }
}

TEST(Log, WritesOneRedactedObjectALine) {
  std::string line;
  Log log(Log::Level::kInfo, [&](const std::string& text) { line += text; });
  log.debug("hidden");
  EXPECT_EQ(line, "");
  log.warning("sms_failed", {{"to", "13800000000"},
                             {"count", 3},
                             {"token", "abc"},
                             {"places", Json::array({"a@example.cn"})},
                             {"inner", Json::object({{"Set-Cookie", "x"}, {"text", "line\nbreak"}})}});
  EXPECT_THAT(line,
              testing::MatchesRegex("\\{\"time\":\"....-..-..T..:..:..\\....\\+08:00\",\"level\":\"warning\",.*\\}\n"));
  EXPECT_THAT(line, HasSubstr(R"x("event":"sms_failed","to":"(phone)","count":3,"token":"(secret)",)x"
                              R"x("places":["(e-mail)"],"inner":{"Set-Cookie":"(secret)","text":"line\nbreak"}})x"));
  EXPECT_THAT(line, Not(HasSubstr("abc")));
}

TEST(Log, CountsTheLinesItCannotWrite) {
  Log log(Log::Level::kInfo, std::filesystem::path("/dev/full"));
  log.info("lost");
  EXPECT_EQ(log.lost(), 1u);
}

}  // namespace
}  // namespace qianda::server
