#include "server/http/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/id.h"

namespace qianda::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Request request(const std::string& body, const std::string& type = "application/json") {
  Request made;
  made.mediaType = type;
  made.body = body;
  return made;
}

// "POINTER CODE" of every place.
std::vector<std::string> placesOf(const std::string& body, const std::function<void(Fields&)>& read) {
  try {
    Fields fields(request(body));
    read(fields);
    fields.finish();
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.status, 422);
    EXPECT_EQ(problem.code, "body_invalid");
    std::vector<std::string> places;
    for (const ProblemPlace& place : problem.places) {
      EXPECT_FALSE(place.message.empty());
      places.push_back(place.pointer + " " + place.code);
    }
    return places;
  }
  return {};
}

TEST(Fields, GiveWhatIsThere) {
  const std::string id = core::DocumentId::random().text();
  Fields fields(request(R"({"name":"张伟","age":30,"on":true,"kind":"a","id":")" + id +
                        R"(","inner":{"x":1},"list":[{"y":2},{"y":3}],"words":["a","b"],"free":{"any":[1]}})"));
  EXPECT_EQ(fields.text("name"), "张伟");
  EXPECT_EQ(fields.integer("age", 16, 100), 30);
  EXPECT_TRUE(fields.boolean("on"));
  EXPECT_EQ(fields.choice("kind", {"a", "b"}), "a");
  EXPECT_EQ(fields.id("id"), id);
  EXPECT_EQ(fields.object("inner").integer("x"), 1);
  std::int64_t sum = 0;
  for (Fields& item : fields.objects("list")) sum += item.integer("y");
  EXPECT_EQ(sum, 5);
  EXPECT_THAT(fields.texts("words"), ElementsAre("a", "b"));
  EXPECT_EQ(fields.json("free").dump(), R"({"any":[1]})");
  EXPECT_FALSE(fields.findText("absent"));
  EXPECT_FALSE(fields.findObject("absent"));
  fields.finish();
}

TEST(Fields, NullCountsAsAbsent) {
  EXPECT_THAT(placesOf(R"({"a":null,"b":null})",
                       [](Fields& fields) {
                         EXPECT_FALSE(fields.findInteger("a"));
                         fields.text("b");
                       }),
              ElementsAre("/b missing"));
}

TEST(Fields, AllFaultsAreToldAtOnceWithTheirPlaces) {
  EXPECT_THAT(
      placesOf(R"({"name":"","age":7,"kind":"c","flag":1,"parties":[{"mail":5},3],"extra":1,"in/n~er":{"z":1}})",
               [](Fields& fields) {
                 fields.text("name");
                 fields.integer("age", 16, 100);
                 fields.choice("kind", {"a", "b"});
                 fields.boolean("flag");
                 fields.text("gone");
                 for (Fields& party : fields.objects("parties")) party.text("mail");
                 fields.object("in/n~er");
               }),
      ElementsAre("/name too_short", "/age too_small", "/kind choice", "/flag type", "/gone missing", "/parties/1 type",
                  "/parties/0/mail type", "/extra unknown_field", "/in~1n~0er/z unknown_field"));
}

TEST(Fields, LengthsAreCodePointsAndCharactersAreChecked) {
  const auto codes = [](const std::string& value, TextRule rule) {
    return placesOf(Json::object({{"t", value}}).dump(), [&](Fields& fields) { fields.text("t", rule); });
  };
  EXPECT_THAT(codes("𠮷𠮷𠮷", {.most = 3}), ElementsAre());
  EXPECT_THAT(codes("𠮷𠮷𠮷", {.most = 2}), ElementsAre("/t too_long"));
  EXPECT_THAT(codes("a\nb", {}), ElementsAre("/t format"));
  EXPECT_THAT(codes("a\nb", {.lines = true}), ElementsAre());
  EXPECT_THAT(codes("a\x1b", {.lines = true}), ElementsAre("/t format"));
  EXPECT_THAT(codes("a\xc2\x85", {}), ElementsAre("/t format"));
  EXPECT_THAT(codes(" a", {}), ElementsAre("/t format"));
  EXPECT_THAT(codes(" a", {.trimmed = false}), ElementsAre());
}

TEST(Fields, ListsHaveBounds) {
  const auto read = [](Fields& fields) {
    fields.texts("few", 2, 3);
    fields.objects("many", 0, 1);
    fields.texts("mixed");
    fields.texts("none", 1);
  };
  EXPECT_THAT(placesOf(R"({"few":["a"],"many":[{},{}],"mixed":["a",1]})", read),
              ElementsAre("/few too_few", "/many too_many", "/mixed/1 type", "/none missing"));
}

TEST(Fields, NumbersWithFractionsAreNoIntegers) {
  const auto read = [](Fields& fields) { fields.integer("n"); };
  EXPECT_THAT(placesOf(R"({"n":1.0})", read), ElementsAre("/n type"));
  EXPECT_THAT(placesOf(R"({"n":"1"})", read), ElementsAre("/n type"));
  EXPECT_THAT(placesOf(R"({"n":18446744073709551615})", read), ElementsAre("/n type"));
}

TEST(Fields, ManyFaultsAreCountedAndTheFirstAreListed) {
  Json body = Json::object();
  for (int n = 0; n < 150; ++n) body.set("x" + std::to_string(n), 1);
  try {
    Fields(request(body.dump())).finish();
    FAIL();
  } catch (const Problem& problem) {
    EXPECT_STREQ(problem.what(), "150 fields are wrong; the first 100 are listed");
    EXPECT_EQ(problem.places.size(), 100u);
  }
}

TEST(Fields, FaultsOfTheCallerStandWithTheOthers) {
  EXPECT_THAT(placesOf(R"({"from":2,"to":1})",
                       [](Fields& fields) {
                         if (fields.integer("from") > fields.integer("to"))
                           fields.fault("to", "order", "is before from");
                       }),
              ElementsAre("/to order"));
}

TEST(Fields, RefuseAnotherMediaTypeAndAnythingButAnObject) {
  const auto code = [](const Request& asked) {
    try {
      Fields fields(asked);
    } catch (const Problem& problem) {
      return std::to_string(problem.status) + " " + problem.code;
    }
    return std::string("accepted");
  };
  EXPECT_EQ(code(request("{}", "text/plain")), "415 media_type");
  EXPECT_EQ(code(request("[]")), "422 body_invalid");
  EXPECT_EQ(code(request("{")), "400 json_malformed");
  EXPECT_EQ(code(request("{}")), "accepted");
}

}  // namespace
}  // namespace qianda::server
