#include "server/metrics/health.h"

#include <exception>

namespace qianda::server {

void Health::addCheck(std::string name, Check check) {
  const std::lock_guard lock(mutex_);
  checks_.emplace_back(std::move(name), std::move(check));
}

Health::Report Health::report() const {
  std::vector<std::pair<std::string, Check>> checks;
  {
    const std::lock_guard lock(mutex_);
    checks = checks_;
  }
  Report report;
  report.checks.emplace_back("stopping", stopping_ ? "a stop has begun" : "");
  for (const auto& [name, check] : checks) {
    std::string reason;
    try {
      reason = check();
    } catch (const std::exception& error) {
      reason = error.what();
    } catch (...) {
      reason = "failed";
    }
    report.checks.emplace_back(name, std::move(reason));
  }
  for (const auto& [name, reason] : report.checks) report.ready = report.ready && reason.empty();
  return report;
}

}  // namespace qianda::server
