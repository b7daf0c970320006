// One-time codes of six digits and counted attempts. A code is kept as a salted hash that also needs the secret of who
// asked for it, so that neither the database nor a guess of another link finds it; it lives some minutes and bears few
// tries, which are counted before they are compared. Functions, any thread.
#pragma once

#include <string>

#include "contracts/ceremony/rules.h"
#include "core/time.h"
#include "storage/sql/database.h"

namespace qianda::contracts {

// The new code; the one before ends. Throws kConflict while the last one is too young or too many were sent to this
// subject or phone.
std::string drawCode(storage::Database& database, const std::string& subject, const std::string& phone,
                     const std::string& secret, const CeremonyRules& rules, core::Instant now);
// Once. False: wrong, over, used or tried too often.
bool takeCode(storage::Database& database, const std::string& subject, const std::string& secret,
              const std::string& code, const CeremonyRules& rules, core::Instant now);

// One more of `subject` within the window; false when that is more than `most`.
bool countAttempt(storage::Transaction& transaction, const std::string& subject, std::int64_t most,
                  std::chrono::milliseconds window, core::Instant now);

}  // namespace qianda::contracts
