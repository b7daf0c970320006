#include "contracts/ceremony/codes.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "contracts/ceremony/links.h"
#include "core/digest.h"
#include "core/error.h"
#include "storage/sql/instant.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Transaction;

using storage::msOf;

std::string sixDigits() {
  constexpr std::uint32_t kFair = 4'294'000'000u;  // the largest multiple of a million below 2^32
  std::uint32_t number = kFair;
  while (number >= kFair) {
    if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) != 1) {
      throw Error(ErrorCode::kSystem, "the random generator gave no bytes");
    }
  }
  const std::string digits = std::to_string(number % 1'000'000);
  return std::string(6 - digits.size(), '0') + digits;
}

std::string hashOf(const std::string& salt, const std::string& secret, const std::string& code) {
  return core::sha256Hex(salt + ":" + secret + ":" + code);
}

}  // namespace

bool countAttempt(Transaction& transaction, const std::string& subject, std::int64_t most,
                  std::chrono::milliseconds window, core::Instant now) {
  const std::int64_t oldest = msOf(now - window);
  const auto rows = transaction.query(
      "INSERT INTO attempt_counts (subject, count, window_ms) VALUES ($1, 1, $2) ON CONFLICT (subject) DO UPDATE SET "
      "count = CASE WHEN attempt_counts.window_ms <= $3 THEN 1 ELSE attempt_counts.count + 1 END, "
      "window_ms = CASE WHEN attempt_counts.window_ms <= $4 THEN excluded.window_ms ELSE attempt_counts.window_ms END "
      "RETURNING count",
      {subject, msOf(now), oldest, oldest});
  return rows.at(0).number(0) <= most;
}

std::string drawCode(storage::Database& database, const std::string& subject, const std::string& phone,
                     const std::string& secret, const CeremonyRules& rules, core::Instant now) {
  const std::string code = sixDigits();
  const std::string salt = drawSecret();
  database.write([&](Transaction& transaction) {
    const auto last = transaction.findRow("SELECT sent_ms FROM one_time_codes WHERE subject = $1", {subject});
    if (last && last->number(0) + rules.resendAfter.count() > msOf(now)) {
      throw Error(ErrorCode::kConflict, "a code was sent just now: wait before asking for another");
    }
    if (!countAttempt(transaction, "codes:" + subject, rules.codesAnHour, std::chrono::hours(1), now) ||
        !countAttempt(transaction, "phone:" + core::sha256Hex(phone), rules.codesADay, std::chrono::days(1), now)) {
      throw Error(ErrorCode::kConflict, "too many codes were sent: try again later");
    }
    transaction.execute(
        "INSERT INTO one_time_codes (subject, salt, code_sha256, expires_ms, tries, sent_ms) VALUES ($1, $2, $3, $4, "
        "0, $5) ON CONFLICT (subject) DO UPDATE SET salt = excluded.salt, code_sha256 = excluded.code_sha256, "
        "expires_ms = excluded.expires_ms, tries = 0, sent_ms = excluded.sent_ms",
        {subject, salt, hashOf(salt, secret, code), msOf(now + rules.codeLifetime), msOf(now)});
  });
  return code;
}

bool takeCode(storage::Database& database, const std::string& subject, const std::string& secret,
              const std::string& code, const CeremonyRules& rules, core::Instant now) {
  bool isRight = false;
  database.write([&](Transaction& transaction) {
    isRight = false;
    const auto rows = transaction.query(
        "UPDATE one_time_codes SET tries = tries + 1 WHERE subject = $1 AND tries < $2 AND expires_ms > $3 RETURNING "
        "salt, code_sha256",
        {subject, rules.codeTries, msOf(now)});
    if (rows.empty()) return;
    const std::string given = hashOf(rows[0].text(0), secret, code);
    const std::string& wanted = rows[0].text(1);
    isRight = given.size() == wanted.size() && CRYPTO_memcmp(given.data(), wanted.data(), given.size()) == 0;
    if (isRight) transaction.execute("UPDATE one_time_codes SET expires_ms = 0 WHERE subject = $1", {subject});
  });
  return isRight;
}

}  // namespace qianda::contracts
