#include "clients/cli/bench_parts.h"

#include <chrono>

#include <fmt/core.h>
#include <stdlib.h>

#include "core/child_process.h"
#include "core/error.h"
#include "signing/keys/bare_rate.h"

namespace qianda::cli {
namespace {

constexpr std::chrono::minutes kLongestRun{10};
constexpr std::size_t kLargestOutput = 16u << 20;

bool runsWell(const std::vector<std::string>& arguments) {
  try {
    return core::runChild({arguments, {}, {}, kLongestRun, kLargestOutput}).status == 0;
  } catch (const core::Error& error) {
    if (error.code() != core::ErrorCode::kUnavailable) throw;
    return false;
  }
}

}  // namespace

WorkFolder::WorkFolder(const std::string& parent) {
  std::string pattern = parent + "/qianda-bench-XXXXXX";
  if (!::mkdtemp(pattern.data())) throw core::Error(core::ErrorCode::kSystem, "cannot create a folder in " + parent);
  path_ = pattern;
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::optional<double> timeProgram(const std::vector<std::string>& arguments, int rounds) {
  std::vector<double> seconds;
  for (int i = 0; i < rounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    if (!runsWell(arguments)) return std::nullopt;
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return signing::medianOf(std::move(seconds));
}

std::string ownProgram() { return std::filesystem::read_symlink("/proc/self/exe"); }

std::string signatureAlgorithmName(const std::string& key) {
  if (key == "p256") return "ecdsa-with-SHA256 (P-256)";
  if (key == "p384") return "ecdsa-with-SHA384 (P-384)";
  if (key == "sm2") return "SM2-with-SM3";
  return "sha256WithRSAEncryption (RSA-" + key.substr(3) + ")";
}

void printResult(const JsonObject::Ptr& object, bool isJson) {
  if (isJson) return printJson(object);
  for (const auto& [name, value] : *object) fmt::print("{:<42} {}\n", name, value.toString());
}

void setPeer(JsonObject& object, const std::string& name, std::optional<double> seconds) {
  object.set(name, seconds ? Poco::Dynamic::Var(*seconds) : Poco::Dynamic::Var());
}

}  // namespace qianda::cli
