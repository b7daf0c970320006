// The service's log: one JSON object a line ({"time", "level", "event", ...}), appended with one write each. Every text
// goes through redact() and secret names lose their value; bodies, names of people and what they wrote are never given
// to it. Any thread may write. A line that cannot be written is counted, not lost in silence (`lost`).
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/json.h"

namespace qianda::server {

class Log {
 public:
  enum class Level { kDebug, kInfo, kWarning, kError };
  static Level levelOf(std::string_view name);  // "info"; throws kUsage

  // To the end of a file (mode 0600 when new), or to standard error when `file` is empty.
  explicit Log(Level least = Level::kInfo, const std::filesystem::path& file = {});
  // To a function, for tests.
  Log(Level least, std::function<void(const std::string&)> sink);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool writes(Level level) const { return level >= least_; }
  // event: a stable word ("request", "listening", "webhook_failed"). Fields follow in the order given.
  void write(Level level, std::string_view event, std::vector<Json::Member> fields = {});
  void debug(std::string_view event, std::vector<Json::Member> fields = {});
  void info(std::string_view event, std::vector<Json::Member> fields = {});
  void warning(std::string_view event, std::vector<Json::Member> fields = {});
  void error(std::string_view event, std::vector<Json::Member> fields = {});
  std::uint64_t lost() const { return lost_; }

 private:
  Level least_;
  int file_ = -1;
  std::function<void(const std::string&)> sink_;
  std::atomic<std::uint64_t> lost_ = 0;
};

}  // namespace qianda::server
