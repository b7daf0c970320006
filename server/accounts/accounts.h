// What all of server/accounts works with: the database, the clock, the bounded parts that live in memory, the policy.
// Owned by the service, shared by all threads. Functions that take a Transaction run inside the caller's, so that a
// change and its audit entry are one; they refuse by throwing Problem, which rolls both back.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "server/accounts/oidc_client.h"
#include "server/accounts/passwords.h"
#include "server/accounts/rate_limit.h"
#include "server/http/exchange.h"
#include "server/http/problem.h"
#include "storage/sql/database.h"

namespace qianda::server {

struct AccountPolicy {
  PasswordCost password;
  std::chrono::milliseconds sessionIdle{std::chrono::minutes(30)};
  std::chrono::milliseconds sessionLongest{std::chrono::hours(12)};
  std::chrono::hours longestKey{24 * 366};
  Rate loginPerAddress{30, 30};           // logins and one-time codes
  Rate loginPerAccount{10, 10};           // of one account, whoever tries
  Rate requestsPerKey{600, 6000};         // of one API key
  std::string title = "Qianda";           // in authenticator apps
  std::vector<std::string> privateHosts;  // of identity providers, see oidc_client.h
};

// Who did something, as the audit log names them.
struct Actor {
  std::string name = "system";  // "user:<id>", "api_key:<id>"
  std::string peer, device;
};
Actor actorOf(const Request& request);

struct Accounts {
  Accounts(storage::Database& ofService, AccountPolicy itsPolicy, std::function<core::Instant()> itsClock,
           storage::Redis* redis = nullptr)
      : database(ofService),
        policy(std::move(itsPolicy)),
        clock(std::move(itsClock)),
        hasher(policy.password),
        limiter(redis),
        oidc(policy.privateHosts) {}

  storage::Database& database;
  const AccountPolicy policy;
  const std::function<core::Instant()> clock;
  PasswordHasher hasher;
  RateLimiter limiter;
  OidcClient oidc;

  std::int64_t nowMs() const { return clock().time_since_epoch().count(); }
};

// Throws Problem 429 "too_many_requests" with Retry-After.
void checkRate(Accounts& accounts, const std::string& key, const Rate& rate);
[[noreturn]] void refuseForNow(std::chrono::seconds wait);

using EventDetails = std::vector<std::pair<std::string, std::string>>;
// Into the audit log's stream of the organisation; an empty one stands for the service itself ("service").
void recordAccountEvent(storage::Transaction& transaction, core::Instant at, const Actor& actor,
                        const std::string& organisation, const std::string& type, const EventDetails& details);

[[noreturn]] void refuseUnknown(const std::string& what);  // 404 "not_found"

}  // namespace qianda::server
