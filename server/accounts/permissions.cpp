#include "server/accounts/permissions.h"

#include <algorithm>

#include "core/error.h"

namespace qianda::server {

const std::vector<std::string>& organisationKinds() {
  static const std::vector<std::string> kinds = {"enterprise", "arbitration_court", "postal_partner", "bureau",
                                                 "operator"};
  return kinds;
}

const std::vector<Permission>& permissions() {
  static const std::vector<Permission> all = {
      {"account:write",
       "change one's own password, second factor, sessions and logins elsewhere: every user's, no key's"},
      {"envelopes:read", "see envelopes, their documents and states"},
      {"envelopes:write", "create, send, revoke and renew envelopes"},
      {"batches:write", "start, follow and cancel batches"},
      {"templates:read", "see templates"},
      {"templates:write", "add and withdraw templates"},
      {"seals:read", "see seals, their grants and their uses"},
      {"seals:use", "seal documents, within a grant"},
      {"seals:grant", "keep seals and propose grants"},
      {"seals:approve", "approve grants another person proposed"},
      {"evidence:read", "fetch evidence packages"},
      {"retention:read", "see retention rules, holds, erasures and their proofs"},
      {"retention:write", "note ends of contracts, propose erasures"},
      {"retention:hold", "place and lift legal holds"},
      {"retention:approve", "change retention rules, approve erasures another person proposed"},
      {"cases:read", "see cases, their parties, addresses and clocks"},
      {"cases:write", "register cases, add what happens in them"},
      {"service:read", "see court documents, service records, parcels and proofs"},
      {"service:write", "issue documents, try their service, file evidence"},
      {"service:decide", "confirm or revoke deemed service, change the rules of service"},
      {"webhooks:write", "see and change webhooks, replay deliveries"},
      {"users:read", "see the organisation's users"},
      {"users:write", "create, change, unlock and deactivate users"},
      {"keys:write", "see, create and revoke API keys"},
      {"organisations:read", "see every organisation"},
      {"organisations:write", "create and change organisations and their first users"},
      {"audit:read", "read and export the audit log"},
      {"operations:read", "see the state of the service: queues, storage, nodes"},
  };
  return all;
}

const std::vector<Role>& roles() {
  // The first role of a kind is the one its first user gets.
  static const std::vector<Role> all = {
      {"enterprise",
       "owner",
       false,
       {"envelopes:read", "envelopes:write", "batches:write", "templates:read", "templates:write", "seals:read",
        "seals:use", "evidence:read", "retention:read", "retention:write", "retention:hold", "retention:approve",
        "webhooks:write", "users:read", "users:write", "keys:write", "audit:read"}},
      {"enterprise",
       "hr",
       false,
       {"envelopes:read", "envelopes:write", "batches:write", "templates:read", "seals:read", "seals:use",
        "evidence:read", "retention:read", "retention:write", "retention:hold"}},
      {"enterprise",
       "seal_keeper",
       true,
       {"envelopes:read", "templates:read", "seals:read", "seals:use", "seals:grant"}},
      {"enterprise", "seal_approver", true, {"envelopes:read", "templates:read", "seals:read", "seals:approve"}},
      {"enterprise", "viewer", false, {"envelopes:read", "templates:read", "evidence:read"}},
      {"arbitration_court",
       "presiding",
       true,
       {"envelopes:read",    "envelopes:write", "batches:write", "templates:read", "templates:write", "seals:read",
        "seals:use",         "seals:approve",   "evidence:read", "retention:read", "retention:write", "retention:hold",
        "retention:approve", "cases:read",      "cases:write",   "service:read",   "service:write",   "service:decide",
        "webhooks:write",    "users:read",      "users:write",   "keys:write",     "audit:read"}},
      {"arbitration_court",
       "clerk",
       true,
       {"envelopes:read", "envelopes:write", "batches:write", "templates:read", "seals:read", "seals:use",
        "seals:grant", "evidence:read", "retention:read", "retention:write", "retention:hold", "cases:read",
        "cases:write", "service:read", "service:write"}},
      {"postal_partner",
       "administrator",
       false,
       {"envelopes:read", "evidence:read", "webhooks:write", "users:read", "users:write", "keys:write", "audit:read"}},
      {"postal_partner", "agent", false, {"envelopes:read", "evidence:read"}},
      {"bureau", "administrator", true, {"webhooks:write", "users:read", "users:write", "keys:write", "audit:read"}},
      {"bureau", "supervisor", false, {"envelopes:read", "evidence:read", "audit:read"}},
      {"operator",
       "administrator",
       true,
       {"users:read", "users:write", "keys:write", "organisations:read", "organisations:write", "audit:read",
        "operations:read"}},
      {"operator", "auditor", true, {"users:read", "organisations:read", "audit:read", "operations:read"}},
  };
  return all;
}

const Role* findRole(std::string_view kind, std::string_view name) {
  const auto at = std::find_if(roles().begin(), roles().end(),
                               [&](const Role& role) { return role.kind == kind && role.name == name; });
  return at == roles().end() ? nullptr : &*at;
}

const Role& firstRole(std::string_view kind) {
  const auto at = std::find_if(roles().begin(), roles().end(), [&](const Role& role) { return role.kind == kind; });
  if (at == roles().end()) {
    throw core::Error(core::ErrorCode::kInvalidInput, "no kind of organisation: " + std::string(kind));
  }
  return *at;
}

}  // namespace qianda::server
