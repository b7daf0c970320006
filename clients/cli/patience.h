// Waiting for services that do not answer. A step that fails with kUnavailable is tried again a bounded number of times
// with a wait that doubles; what is still missing then is named as a state: pending_timestamp or pending_revocation.
// Nothing is ever done without what was asked for. One thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "clients/cli/command.h"
#include "signing/pades/long_term.h"
#include "signing/trust/patience.h"

namespace qianda::cli {

// --attempts, --retry
void addPatienceOptions(CLI::App& command, signing::Patience& patience);

// Passes every question on and remembers whether the last one stayed without an answer. A null source is one that
// nobody configured: it throws kUnavailable with that reason, and asking it again is pointless.
class WatchedTime : public signing::TimestampSource {
 public:
  explicit WatchedTime(const signing::TimestampSource* source) : source_(source) {}
  std::string name() const override { return source_ ? source_->name() : ""; }
  core::Bytes stamp(signing::DigestAlgorithm algorithm, core::BytesView digest) const override;
  std::size_t maxTokenSize() const override;
  bool isConfigured() const { return source_ != nullptr; }
  bool failed() const { return failed_; }

 private:
  const signing::TimestampSource* source_;
  mutable bool failed_ = false;
};

class CountedPatience {
 public:
  explicit CountedPatience(const signing::Patience& patience) : patience_(patience) {}
  // Runs the step until it does not throw kUnavailable; rethrows what the last attempt threw, and other errors at once.
  void run(const std::function<void()>& step, const std::function<bool()>& isWorthIt);
  unsigned attempts() const { return attempts_; }  // of the last step

 private:
  const signing::Patience patience_;
  unsigned attempts_ = 0;
};

}  // namespace qianda::cli
