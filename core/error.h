// The one exception type of the house. It carries a code that decides the exit status and the HTTP status, a message
// for the log (may name files and library errors) and a message for the client (never names internals).
// Expected outcomes are values, not errors: a bad signature is a report, a faulty roster row a Fault.
#pragma once

#include <stdexcept>
#include <string>

namespace qianda::core {

enum class ErrorCode {
  kInvalidInput,  // what the caller gave is at fault (CLI exit 1)
  kUsage,         // the call itself is malformed (CLI exit 2)
  kNotFound,      // a named thing does not exist (CLI exit 1)
  kConflict,      // contradicts something already stored (CLI exit 1)
  kUnsupported,   // well-formed input of a kind we do not handle (CLI exit 1)
  kUnavailable,   // an outside service does not answer: try again later (CLI exit 3)
  kCorrupt,       // stored data fails its own checks (CLI exit 3)
  kSystem,        // disk, memory, library: our side is at fault (CLI exit 3)
};

class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : Error(code, message, message) {}
  Error(ErrorCode code, const std::string& message, std::string clientMessage)
      : std::runtime_error(message), code_(code), clientMessage_(std::move(clientMessage)) {}
  ErrorCode code() const noexcept { return code_; }
  const std::string& clientMessage() const noexcept { return clientMessage_; }

 private:
  ErrorCode code_;
  std::string clientMessage_;
};

}  // namespace qianda::core
