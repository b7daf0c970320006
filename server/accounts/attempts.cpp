#include "server/accounts/attempts.h"

#include <algorithm>

#include "server/accounts/secrets.h"

namespace qianda::server {
namespace {

constexpr std::int64_t kFree = 4;
constexpr auto kFirstLock = std::chrono::seconds(30), kLongestLock = std::chrono::seconds(3600);
constexpr auto kForgotten = std::chrono::hours(24);

std::int64_t ms(core::Instant instant) { return instant.time_since_epoch().count(); }
std::string subjectOf(const std::string& login) { return hashOfSecret("login:" + login); }

}  // namespace

std::chrono::seconds lockAfter(std::int64_t failures) {
  if (failures <= kFree) return std::chrono::seconds(0);
  const std::int64_t doublings = std::min<std::int64_t>(failures - kFree - 1, 10);
  return std::min(kLongestLock, kFirstLock * (std::int64_t{1} << doublings));
}

std::optional<std::chrono::seconds> countAttempt(storage::Transaction& transaction, const std::string& login,
                                                 core::Instant now) {
  const std::string subject = subjectOf(login);
  transaction.execute("DELETE FROM login_attempts WHERE last_ms < $1", {ms(now - kForgotten)});
  transaction.execute(
      "INSERT INTO login_attempts (subject, failures, locked_until_ms, last_ms) VALUES ($1, 0, 0, $2) "
      "ON CONFLICT (subject) DO NOTHING",
      {subject, ms(now)});
  // Whoever waits here for another attempt looks at the lock again afterwards.
  const std::uint64_t counted = transaction.execute(
      "UPDATE login_attempts SET failures = failures + 1, last_ms = $1 WHERE subject = $2 AND locked_until_ms <= $3",
      {ms(now), subject, ms(now)});
  const auto row =
      transaction.findRow("SELECT failures, locked_until_ms FROM login_attempts WHERE subject = $1", {subject});
  if (counted == 0) {
    const std::int64_t wait = row ? row->number(1) - ms(now) : 0;
    return std::chrono::seconds(std::max<std::int64_t>(1, (wait + 999) / 1000));
  }
  transaction.execute("UPDATE login_attempts SET locked_until_ms = $1 WHERE subject = $2",
                      {ms(now + lockAfter(row->number(0))), subject});
  return std::nullopt;
}

void forgetAttempts(storage::Transaction& transaction, const std::string& login) {
  transaction.execute("DELETE FROM login_attempts WHERE subject = $1", {subjectOf(login)});
}

bool isLocked(storage::Transaction& transaction, const std::string& login, core::Instant now) {
  return transaction
      .findRow("SELECT 1 FROM login_attempts WHERE subject = $1 AND locked_until_ms > $2", {subjectOf(login), ms(now)})
      .has_value();
}

}  // namespace qianda::server
