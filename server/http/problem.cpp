#include "server/http/problem.h"

#include "server/http/json.h"

namespace qianda::server {
namespace {

// RFC 9457 3.1.3: of "about:blank" the title is the status' own phrase; ours are stable by code instead.
Json placeOf(const ProblemPlace& place) {
  Json out = Json::object();
  if (!place.pointer.empty()) out.set("pointer", place.pointer);
  if (!place.row.empty()) out.set("row", place.row);
  if (!place.column.empty()) out.set("column", place.column);
  return out.set("code", place.code).set("message", place.message);
}

}  // namespace

Response respond(const Problem& problem, const std::string& requestId) {
  Json body = Json::object();
  body.set("type", "about:blank")
      .set("title", statusPhrase(problem.status))
      .set("status", problem.status)
      .set("code", problem.code)
      .set("detail", problem.what())
      .set("request_id", requestId);
  if (!problem.places.empty()) {
    Json places = Json::array();
    for (const ProblemPlace& place : problem.places) places.push(placeOf(place));
    body.set("places", std::move(places));
  }
  Response response = answerJson(body, problem.status);
  response.mediaType = "application/problem+json";
  response.headers = problem.headers;
  return response;
}

Problem problemOf(const core::Error& error) {
  using core::ErrorCode;
  switch (error.code()) {
    case ErrorCode::kInvalidInput:
      return Problem(422, "invalid_input", error.clientMessage());
    case ErrorCode::kUsage:
      return Problem(400, "bad_request", error.clientMessage());
    case ErrorCode::kNotFound:
      return Problem(404, "not_found", error.clientMessage());
    case ErrorCode::kConflict:
      return Problem(409, "conflict", error.clientMessage());
    case ErrorCode::kUnsupported:
      return Problem(422, "unsupported", error.clientMessage());
    case ErrorCode::kUnavailable: {
      Problem problem(503, "unavailable", "a service this needs does not answer; try again later");
      problem.headers.emplace_back("Retry-After", "5");
      return problem;
    }
    case ErrorCode::kCorrupt:
    case ErrorCode::kSystem:
      break;
  }
  return Problem(500, "internal", "the service failed; its log has the details under this request's id");
}

std::string statusPhrase(int status) {
  struct Phrase {
    int status;
    const char* text;
  };
  // RFC 9110 15 and RFC 6585.
  static constexpr Phrase kPhrases[] = {{100, "Continue"},
                                        {200, "OK"},
                                        {201, "Created"},
                                        {202, "Accepted"},
                                        {204, "No Content"},
                                        {206, "Partial Content"},
                                        {301, "Moved Permanently"},
                                        {302, "Found"},
                                        {303, "See Other"},
                                        {304, "Not Modified"},
                                        {307, "Temporary Redirect"},
                                        {308, "Permanent Redirect"},
                                        {400, "Bad Request"},
                                        {401, "Unauthorized"},
                                        {403, "Forbidden"},
                                        {404, "Not Found"},
                                        {405, "Method Not Allowed"},
                                        {406, "Not Acceptable"},
                                        {408, "Request Timeout"},
                                        {409, "Conflict"},
                                        {410, "Gone"},
                                        {411, "Length Required"},
                                        {412, "Precondition Failed"},
                                        {413, "Content Too Large"},
                                        {414, "URI Too Long"},
                                        {415, "Unsupported Media Type"},
                                        {417, "Expectation Failed"},
                                        {422, "Unprocessable Content"},
                                        {423, "Locked"},
                                        {428, "Precondition Required"},
                                        {429, "Too Many Requests"},
                                        {431, "Request Header Fields Too Large"},
                                        {500, "Internal Server Error"},
                                        {501, "Not Implemented"},
                                        {502, "Bad Gateway"},
                                        {503, "Service Unavailable"},
                                        {504, "Gateway Timeout"},
                                        {505, "HTTP Version Not Supported"}};
  for (const Phrase& phrase : kPhrases) {
    if (phrase.status == status) return phrase.text;
  }
  return "Status " + std::to_string(status);
}

}  // namespace qianda::server
