// Errors of the API: problem+json (RFC 9457) with a code that never changes its meaning, and the places at fault.
// A core::Error that leaves a handler becomes one too (its client message; kSystem and kCorrupt tell only the request's
// id).
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "core/error.h"
#include "server/http/exchange.h"

namespace qianda::server {

struct ProblemPlace {
  std::string pointer;  // RFC 6901 into the JSON body, or ""
  std::string row;      // of a roster, 1-based, or ""
  std::string column;   // of a roster: number and name, or ""
  std::string code;     // "format", "missing", "unknown_field", ...
  std::string message;
};

// Thrown by a handler, told to the client whole: nothing internal belongs in it.
struct Problem : std::runtime_error {
  Problem(int httpStatus, std::string problemCode, const std::string& detail,
          std::vector<ProblemPlace> problemPlaces = {})
      : std::runtime_error(detail),
        status(httpStatus),
        code(std::move(problemCode)),
        places(std::move(problemPlaces)) {}
  int status;
  std::string code;  // "not_found", "row_invalid": docs list them
  std::vector<ProblemPlace> places;
  std::vector<std::pair<std::string, std::string>> headers = {};  // "Retry-After", "WWW-Authenticate"
};

Response respond(const Problem& problem, const std::string& requestId);
Problem problemOf(const core::Error& error);
// "Not Found"
std::string statusPhrase(int status);

}  // namespace qianda::server
