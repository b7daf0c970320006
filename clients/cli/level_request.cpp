#include "clients/cli/level_request.h"

#include "contracts/evidence/verdict_report.h"
#include "signing/verify/verifier.h"

namespace qianda::cli {

using signing::Level;

LevelRequest::LevelRequest(Level level, const Services& services, const signing::Patience& patience)
    : level_(level), services_(services), time_(services.time()), patience_(patience) {}

void LevelRequest::attempt(const std::function<void()>& step) {
  patience_.run(step, [this] { return time_.failed() ? time_.isConfigured() : services_.revocation() != nullptr; });
}

void LevelRequest::raise(std::string& pdf) {
  for (const Level step : {Level::kT, Level::kLT, Level::kLTA}) {
    // LT and LTA are one revision; the step before them is only the time that a signature may lack.
    if (step > level_ || (step == Level::kLT && level_ == Level::kLTA)) continue;
    std::string appended;
    attempt([&] { appended = signing::extend(pdf, step, longTerm(), core::now()); });
    pdf += appended;
  }
}

JsonObject::Ptr LevelRequest::pending(const std::string& file, const std::string& pdf,
                                      const std::string& reason) const {
  const signing::FileVerdict verdict = signing::Verifier(services_.anchors()).verify(pdf, core::now());
  JsonObject::Ptr object = newObject();
  object->set("file", file);
  object->set("state", time_.failed() ? "pending_timestamp" : "pending_revocation");
  object->set("level_wanted", baselineName(level_));
  object->set("level_reached", contracts::lowestLevel(verdict));
  object->set("attempts", static_cast<std::uint64_t>(patience_.attempts()));
  object->set("reason", reason);
  return object;
}

std::string baselineName(Level level) { return "PAdES-BASELINE-" + std::string(signing::nameOf(level)).substr(2); }

}  // namespace qianda::cli
