// What commands say: one JSON object on stdout for machines, lines and a progress bar on stderr for people.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include "core/number_text.h"
#include "templates/fault.h"

namespace qianda::cli {

using JsonObject = Poco::JSON::Object;
using JsonArray = Poco::JSON::Array;

JsonObject::Ptr newObject();  // keeps the order of its keys
JsonArray::Ptr newArray();
// The document on one line.
void printJson(const JsonObject::Ptr& object);
void printJson(const JsonArray::Ptr& array);

JsonObject::Ptr toJson(const templates::Fault& fault);
JsonArray::Ptr toJson(const std::vector<templates::Fault>& faults);

// A bar on a terminal, nothing elsewhere. Called from one thread at a time.
class ProgressBar {
 public:
  explicit ProgressBar(std::string label);
  ~ProgressBar();
  void show(std::uint64_t done, std::uint64_t all);

 private:
  std::string label_;
  bool isTerminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_{};
};

using core::grouped;

// The passphrase of a key file: of `passFile`, or of the file `passphrase` beside the key; empty when there is neither.
std::string readPassphrase(const std::string& keyFile, const std::string& passFile);

unsigned coreCount();

}  // namespace qianda::cli
