// Runs one program to its end: an argument vector, octets in, octets out, within a time and a size. The child leads a
// process group of its own, which is killed when a limit is met. Thread-safe.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qianda::core {

struct ChildRequest {
  std::vector<std::string> arguments;                            // the program first: a path, or a name in PATH
  std::vector<std::pair<std::string, std::string>> environment;  // beside this process's own
  std::string_view input;
  std::chrono::milliseconds timeout;
  std::size_t largestOutput;
};

struct ChildAnswer {
  int status = -1;           // exit status, or 128 + signal
  std::string output, said;  // standard output; the first 2 KB of standard error
};

// Throws kUnavailable when the program cannot be started, is not done in time or says too much.
ChildAnswer runChild(const ChildRequest& request);

}  // namespace qianda::core
