// The users of organisations. Never deleted (the audit log names them), only deactivated. A login is unique in the
// whole service and lower-case ASCII. Whoever creates a user or resets a password gets a one-time password to hand
// over, which must be changed before anything else is allowed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/accounts/accounts.h"

namespace qianda::server {

struct User {
  std::string id, organisation, kind, organisationState, login, name, role, state;  // "active" or "inactive"
  std::optional<std::string> password;
  bool mustChange = false;
  std::string totpSecret;  // base 32, or ""
  bool hasTotp = false;    // confirmed
  std::int64_t createdMs = 0;

  bool isActive() const { return state == "active" && organisationState == "active"; }
  bool needsTotp() const;  // by its role
};

// "Li.Mei@Example.com" -> "li.mei@example.com"; nothing when it is no login.
std::optional<std::string> readLogin(std::string_view text);

std::optional<User> findUser(storage::Transaction& transaction, const std::string& id);
std::optional<User> findUserByLogin(storage::Transaction& transaction, const std::string& login);
// Problem 404 also for one of another organisation.
User getUser(storage::Transaction& transaction, const std::string& organisation, const std::string& id);
std::vector<User> listUsers(storage::Transaction& transaction, const std::string& organisation,
                            const std::string& after, int most);

struct NewUser {
  std::string organisation, login, name, role;
  std::optional<std::string> password = std::nullopt;  // chosen by who will use it; else a one-time one is drawn
};
struct OneTimePassword {
  std::string user, password;
};
// What is slow, before the transaction. Throws Problem 422 (login, password).
struct PreparedUser {
  NewUser user;
  std::string id, password, encoded;
};
PreparedUser prepareUser(Accounts& accounts, const NewUser& user);
// Throws Problem 422 (role), 409 "login_taken".
void insertUser(storage::Transaction& transaction, core::Instant at, const Actor& actor, const PreparedUser& prepared);
// Both, in a transaction of its own.
OneTimePassword createUser(Accounts& accounts, const Actor& actor, const NewUser& user);
// Ends the user's sessions. Nobody resets their own: Problem 409 "own_account".
OneTimePassword resetPassword(Accounts& accounts, const Actor& actor, const std::string& actorsId,
                              const std::string& organisation, const std::string& id);

struct UserChange {
  std::optional<std::string> name, role, state;
  bool dropsSecondFactor = false;  // a lost device without recovery codes
};
// A changed role or state, or a dropped second factor, ends the user's sessions. Nobody changes their own role, state
// or second factor here: Problem 409 "own_account".
void changeUser(storage::Transaction& transaction, core::Instant at, const Actor& actor, const std::string& actorsId,
                const std::string& organisation, const std::string& id, const UserChange& change);

}  // namespace qianda::server
