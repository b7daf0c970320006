// The one exception of this library. What the service refuses (RFC 9457 problem+json) and what keeps it from being
// asked have the same form; `code` never changes its meaning, `what()` is for people. The service's codes are in
// docs/api.md; these are the library's own, with the answer's status, or 0 without an answer:
//   argument            what the caller gave is at fault: nothing was sent
//   key_file            the file with the API key cannot be used: not there, no file, open to others, malformed
//   file                a file here cannot be read or written
//   tls_refused         the server's certificate is not trusted, or not for this name; nothing was sent
//   unreachable         no connection, or none that lasted until the answer was whole
//   answer_malformed    an answer that this API does not give (a proxy's page, a redirect, another service)
//   wait_timeout        waiting ended before the batch did
//   webhook_malformed, webhook_signature, webhook_time    see webhooks.h
// Expected outcomes are values: a roster that was checked, a batch that was stopped, a PDF that is not valid.
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace qianda::client {

// One thing that is wrong with what was sent: a field of a request, or a cell of a roster.
struct Fault {
  std::string pointer = {};    // RFC 6901 into the JSON body; empty for rosters
  std::int64_t row = 0;        // of a roster: data rows from 1; 0: the roster as a whole
  std::int64_t column = 0;     // of a roster, from 1; 0: no single column
  std::string cell = {};       // of a workbook: "B7"
  std::string field = {};      // its name
  std::string value = {};      // what was found
  std::string code = {};       // "missing", "format", ...; of rosters the rule: "bounds", "LC12"
  std::string severity = {};   // of rosters: "block", "warn", "inform"
  std::string article = {};    // of rules that a law sets, with `computed` and `limit`
  std::string computed = {};   // "7 months"
  std::string limit = {};      // "6 months"
  std::string message = {};    // of rosters in Chinese
  std::string messageEn = {};  // of rosters
};

// What is told beside code and message.
struct ErrorDetails {
  std::vector<Fault> faults = {};    // of a roster the first hundred
  std::int64_t faultCount = 0;       // how many there are
  std::int64_t rows = 0;             // of a roster that was refused: data rows read
  std::vector<Fault> warnings = {};  // of a roster that was refused, likewise
  std::int64_t warningCount = 0;
  std::string requestId = {};          // the service's log has the rest under it
  std::chrono::seconds retryAfter{0};  // 0: the service did not say
};

class Error : public std::runtime_error {
 public:
  Error(int status, std::string code, const std::string& message, ErrorDetails details = {})
      : std::runtime_error(message), status_(status), code_(std::move(code)), details_(std::move(details)) {}

  int status() const noexcept { return status_; }  // of HTTP; 0: no answer
  const std::string& code() const noexcept { return code_; }
  const std::vector<Fault>& faults() const noexcept { return details_.faults; }
  const std::string& requestId() const noexcept { return details_.requestId; }
  const ErrorDetails& details() const noexcept { return details_; }

 private:
  int status_;
  std::string code_;
  ErrorDetails details_;
};

}  // namespace qianda::client
