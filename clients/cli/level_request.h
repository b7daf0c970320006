// One request to bring a PDF to a level: its services, watched, and the patience for them. When a service stays away
// the request says in which state it waits, and nothing is written. One thread.
#pragma once

#include <string>

#include "clients/cli/output.h"
#include "clients/cli/patience.h"
#include "clients/cli/services.h"

namespace qianda::cli {

class LevelRequest {
 public:
  // `services` outlives this.
  LevelRequest(signing::Level level, const Services& services, const signing::Patience& patience);

  const signing::TimestampSource& time() const { return time_; }
  // Runs a step with this request's patience.
  void attempt(const std::function<void()>& step);
  // Appends what the level needs, one step after the other: a timestamp that was given is not asked for again while
  // revocation data are waited for. Throws as signing::extend.
  void raise(std::string& pdf);

  // {"file", "state": "pending_timestamp" | "pending_revocation", "level_wanted", "level_reached", "attempts",
  // "reason"}. `pdf` is the file as it stands; level_reached is the lowest level of its signatures, empty without one.
  JsonObject::Ptr pending(const std::string& file, const std::string& pdf, const std::string& reason) const;

 private:
  signing::LongTermServices longTerm() const { return {&time_, services_.revocation(), &services_.anchors()}; }

  const signing::Level level_;
  const Services& services_;
  WatchedTime time_;
  CountedPatience patience_;
};

// "PAdES-BASELINE-LT"
std::string baselineName(signing::Level level);

}  // namespace qianda::cli
