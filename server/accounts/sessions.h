// Sessions of users: a random token in a cookie, of which only the hash is stored. A session ends when it was idle for
// too long, at its longest age, at a logout, and when the user's role, state or password changes; its token changes
// when the session gains rights. Every request looks the session up, so that what ended is refused at once, on every
// node.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/accounts/accounts.h"
#include "server/accounts/users.h"

namespace qianda::server {

inline constexpr const char* kSessionCookie = "__Host-qianda";

// What is still to be done before a session has its role's permissions, in this order.
enum class SessionStage {
  kSecondFactor,  // show the second factor the account has
  kPassword,      // replace a one-time password
  kEnrolment,     // enrol the second factor the role asks for
  kFull,
};
const char* nameOf(SessionStage stage);  // "second_factor", "password", "enrolment", "full"

struct Session {
  std::string id;
  User user;
  bool isProven = false;
  std::int64_t createdMs = 0, seenMs = 0;
  std::string peer, device;
  SessionStage stage() const;
};

// "account:write" once the factors the account has were shown; the role's permissions at the stage kFull.
std::set<std::string> permissionsOf(const Session& session);

// The token for the cookie. Drops the user's expired sessions.
std::string openSession(storage::Transaction& transaction, const AccountPolicy& policy, core::Instant now,
                        const Actor& actor, const User& user, bool isProven);
// The session of a token, if it has not ended and its user and organisation are active.
std::optional<Session> findSession(storage::Transaction& transaction, const AccountPolicy& policy, core::Instant now,
                                   const std::string& token);
// Notes at most once a minute that the session is in use.
void touchSession(Accounts& accounts, const Session& session);
// The same session with another token.
std::string rotateSession(storage::Transaction& transaction, const std::string& id, bool isProven);
std::vector<Session> listSessions(storage::Transaction& transaction, const AccountPolicy& policy, core::Instant now,
                                  const User& user);
// False when the user has no such session.
bool endSession(storage::Transaction& transaction, const std::string& user, const std::string& id);
// All but `kept`.
void endSessions(storage::Transaction& transaction, const std::string& user, const std::string& kept = "");

// What X-CSRF-Token must be in requests of that session that change something.
std::string csrfTokenOf(const std::string& token);

}  // namespace qianda::server
