#include "server/http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/http/problem.h"
#include "tests/support/error_of.h"

namespace qianda::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

Response nothing(Services&, const Request&) { return {}; }

Route route(const std::string& method, const std::string& pattern, const std::string& operation) {
  return {.method = method, .pattern = pattern, .operation = operation, .handler = nothing};
}

std::string refusal(std::vector<Route> routes) {
  return test::errorOf([&] { Router router(std::move(routes)); }, core::ErrorCode::kUsage);
}

const Router& table() {
  static const Router router({route("GET", "/", "root"), route("GET", "/a/{x}", "get"), route("PUT", "/a/{x}", "put"),
                              route("POST", "/a/fixed", "post"), route("GET", "/a/{x}/b/{y}", "deep")});
  return router;
}

TEST(Router, FindsARouteByItsSegmentsAndDecodesItsParameters) {
  EXPECT_EQ(table().match("GET", "/").route->operation, "root");
  const Router::Match deep = table().match("GET", "/a/%E5%BC%A0%2F1/b/+%2B");
  ASSERT_TRUE(deep.route);
  EXPECT_EQ(deep.route->operation, "deep");
  EXPECT_THAT(deep.parameters, ElementsAre(Pair("x", "张/1"), Pair("y", "++")));
}

TEST(Router, AnotherMethodOfAFixedSegmentDoesNotHideAParameter) {
  EXPECT_EQ(table().match("GET", "/a/fixed").route->operation, "get");
  EXPECT_EQ(table().match("POST", "/a/fixed").route->operation, "post");
  EXPECT_THAT(table().match("DELETE", "/a/fixed").allowed, ElementsAre("GET", "HEAD", "POST", "PUT"));
}

TEST(Router, TellsAnUnknownPathFromAnUnknownMethod) {
  EXPECT_FALSE(table().match("GET", "/b").route);
  EXPECT_THAT(table().match("GET", "/b").allowed, IsEmpty());
  EXPECT_FALSE(table().match("POST", "/a/1").route);
  EXPECT_THAT(table().match("POST", "/a/1").allowed, ElementsAre("GET", "HEAD", "PUT"));
}

TEST(Router, HeadIsAnsweredByGet) {
  EXPECT_EQ(table().match("HEAD", "/a/1").route->operation, "get");
  EXPECT_FALSE(table().match("HEAD", "/a/1/b").route);
}

TEST(Router, EmptySegmentsAreNoParameters) {
  for (const char* path : {"/a/", "/a//b/1", "//", "", "a", "/a/1/"}) {
    EXPECT_FALSE(table().match("GET", path).route) << path;
  }
}

TEST(Router, RefusesBrokenEscapesAndTextThatIsNotUtf8) {
  for (const char* path : {"/a/%", "/a/%4", "/a/%zz", "/a/%ff", "/a/%00", "/a/%0a", "/a/%c0%af", "/a/%7f"}) {
    EXPECT_THROW(table().match("GET", path), Problem) << path;
  }
  EXPECT_NO_THROW(table().match("GET", "/a/%20"));
}

TEST(Router, RefusesATableInWhichARequestMatchesTwoRoutes) {
  EXPECT_EQ(refusal({route("GET", "/a/{x}", "one"), route("GET", "/a/{y}", "two")}),
            "routes GET /a/{x} and GET /a/{y} match the same requests");
  EXPECT_THAT(refusal({route("GET", "/a/{x}", "one"), route("GET", "/a/b", "two")}), HasSubstr("same requests"));
  EXPECT_THAT(refusal({route("GET", "/{x}/b", "one"), route("GET", "/a/{y}", "two")}), HasSubstr("same requests"));
  EXPECT_EQ(refusal({route("GET", "/a/{x}", "one"), route("POST", "/a/b", "two")}), "accepted");
  EXPECT_EQ(refusal({route("GET", "/a/{x}", "one"), route("GET", "/a/b/c", "two")}), "accepted");
}

TEST(Router, RefusesMalformedRoutes) {
  EXPECT_EQ(refusal({route("GET", "/a", "same"), route("GET", "/b", "same")}), "two routes have the operation same");
  EXPECT_THAT(refusal({route("GET", "/{x}/{x}", "one")}), HasSubstr("parameter x twice"));
  EXPECT_THAT(refusal({route("GET", "/a{x}", "one")}), HasSubstr("malformed segment a{x}"));
  EXPECT_THAT(refusal({route("GET", "a", "one")}), HasSubstr("no path"));
  EXPECT_THAT(refusal({{.method = "GET", .pattern = "/a", .operation = "one"}}), HasSubstr("no handler"));
}

}  // namespace
}  // namespace qianda::server
