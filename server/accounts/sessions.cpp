#include "server/accounts/sessions.h"

#include "core/id.h"
#include "server/accounts/permissions.h"
#include "server/accounts/secrets.h"

namespace qianda::server {
namespace {

constexpr std::int64_t kTouchMs = 60'000;

std::int64_t ms(core::Instant instant) { return instant.time_since_epoch().count(); }

}  // namespace

const char* nameOf(SessionStage stage) {
  static constexpr const char* kNames[] = {"second_factor", "password", "enrolment", "full"};
  return kNames[static_cast<int>(stage)];
}

SessionStage Session::stage() const {
  if (user.hasTotp && !isProven) return SessionStage::kSecondFactor;
  if (user.mustChange) return SessionStage::kPassword;
  return user.needsTotp() && !user.hasTotp ? SessionStage::kEnrolment : SessionStage::kFull;
}

std::set<std::string> permissionsOf(const Session& session) {
  if (session.stage() == SessionStage::kSecondFactor) return {};
  const Role* role = findRole(session.user.kind, session.user.role);
  std::set<std::string> all;
  if (session.stage() == SessionStage::kFull && role) all = role->permissions;
  all.insert("account:write");
  return all;
}

std::string openSession(storage::Transaction& transaction, const AccountPolicy& policy, core::Instant now,
                        const Actor& actor, const User& user, bool isProven) {
  transaction.execute("DELETE FROM sessions WHERE user_id = $1 AND (created_ms < $2 OR seen_ms < $3)",
                      {user.id, ms(now - policy.sessionLongest), ms(now - policy.sessionIdle)});
  const std::string token = randomToken();
  transaction.execute(
      "INSERT INTO sessions (id, token_hash, user_id, proven, created_ms, seen_ms, peer, device) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {core::DocumentId::at(now).text(), hashOfSecret(token), user.id, std::int64_t{isProven}, ms(now), ms(now),
       actor.peer, actor.device});
  return token;
}

std::optional<Session> findSession(storage::Transaction& transaction, const AccountPolicy& policy, core::Instant now,
                                   const std::string& token) {
  const auto row = transaction.findRow(
      "SELECT id, user_id, proven, created_ms, seen_ms, peer, device FROM sessions "
      "WHERE token_hash = $1 AND created_ms > $2 AND seen_ms > $3",
      {hashOfSecret(token), ms(now - policy.sessionLongest), ms(now - policy.sessionIdle)});
  if (!row) return std::nullopt;
  const auto user = findUser(transaction, row->text(1));
  if (!user || !user->isActive()) return std::nullopt;
  return Session{row->text(0), *user, row->number(2) != 0, row->number(3), row->number(4), row->text(5), row->text(6)};
}

void touchSession(Accounts& accounts, const Session& session) {
  const std::int64_t now = accounts.nowMs();
  if (now - session.seenMs < kTouchMs) return;
  accounts.database.write([&](storage::Transaction& transaction) {
    transaction.execute("UPDATE sessions SET seen_ms = $1 WHERE id = $2 AND seen_ms < $3", {now, session.id, now});
  });
}

std::string rotateSession(storage::Transaction& transaction, const std::string& id, bool isProven) {
  std::string token = randomToken();
  transaction.execute("UPDATE sessions SET token_hash = $1, proven = $2 WHERE id = $3",
                      {hashOfSecret(token), std::int64_t{isProven}, id});
  return token;
}

std::vector<Session> listSessions(storage::Transaction& transaction, const AccountPolicy& policy, core::Instant now,
                                  const User& user) {
  std::vector<Session> list;
  for (const storage::Row& row :
       transaction.query("SELECT id, proven, created_ms, seen_ms, peer, device FROM sessions "
                         "WHERE user_id = $1 AND created_ms > $2 AND seen_ms > $3 ORDER BY id",
                         {user.id, ms(now - policy.sessionLongest), ms(now - policy.sessionIdle)})) {
    list.push_back({row.text(0), user, row.number(1) != 0, row.number(2), row.number(3), row.text(4), row.text(5)});
  }
  return list;
}

bool endSession(storage::Transaction& transaction, const std::string& user, const std::string& id) {
  return transaction.execute("DELETE FROM sessions WHERE user_id = $1 AND id = $2", {user, id}) > 0;
}

void endSessions(storage::Transaction& transaction, const std::string& user, const std::string& kept) {
  transaction.execute("DELETE FROM sessions WHERE user_id = $1 AND id <> $2", {user, kept});
}

std::string csrfTokenOf(const std::string& token) { return toBase64Url(sha256("qianda-csrf:" + token)); }

}  // namespace qianda::server
