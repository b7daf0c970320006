// Organisations: the tenants. Created and suspended by an operator; a suspended one's users and keys are refused.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/accounts/accounts.h"

namespace qianda::server {

struct Organisation {
  std::string id, kind, name, uscc, state;  // "active" or "suspended"
  std::int64_t createdMs = 0;
};

// Throws Problem 422 for another kind or a code that is no USCC (GB 32100), 409 "uscc_taken".
Organisation createOrganisation(storage::Transaction& transaction, core::Instant at, const Actor& actor,
                                const std::string& kind, const std::string& name, const std::string& uscc);
std::optional<Organisation> findOrganisation(storage::Transaction& transaction, const std::string& id);
Organisation getOrganisation(storage::Transaction& transaction, const std::string& id);  // Problem 404
// In order of their ids, those after `after`.
std::vector<Organisation> listOrganisations(storage::Transaction& transaction, const std::string& after, int most);

struct OrganisationChange {
  std::optional<std::string> name, state;
};
// Operators cannot suspend their own: Problem 409 "own_organisation".
void changeOrganisation(storage::Transaction& transaction, core::Instant at, const Actor& actor,
                        const std::string& actorsOrganisation, const std::string& id, const OrganisationChange& change);

}  // namespace qianda::server
