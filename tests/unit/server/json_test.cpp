#include "server/http/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/http/problem.h"
#include "tests/support/error_of.h"

namespace qianda::server {
namespace {

using testing::HasSubstr;

std::string refusal(const std::string& text) {
  try {
    return "accepted: " + parseJson(text).dump();
  } catch (const Problem& problem) {
    return problem.status == 400 && problem.code == "json_malformed" ? problem.what() : "another problem";
  }
}

std::string again(const std::string& text) { return parseJson(text).dump(); }

TEST(Json, WritesMembersInTheOrderTheyWereSet) {
  Json json = Json::object();
  json.set("b", 1).set("a", Json::array({"x", nullptr, true, 1.5})).set("b", 2);
  EXPECT_EQ(json.dump(), R"({"b":2,"a":["x",null,true,1.5]})");
  EXPECT_EQ(Json::array().dump(), "[]");
  EXPECT_EQ(Json(std::optional<std::string>()).dump(), "null");
}

TEST(Json, EscapesWhatMustBe) {
  EXPECT_EQ(Json("\"\\\n\r\t\x01\x7f张").dump(), "\"\\\"\\\\\\n\\r\\t\\u0001\\u007f张\"");
}

TEST(Json, KeepsIntegersExact) {
  EXPECT_EQ(again("[9223372036854775807,-9223372036854775808,0,-1]"),
            "[9223372036854775807,-9223372036854775808,0,-1]");
  EXPECT_EQ(parseJson("18446744073709551615").kind(), Json::Kind::kDouble);
  EXPECT_EQ(parseJson("1.5").number(), 1.5);
  EXPECT_EQ(Json(std::uint64_t{1} << 62).dump(), "4611686018427387904");
  EXPECT_EQ(test::errorOf([] { Json(~std::uint64_t{0}); }), "a number is above 2^63 - 1");
}

TEST(Json, ReadsWhatItWrites) {
  const std::string text = R"({"z":{"":[]},"a":[{},"\u0001张𠮷",false,null,-7]})";
  EXPECT_EQ(again(text), text);
  EXPECT_EQ(again("  [ 1 , \"\\ud842\\udfb7\" ]\r\n"), "[1,\"𠮷\"]");
}

TEST(Json, RefusesNamesThatAreThereTwice) {
  EXPECT_THAT(refusal(R"({"a":1,"b":2,"a":3})"), HasSubstr("\"a\" is there twice"));
  EXPECT_THAT(refusal(R"([{"x":{"a":1,"\u0061":3}}])"), HasSubstr("\"a\" is there twice"));
  EXPECT_EQ(refusal(R"([{"a":1},{"a":1}])"), R"(accepted: [{"a":1},{"a":1}])");
}

TEST(Json, RefusesWhatIsNoJson) {
  for (const char* text :
       {"",        " ",         "nul",        "{a:1}",     "[1,]",           "[1 2]", "{\"a\" 1}",
        "[01]",    "[+1]",      "[.5]",       "[1.]",      "[NaN]",          "{} x",  "{}{}",
        "1 2",     "[\"\\x\"]", "[\"a\nb\"]", "/* c */ 1", "\xef\xbb\xbf{}", "['a']", "[\"\\ud800\"]",
        "[\"open", "[",         "{\"a\":1"}) {
    EXPECT_THAT(refusal(text), HasSubstr("the body is not JSON")) << text;
  }
}

TEST(Json, RefusesNulNumbersOutOfRangeAndTextThatIsNotUtf8) {
  EXPECT_THAT(refusal(R"(["a\u0000b"])"), HasSubstr("NUL"));
  EXPECT_THAT(refusal(R"({"a\u0000":1})"), HasSubstr("NUL"));
  EXPECT_EQ(refusal(R"(["a\\u0000"])"), R"(accepted: ["a\\u0000"])");
  EXPECT_THAT(refusal(std::string("[1]\0", 4)), HasSubstr("not JSON"));
  EXPECT_THAT(refusal("[1e999]"), HasSubstr("not JSON"));
  EXPECT_THAT(refusal("[99999999999999999999999]"), HasSubstr("not JSON"));
  EXPECT_THAT(refusal("[\"\xff\"]"), HasSubstr("not UTF-8 at octet 2"));
  EXPECT_THAT(refusal("[\"\xed\xa0\x80\"]"), HasSubstr("not UTF-8"));
}

TEST(Json, RefusesDepthWithoutGrowing) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_THAT(refusal(nested(kJsonDepth)), HasSubstr("accepted"));
  EXPECT_THAT(refusal(nested(kJsonDepth + 1)), HasSubstr("depth"));
  EXPECT_THAT(refusal(std::string(1'000'000, '[')), HasSubstr("depth"));
}

}  // namespace
}  // namespace qianda::server
