#include "server/log/log.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/error.h"
#include "core/time.h"
#include "server/log/redact.h"

namespace qianda::server {
namespace {

constexpr const char* kLevels[] = {"debug", "info", "warning", "error"};

// ISO 8601 with milliseconds.
std::string timeNow() {
  const core::Instant now = core::now();
  std::string text = core::isoInstant(now);
  return text.insert(19, fmt::format(".{:03}", now.time_since_epoch().count() % 1000));
}

Json redacted(const std::string& name, const Json& value) {
  switch (value.kind()) {
    case Json::Kind::kText:
      return isSecretName(name) ? Json("(secret)") : Json(redact(value.text()));
    case Json::Kind::kArray: {
      Json items = Json::array();
      for (const Json& item : value.items()) items.push(redacted(name, item));
      return items;
    }
    case Json::Kind::kObject: {
      Json members = Json::object();
      for (const Json::Member& member : value.members())
        members.set(member.first, redacted(member.first, member.second));
      return members;
    }
    default:
      return value;
  }
}

}  // namespace

Log::Level Log::levelOf(std::string_view name) {
  for (int level = 0; level < 4; ++level) {
    if (name == kLevels[level]) return static_cast<Level>(level);
  }
  throw core::Error(core::ErrorCode::kUsage, "there is no log level " + std::string(name));
}

Log::Log(Level least, const std::filesystem::path& file) : least_(least) {
  if (file.empty()) {
    file_ = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  } else {
    file_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }
  if (file_ < 0) {
    throw core::Error(core::ErrorCode::kSystem, "cannot write the log " + file.string() + ": " + std::strerror(errno));
  }
}

Log::Log(Level least, std::function<void(const std::string&)> sink) : least_(least), sink_(std::move(sink)) {}

Log::~Log() {
  if (file_ >= 0) ::close(file_);
}

void Log::write(Level level, std::string_view event, std::vector<Json::Member> fields) {
  if (!writes(level)) return;
  Json line = Json::object();
  line.append("time", timeNow()).append("level", kLevels[static_cast<int>(level)]).append("event", event);
  for (auto& [name, value] : fields) line.append(name, redacted(name, value));
  const std::string text = line.dump() + "\n";
  if (sink_) {
    sink_(text);
    return;
  }
  if (::write(file_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) ++lost_;
}

void Log::debug(std::string_view event, std::vector<Json::Member> fields) {
  write(Level::kDebug, event, std::move(fields));
}
void Log::info(std::string_view event, std::vector<Json::Member> fields) {
  write(Level::kInfo, event, std::move(fields));
}
void Log::warning(std::string_view event, std::vector<Json::Member> fields) {
  write(Level::kWarning, event, std::move(fields));
}
void Log::error(std::string_view event, std::vector<Json::Member> fields) {
  write(Level::kError, event, std::move(fields));
}

}  // namespace qianda::server
