#include "clients/cli/patience.h"

#include <algorithm>
#include <iostream>
#include <thread>

#include "core/error.h"

namespace qianda::cli {
namespace {

constexpr double kLongestWait = 30;  // seconds
constexpr const char* kNoAuthority = "no timestamp authority is configured: --tsa URL, or a development PKI";

}  // namespace

void addPatienceOptions(CLI::App& command, PatienceOptions& options) {
  command.add_option("--attempts", options.attempts, "How often a service that does not answer is asked")
      ->capture_default_str()
      ->check(CLI::Range(1u, 100u));
  command.add_option("--retry", options.wait, "Seconds before it is asked again; doubled each time")
      ->capture_default_str()
      ->check(CLI::Range(0.0, kLongestWait));
}

core::Bytes WatchedTime::stamp(signing::DigestAlgorithm algorithm, core::BytesView digest) const {
  failed_ = true;
  if (!source_) throw core::Error(core::ErrorCode::kUnavailable, kNoAuthority);
  core::Bytes token = source_->stamp(algorithm, digest);
  failed_ = false;
  return token;
}

std::size_t WatchedTime::maxTokenSize() const {
  if (source_) return source_->maxTokenSize();
  failed_ = true;
  throw core::Error(core::ErrorCode::kUnavailable, kNoAuthority);
}

void Patience::run(const std::function<void()>& step, const std::function<bool()>& isWorthIt) {
  double wait = options_.wait;
  for (attempts_ = 1;; ++attempts_) {
    try {
      return step();
    } catch (const core::Error& error) {
      if (error.code() != core::ErrorCode::kUnavailable || attempts_ >= options_.attempts || !isWorthIt()) throw;
      std::cerr << "attempt " << attempts_ << " of " << options_.attempts << ": " << error.what() << "; again in "
                << wait << " s\n";
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(wait));
    wait = std::min(wait * 2, kLongestWait);
  }
}

}  // namespace qianda::cli
