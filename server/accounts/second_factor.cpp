#include <algorithm>

#include "server/accounts/attempts.h"
#include "server/accounts/login.h"
#include "server/accounts/secrets.h"
#include "server/accounts/totp.h"

namespace qianda::server {
namespace {

using storage::Transaction;

enum class CodeUse { kWrong, kOneTime, kRecovery };

// Uses the code up: each step of the clock counts once, each recovery code once, whoever comes first.
CodeUse useCode(Transaction& transaction, const std::string& userId, const std::string& code, core::Instant now) {
  const auto row = transaction.findRow("SELECT totp_secret, totp_step FROM users WHERE id = $1", {userId});
  const auto secret = row ? fromBase32(row->findText(0).value_or("")) : std::nullopt;
  if (!secret || secret->empty()) return CodeUse::kWrong;
  if (const auto step = findTotpStep(*secret, code, now, row->number(1))) {
    const std::uint64_t used =
        transaction.execute("UPDATE users SET totp_step = $1 WHERE id = $2 AND totp_step < $3", {*step, userId, *step});
    return used == 1 ? CodeUse::kOneTime : CodeUse::kWrong;
  }
  const auto recovery = readRecoveryCode(code);
  if (!recovery) return CodeUse::kWrong;
  const std::uint64_t used = transaction.execute("DELETE FROM recovery_codes WHERE user_id = $1 AND hash = $2",
                                                 {userId, hashOfSecret(*recovery)});
  return used == 1 ? CodeUse::kRecovery : CodeUse::kWrong;
}

[[noreturn]] void refuseCode() { throw Problem(401, "code_wrong", "the code is wrong or was used"); }

// Runs `then` with the code used up, in one transaction; a wrong code is recorded and refused.
void withCode(Accounts& accounts, const Actor& actor, const User& user, const std::string& code,
              const std::function<void(Transaction&, CodeUse)>& then) {
  countGuess(accounts, actor, user.login);
  const CodeUse use = accounts.database.written<CodeUse>([&](Transaction& transaction) {
    const core::Instant now = accounts.clock();
    const CodeUse found = useCode(transaction, user.id, code, now);
    if (found == CodeUse::kWrong) {
      recordAccountEvent(transaction, now, actor, user.organisation, "login.code_failed", {{"user", user.id}});
    } else {
      forgetAttempts(transaction, user.login);
      then(transaction, found);
    }
    return found;
  });
  if (use == CodeUse::kWrong) refuseCode();
}

OpenedSession rotated(Transaction& transaction, Accounts& accounts, const Session& session) {
  const std::string token = rotateSession(transaction, session.id, true);
  const auto found = findSession(transaction, accounts.policy, accounts.clock(), token);
  if (!found) throw Problem(401, "unauthenticated", "the session has ended");
  return {token, *found};
}

std::vector<std::string> replaceRecoveryCodes(Transaction& transaction, const std::string& userId) {
  std::vector<std::string> codes = drawRecoveryCodes();
  transaction.execute("DELETE FROM recovery_codes WHERE user_id = $1", {userId});
  std::vector<storage::Values> rows;
  for (const std::string& code : codes) rows.push_back({userId, hashOfSecret(code)});
  transaction.insertAll("INSERT INTO recovery_codes (user_id, hash) VALUES", 2, rows);
  return codes;
}

void checkEnrolled(const User& user) {
  if (!user.hasTotp) throw Problem(409, "second_factor_not_expected", "the account has no second factor");
}

}  // namespace

OpenedSession proveSecondFactor(Accounts& accounts, const Actor& actor, const Session& session,
                                const std::string& code) {
  if (session.stage() != SessionStage::kSecondFactor) {
    throw Problem(409, "second_factor_not_expected", "this session waits for no code");
  }
  OpenedSession opened;
  withCode(accounts, actor, session.user, code, [&](Transaction& transaction, CodeUse use) {
    opened = rotated(transaction, accounts, session);
    recordAccountEvent(transaction, accounts.clock(), actor, session.user.organisation, "login.second_factor",
                       {{"user", session.user.id}, {"by", use == CodeUse::kOneTime ? "totp" : "recovery_code"}});
  });
  return opened;
}

ConfirmedEnrolment confirmSecondFactor(Accounts& accounts, const Actor& actor, const Session& session,
                                       const std::string& code) {
  const User& user = session.user;
  if (user.hasTotp || user.totpSecret.empty()) {
    throw Problem(409, "second_factor_not_expected", "no enrolment waits for a code");
  }
  ConfirmedEnrolment confirmed;
  withCode(accounts, actor, user, code, [&](Transaction& transaction, CodeUse) {
    const std::uint64_t changed = transaction.execute(
        "UPDATE users SET totp_confirmed = 1 WHERE id = $1 AND totp_confirmed = 0 AND totp_secret = $2",
        {user.id, user.totpSecret});
    if (changed == 0) refuseCode();  // enrolled anew in the meantime
    confirmed.recoveryCodes = replaceRecoveryCodes(transaction, user.id);
    confirmed.opened = rotated(transaction, accounts, session);
    recordAccountEvent(transaction, accounts.clock(), actor, user.organisation, "user.second_factor_enrolled",
                       {{"user", user.id}});
  });
  return confirmed;
}

void dropSecondFactor(Accounts& accounts, const Actor& actor, const Session& session, const std::string& code) {
  const User& user = session.user;
  checkEnrolled(user);
  if (user.needsTotp()) throw Problem(409, "second_factor_needed", "the role asks for a second factor");
  withCode(accounts, actor, user, code, [&](Transaction& transaction, CodeUse) {
    transaction.execute("UPDATE users SET totp_secret = NULL, totp_confirmed = 0 WHERE id = $1", {user.id});
    transaction.execute("DELETE FROM recovery_codes WHERE user_id = $1", {user.id});
    endSessions(transaction, user.id, session.id);
    recordAccountEvent(transaction, accounts.clock(), actor, user.organisation, "user.second_factor_dropped",
                       {{"user", user.id}});
  });
}

std::vector<std::string> renewRecoveryCodes(Accounts& accounts, const Actor& actor, const Session& session,
                                            const std::string& code) {
  const User& user = session.user;
  checkEnrolled(user);
  std::vector<std::string> codes;
  withCode(accounts, actor, user, code, [&](Transaction& transaction, CodeUse) {
    codes = replaceRecoveryCodes(transaction, user.id);
    recordAccountEvent(transaction, accounts.clock(), actor, user.organisation, "user.recovery_codes_renewed",
                       {{"user", user.id}});
  });
  return codes;
}

}  // namespace qianda::server
