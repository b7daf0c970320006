#include "server/accounts/users.h"

#include <algorithm>

#include "core/id.h"
#include "core/text.h"
#include "server/accounts/attempts.h"
#include "server/accounts/organisations.h"
#include "server/accounts/permissions.h"
#include "server/accounts/secrets.h"

namespace qianda::server {
namespace {

constexpr const char* kSelect =
    "SELECT u.id, u.organisation, o.kind, o.state, u.login, u.name, u.role, u.state, u.password, u.must_change, "
    "u.totp_secret, u.totp_confirmed, u.created_ms FROM users u JOIN organisations o ON o.id = u.organisation ";

User read(const storage::Row& row) {
  User user;
  user.id = row.text(0);
  user.organisation = row.text(1);
  user.kind = row.text(2);
  user.organisationState = row.text(3);
  user.login = row.text(4);
  user.name = row.text(5);
  user.role = row.text(6);
  user.state = row.text(7);
  user.password = row.findText(8);
  user.mustChange = row.number(9) != 0;
  user.totpSecret = row.findText(10).value_or("");
  user.hasTotp = row.number(11) != 0;
  user.createdMs = row.number(12);
  return user;
}

std::optional<User> findOne(storage::Transaction& transaction, const char* where, const std::string& value) {
  const auto row = transaction.findRow(std::string(kSelect) + where, {value});
  return row ? std::optional(read(*row)) : std::nullopt;
}

[[noreturn]] void refuseField(const std::string& name, const std::string& code, const std::string& message) {
  throw Problem(422, "body_invalid", message, {{"/" + name, "", "", code, message}});
}

void checkRole(const std::string& kind, const std::string& role) {
  if (!findRole(kind, role)) refuseField("role", "choice", "organisations of the kind " + kind + " have no such role");
}

// 100 bits a person can type.
std::string drawPassword() {
  std::string plain = toBase32(randomOctets(13)).substr(0, 20);
  for (std::size_t at = 15; at > 0; at -= 5) plain.insert(at, "-");
  return plain;
}

}  // namespace

bool User::needsTotp() const {
  const Role* found = findRole(kind, role);
  return found && found->needsSecondFactor;
}

std::optional<std::string> readLogin(std::string_view text) {
  std::string login;
  for (const char c : core::trim(text)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x80 || (!std::isalnum(octet) && std::string_view("._-+@").find(c) == std::string_view::npos)) {
      return std::nullopt;
    }
    login += static_cast<char>(std::tolower(octet));
  }
  if (login.size() < 3 || login.size() > 100) return std::nullopt;
  return login;
}

std::optional<User> findUser(storage::Transaction& transaction, const std::string& id) {
  return findOne(transaction, "WHERE u.id = $1", id);
}

std::optional<User> findUserByLogin(storage::Transaction& transaction, const std::string& login) {
  return findOne(transaction, "WHERE u.login = $1", login);
}

User getUser(storage::Transaction& transaction, const std::string& organisation, const std::string& id) {
  const auto user = findUser(transaction, id);
  if (!user || user->organisation != organisation) refuseUnknown("user");
  return *user;
}

std::vector<User> listUsers(storage::Transaction& transaction, const std::string& organisation,
                            const std::string& after, int most) {
  std::vector<User> list;
  for (const storage::Row& row :
       transaction.query(std::string(kSelect) + "WHERE u.organisation = $1 AND u.id > $2 ORDER BY u.id LIMIT $3",
                         {organisation, after, std::int64_t{most}})) {
    list.push_back(read(row));
  }
  return list;
}

PreparedUser prepareUser(Accounts& accounts, const NewUser& user) {
  PreparedUser prepared{user, core::DocumentId::at(accounts.clock()).text(), user.password.value_or(drawPassword()),
                        ""};
  const auto login = readLogin(user.login);
  if (!login) refuseField("login", "format", "a login has 3 to 100 letters, digits and . _ - + @");
  prepared.user.login = *login;
  if (user.password) {
    const auto fault = findPasswordFault(*user.password, *login, user.name);
    if (fault) refuseField("password", *fault, describePasswordFault(*fault));
  }
  prepared.encoded = accounts.hasher.hash(prepared.password);
  return prepared;
}

void insertUser(storage::Transaction& transaction, core::Instant at, const Actor& actor, const PreparedUser& prepared) {
  const NewUser& user = prepared.user;
  checkRole(getOrganisation(transaction, user.organisation).kind, user.role);
  const std::uint64_t inserted = transaction.execute(
      "INSERT INTO users (id, organisation, login, name, role, state, password, must_change, totp_secret, "
      "totp_confirmed, totp_step, created_ms) VALUES ($1, $2, $3, $4, $5, 'active', $6, $7, NULL, 0, 0, $8) "
      "ON CONFLICT (login) DO NOTHING",
      {prepared.id, user.organisation, user.login, user.name, user.role, prepared.encoded, std::int64_t{!user.password},
       at.time_since_epoch().count()});
  if (inserted == 0) {
    const std::string message = "this login is taken";
    throw Problem(409, "login_taken", message, {{"/login", "", "", "taken", message}});
  }
  recordAccountEvent(transaction, at, actor, user.organisation, "user.created",
                     {{"user", prepared.id}, {"login", user.login}, {"role", user.role}});
}

OneTimePassword createUser(Accounts& accounts, const Actor& actor, const NewUser& user) {
  const PreparedUser prepared = prepareUser(accounts, user);
  accounts.database.write(
      [&](storage::Transaction& transaction) { insertUser(transaction, accounts.clock(), actor, prepared); });
  return {prepared.id, prepared.password};
}

OneTimePassword resetPassword(Accounts& accounts, const Actor& actor, const std::string& actorsId,
                              const std::string& organisation, const std::string& id) {
  if (id == actorsId) throw Problem(409, "own_account", "change your own password with the present one");
  const std::string password = drawPassword(), encoded = accounts.hasher.hash(password);
  const core::Instant now = accounts.clock();
  accounts.database.write([&](storage::Transaction& transaction) {
    const User user = getUser(transaction, organisation, id);
    transaction.execute("UPDATE users SET password = $1, must_change = 1 WHERE id = $2", {encoded, id});
    transaction.execute("DELETE FROM sessions WHERE user_id = $1", {id});
    forgetAttempts(transaction, user.login);
    recordAccountEvent(transaction, now, actor, organisation, "user.password_reset", {{"user", id}});
  });
  return {id, password};
}

void changeUser(storage::Transaction& transaction, core::Instant at, const Actor& actor, const std::string& actorsId,
                const std::string& organisation, const std::string& id, const UserChange& change) {
  const User before = getUser(transaction, organisation, id);
  const bool isGrave = change.role || change.state || change.dropsSecondFactor;
  if (isGrave && id == actorsId) {
    throw Problem(409, "own_account", "nobody changes their own role, state or second factor");
  }
  if (change.role) checkRole(before.kind, *change.role);
  transaction.execute(
      "UPDATE users SET name = $1, role = $2, state = $3 WHERE id = $4",
      {change.name.value_or(before.name), change.role.value_or(before.role), change.state.value_or(before.state), id});
  if (change.dropsSecondFactor) {
    transaction.execute("UPDATE users SET totp_secret = NULL, totp_confirmed = 0 WHERE id = $1", {id});
    transaction.execute("DELETE FROM recovery_codes WHERE user_id = $1", {id});
  }
  if (isGrave) transaction.execute("DELETE FROM sessions WHERE user_id = $1", {id});
  EventDetails details{{"user", id}};
  if (change.name) details.emplace_back("name", *change.name);
  if (change.role) details.emplace_back("role", *change.role);
  if (change.state) details.emplace_back("state", *change.state);
  if (change.dropsSecondFactor) details.emplace_back("second_factor", "dropped");
  recordAccountEvent(transaction, at, actor, organisation, "user.changed", details);
}

}  // namespace qianda::server
