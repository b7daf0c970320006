#include "server/http/problem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/http/json.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;
using testing::HasSubstr;
using testing::Not;

TEST(Problem, IsToldWithItsPlacesAndTheRequestsId) {
  const Response response = respond(
      Problem(422, "row_invalid", "one row is wrong", {{"/rows/1", "2", "3 phone", "format", "is no phone"}}), "id-1");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.mediaType, "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"type":"about:blank","title":"Unprocessable Content","status":422,"code":"row_invalid",)"
            R"("detail":"one row is wrong","request_id":"id-1","places":[{"pointer":"/rows/1","row":"2",)"
            R"("column":"3 phone","code":"format","message":"is no phone"}]})"
            "\n");
}

TEST(Problem, OfAnErrorTellsTheClientItsMessageOnly) {
  struct Case {
    ErrorCode code;
    int status;
    const char* name;
    bool told;
  };
  for (const Case& one :
       {Case{ErrorCode::kInvalidInput, 422, "invalid_input", true}, Case{ErrorCode::kUsage, 400, "bad_request", true},
        Case{ErrorCode::kNotFound, 404, "not_found", true}, Case{ErrorCode::kConflict, 409, "conflict", true},
        Case{ErrorCode::kUnsupported, 422, "unsupported", true},
        Case{ErrorCode::kUnavailable, 503, "unavailable", false}, Case{ErrorCode::kCorrupt, 500, "internal", false},
        Case{ErrorCode::kSystem, 500, "internal", false}}) {
    const Problem problem = problemOf(Error(one.code, "inner /path", "outer"));
    EXPECT_EQ(problem.status, one.status);
    EXPECT_EQ(problem.code, one.name);
    EXPECT_THAT(problem.what(), Not(HasSubstr("inner")));
    EXPECT_EQ(std::string(problem.what()) == "outer", one.told) << one.name;
  }
  EXPECT_EQ(problemOf(Error(ErrorCode::kUnavailable, "x")).headers.at(0).first, "Retry-After");
}

}  // namespace
}  // namespace qianda::server
