// Who may do what: the one table of roles, by the kind of the organisation a user belongs to, and the permissions each
// carries. Routes name a permission (server/http/route.h); an API key carries some of its creator's. A role whose
// holders must prove a second factor gets no permission before they did. docs/accounts.md shows the same table; a test
// holds the two together. Constant data, any thread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace qianda::server {

// "enterprise", "arbitration_court" (劳动人事争议仲裁院), "postal_partner", "bureau" (人力资源和社会保障局), "operator"
// (of this service).
const std::vector<std::string>& organisationKinds();

struct Permission {
  std::string name, meaning;
};
// Every permission there is.
const std::vector<Permission>& permissions();

struct Role {
  std::string kind, name;
  bool needsSecondFactor = false;
  std::set<std::string> permissions;
};
const std::vector<Role>& roles();

// Null when organisations of that kind have no such role.
const Role* findRole(std::string_view kind, std::string_view name);
// The role the first user of an organisation gets: may create the others.
const Role& firstRole(std::string_view kind);

}  // namespace qianda::server
