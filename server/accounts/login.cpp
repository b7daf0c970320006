#include "server/accounts/login.h"

#include "server/accounts/attempts.h"
#include "server/accounts/secrets.h"
#include "server/accounts/totp.h"

namespace qianda::server {
namespace {

using storage::Transaction;

// What the limits and the lock know a login by, also one that cannot exist.
std::string subjectOf(const std::string& text) { return readLogin(text).value_or("?" + hashOfSecret(text)); }

void checkPassword(Accounts& accounts, const Actor& actor, const User& user, const std::string& password) {
  countGuess(accounts, actor, user.login);
  if (accounts.hasher.isRight(password, user.password)) return;
  accounts.database.write([&](Transaction& transaction) {
    recordAccountEvent(transaction, accounts.clock(), actor, user.organisation, "login.failed", {{"user", user.id}});
  });
  throw Problem(401, "password_wrong", "the password is wrong");
}

Session getSession(Transaction& transaction, const Accounts& accounts, const std::string& token) {
  const auto session = findSession(transaction, accounts.policy, accounts.clock(), token);
  if (!session) throw Problem(401, "unauthenticated", "the session has ended");
  return *session;
}

}  // namespace

void countGuess(Accounts& accounts, const Actor& actor, const std::string& login) {
  checkRate(accounts, "guess-address:" + rateAddress(actor.peer), accounts.policy.loginPerAddress);
  checkRate(accounts, "guess-account:" + login, accounts.policy.loginPerAccount);
  const auto wait = accounts.database.written<std::optional<std::chrono::seconds>>(
      [&](Transaction& transaction) { return countAttempt(transaction, login, accounts.clock()); });
  if (wait) refuseForNow(*wait);
}

OpenedSession logIn(Accounts& accounts, const Actor& actor, const std::string& login, const std::string& password) {
  const std::string subject = subjectOf(login);
  countGuess(accounts, actor, subject);
  const auto user = accounts.database.looked<std::optional<User>>(
      [&](Transaction& transaction) { return findUserByLogin(transaction, subject); });
  const bool isOpen = user && user->isActive();
  const bool isRight = accounts.hasher.isRight(password, isOpen ? user->password : std::nullopt);
  std::optional<std::string> renewed;
  if (isRight && accounts.hasher.isOutdated(*user->password)) renewed = accounts.hasher.hash(password);
  const auto opened = accounts.database.written<std::optional<OpenedSession>>(
      [&](Transaction& transaction) -> std::optional<OpenedSession> {
        const core::Instant now = accounts.clock();
        const auto present = isRight ? findUser(transaction, user->id) : std::nullopt;
        // Closed or given another password in the meantime.
        if (!present || !present->isActive() || present->password != user->password) {
          EventDetails details;
          if (user) details.emplace_back("user", user->id);
          recordAccountEvent(transaction, now, actor, user ? user->organisation : "", "login.failed", details);
          return std::nullopt;
        }
        if (renewed) {
          transaction.execute("UPDATE users SET password = $1 WHERE id = $2", {*renewed, user->id});
        }
        if (!present->hasTotp) forgetAttempts(transaction, present->login);
        const std::string token = openSession(transaction, accounts.policy, now, actor, *present, false);
        recordAccountEvent(transaction, now, {"user:" + user->id, actor.peer, actor.device}, user->organisation,
                           "login.succeeded", {{"user", user->id}, {"by", "password"}});
        return OpenedSession{token, getSession(transaction, accounts, token)};
      });
  if (!opened) throw Problem(401, "login_failed", "the login or the password is wrong");
  return *opened;
}

OpenedSession changePassword(Accounts& accounts, const Actor& actor, const Session& session, const std::string& present,
                             const std::string& next) {
  const User& user = session.user;
  checkPassword(accounts, actor, user, present);
  auto fault = findPasswordFault(next, user.login, user.name);
  if (!fault && next == present) fault = "unchanged";
  if (fault) {
    const std::string message = *fault == "unchanged" ? "the same as the present one" : describePasswordFault(*fault);
    throw Problem(422, "body_invalid", message, {{"/new_password", "", "", *fault, message}});
  }
  const std::string encoded = accounts.hasher.hash(next);
  return accounts.database.written<OpenedSession>([&](Transaction& transaction) {
    const std::uint64_t changed =
        transaction.execute("UPDATE users SET password = $1, must_change = 0 WHERE id = $2 AND password = $3",
                            {encoded, user.id, user.password.value_or("")});
    if (changed == 0) throw Problem(409, "password_changed", "the password was changed in the meantime");
    endSessions(transaction, user.id, session.id);
    forgetAttempts(transaction, user.login);
    const std::string token = rotateSession(transaction, session.id, session.isProven);
    recordAccountEvent(transaction, accounts.clock(), actor, user.organisation, "user.password_changed",
                       {{"user", user.id}});
    return OpenedSession{token, getSession(transaction, accounts, token)};
  });
}

Enrolment enrolSecondFactor(Accounts& accounts, const Actor& actor, const Session& session,
                            const std::string& password) {
  const User& user = session.user;
  const Problem enrolled(409, "second_factor_enrolled", "the account has a second factor");
  if (user.hasTotp) throw enrolled;
  checkPassword(accounts, actor, user, password);
  const core::Bytes secret = drawTotpSecret();
  accounts.database.write([&](Transaction& transaction) {
    const std::uint64_t changed =
        transaction.execute("UPDATE users SET totp_secret = $1, totp_step = 0 WHERE id = $2 AND totp_confirmed = 0",
                            {toBase32(secret), user.id});
    if (changed == 0) throw enrolled;
    // The password was shown in a session that has all the factors there are.
    forgetAttempts(transaction, user.login);
  });
  return {toBase32(secret), otpauthUri(secret, accounts.policy.title, user.login)};
}

}  // namespace qianda::server
