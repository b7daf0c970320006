// The lock-out after failed logins, kept in the database so that it holds across nodes: each attempt is counted before
// anything is compared, and forgotten when every factor was proven. From the fifth on the login waits: 30 seconds,
// doubled each time, an hour at most; a day without attempts forgets them. Logins that do not exist are counted alike,
// so that the lock tells nobody which ones do.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/time.h"
#include "storage/sql/database.h"

namespace qianda::server {

// Counts one attempt; or says how long the login is locked, and counts nothing.
std::optional<std::chrono::seconds> countAttempt(storage::Transaction& transaction, const std::string& login,
                                                 core::Instant now);
void forgetAttempts(storage::Transaction& transaction, const std::string& login);
bool isLocked(storage::Transaction& transaction, const std::string& login, core::Instant now);

// The lock that so many attempts bring.
std::chrono::seconds lockAfter(std::int64_t failures);

}  // namespace qianda::server
