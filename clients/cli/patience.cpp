#include "clients/cli/patience.h"

#include <cstdint>
#include <iostream>

#include "core/error.h"

namespace qianda::cli {
namespace {

constexpr const char* kNoAuthority = "no timestamp authority is configured: --tsa URL, or a development PKI";

}  // namespace

void addPatienceOptions(CLI::App& command, signing::Patience& patience) {
  command.add_option("--attempts", patience.attempts, "How often a service that does not answer is asked")
      ->capture_default_str()
      ->check(CLI::Range(1u, 100u));
  command
      .add_option_function<double>(
          "--retry",
          [&patience](double seconds) {
            patience.wait = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
          },
          "Seconds before it is asked again; doubled each time")
      ->default_str("1")
      ->check(CLI::Range(0.0, static_cast<double>(signing::kLongestWait.count()) / 1000));
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

void CountedPatience::run(const std::function<void()>& step, const std::function<bool()>& isWorthIt) {
  attempts_ = 0;
  const auto once = [&] {
    ++attempts_;
    step();
  };
  signing::askPatiently(patience_, once,
                        [&](unsigned attempt, const core::Error& error, std::chrono::milliseconds wait) {
                          if (!isWorthIt()) return false;
                          std::cerr << "attempt " << attempt << " of " << patience_.attempts << ": " << error.what()
                                    << "; again in " << static_cast<double>(wait.count()) / 1000 << " s\n";
                          return true;
                        });
}

}  // namespace qianda::cli
