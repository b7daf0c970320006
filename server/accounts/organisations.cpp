#include "server/accounts/organisations.h"

#include <algorithm>

#include "core/id.h"
#include "server/accounts/permissions.h"
#include "templates/identity.h"

namespace qianda::server {
namespace {

constexpr const char* kSelect = "SELECT id, kind, name, uscc, state, created_ms FROM organisations ";

Organisation read(const storage::Row& row) {
  return {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.number(5)};
}

[[noreturn]] void refuseField(const std::string& name, const std::string& code, const std::string& message) {
  throw Problem(422, "body_invalid", message, {{"/" + name, "", "", code, message}});
}

}  // namespace

Organisation createOrganisation(storage::Transaction& transaction, core::Instant at, const Actor& actor,
                                const std::string& kind, const std::string& name, const std::string& uscc) {
  const auto& kinds = organisationKinds();
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) refuseField("kind", "choice", "no such kind");
  if (!templates::isUscc(uscc)) refuseField("uscc", "format", "not a unified social credit code (GB 32100)");
  const Organisation made{core::DocumentId::at(at).text(), kind, name, uscc, "active", at.time_since_epoch().count()};
  const std::uint64_t inserted = transaction.execute(
      "INSERT INTO organisations (id, kind, name, uscc, state, created_ms) VALUES ($1, $2, $3, $4, $5, $6) "
      "ON CONFLICT (uscc) DO NOTHING",
      {made.id, made.kind, made.name, made.uscc, made.state, made.createdMs});
  if (inserted == 0) {
    const std::string message = "an organisation with this code exists";
    throw Problem(409, "uscc_taken", message, {{"/uscc", "", "", "taken", message}});
  }
  recordAccountEvent(transaction, at, actor, made.id, "organisation.created",
                     {{"kind", kind}, {"name", name}, {"uscc", uscc}});
  return made;
}

std::optional<Organisation> findOrganisation(storage::Transaction& transaction, const std::string& id) {
  const auto row = transaction.findRow(std::string(kSelect) + "WHERE id = $1", {id});
  return row ? std::optional(read(*row)) : std::nullopt;
}

Organisation getOrganisation(storage::Transaction& transaction, const std::string& id) {
  const auto found = findOrganisation(transaction, id);
  if (!found) refuseUnknown("organisation");
  return *found;
}

std::vector<Organisation> listOrganisations(storage::Transaction& transaction, const std::string& after, int most) {
  std::vector<Organisation> list;
  for (const storage::Row& row :
       transaction.query(std::string(kSelect) + "WHERE id > $1 ORDER BY id LIMIT $2", {after, std::int64_t{most}})) {
    list.push_back(read(row));
  }
  return list;
}

void changeOrganisation(storage::Transaction& transaction, core::Instant at, const Actor& actor,
                        const std::string& actorsOrganisation, const std::string& id,
                        const OrganisationChange& change) {
  const Organisation before = getOrganisation(transaction, id);
  if (change.state && *change.state != "active" && id == actorsOrganisation) {
    throw Problem(409, "own_organisation", "nobody suspends the organisation they belong to");
  }
  transaction.execute("UPDATE organisations SET name = $1, state = $2 WHERE id = $3",
                      {change.name.value_or(before.name), change.state.value_or(before.state), id});
  if (change.state && *change.state != "active") {
    transaction.execute("DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE organisation = $1)", {id});
  }
  EventDetails details;
  if (change.name) details.emplace_back("name", *change.name);
  if (change.state) details.emplace_back("state", *change.state);
  recordAccountEvent(transaction, at, actor, id, "organisation.changed", details);
}

}  // namespace qianda::server
