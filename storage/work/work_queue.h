// Durable work: what must still happen, written in the transaction that made it necessary, and taken by any process for
// a limited time (a lease). A worker that dies loses its lease and another one takes the work; one that comes back too
// late finds that its lease is gone (kConflict) and its transaction with it, so that nothing is done twice in the
// database. What is done outside of it must bear repetition. There is one piece of work for a kind and a subject;
// asking for it again while it runs makes it run once more afterwards. Functions on a Transaction or a Database, any
// thread.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "storage/sql/database.h"

namespace qianda::storage {

struct NewWork {
  std::string kind;     // "webhook", "batch", ...
  std::string subject;  // the id of what it is about
  std::string payload;  // JSON or empty; the last one asked for counts
  core::Instant due;
};

struct Lease {
  std::string id, kind, subject, payload, token;
  std::int64_t generation = 0;
  std::int64_t attempts = 0;  // with this one
  core::Instant until;
};

void enqueueWork(Transaction& transaction, const NewWork& work, core::Instant now);

// At most `limit` pieces of these kinds that are due and not leased, oldest first.
std::vector<Lease> leaseWork(Database& database, const std::vector<std::string>& kinds, core::Instant now,
                             std::chrono::milliseconds duration, std::size_t limit);
// This one piece, also before it is due, unless it is leased or dead; for who asked for it and does it at once.
std::optional<Lease> leaseSubject(Database& database, const std::string& kind, const std::string& subject,
                                  core::Instant now, std::chrono::milliseconds duration);
// False when the lease was lost.
bool renewLease(Database& database, Lease& lease, core::Instant now, std::chrono::milliseconds duration);

// Each of these ends a lease and throws kConflict when it was lost meanwhile.
void finishWork(Transaction& transaction, const Lease& lease, core::Instant now);
void postponeWork(Transaction& transaction, const Lease& lease, core::Instant due, const std::string& reason);
// It failed for good: kept, never taken again until reviveWork.
void buryWork(Transaction& transaction, const Lease& lease, const std::string& reason);

// True when a dead piece of work is ready again.
bool reviveWork(Transaction& transaction, const std::string& kind, const std::string& subject, core::Instant now);

struct WorkCount {
  std::int64_t ready = 0, leased = 0, dead = 0;
  std::int64_t oldestDueMs = 0;  // of the ready ones, 0 when there are none
};
std::map<std::string, WorkCount> countWork(Transaction& transaction, core::Instant now);  // by kind

}  // namespace qianda::storage
