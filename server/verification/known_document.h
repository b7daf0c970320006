// What the service tells anybody of a document: by the address in its QR code, or by its octets. State, times, hashes
// and masked names; never an identity number, a phone or a whole name of a person. Addresses stay good for ever, also
// after a contract ended (docs/verification.md). Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "storage/sql/database.h"

namespace qianda::server {

struct KnownParty {
  std::string kind, name, state;  // a person's name masked: "示**"
};
struct KnownDocument {
  std::string id;
  std::string kind, title, state;
  core::Instant createdAt, changedAt;
  std::int64_t revision = 0, latestRevision = 0;  // `revision`: the one asked for, else the latest
  core::Instant revisionAt;
  std::string sha256;  // of the latest revision
  std::int64_t size = 0;
  std::vector<KnownParty> parties;
  std::optional<core::Instant> erasedAt;  // under a retention rule: then title and persons are empty
};

// 26 characters of either case; O, I and L are read as people write them (Crockford).
std::optional<KnownDocument> findKnownDocument(storage::Transaction& transaction, const std::string& id);
std::optional<KnownDocument> findKnownRevision(storage::Transaction& transaction, const std::string& sha256);

// "示例劳动者" -> "示****"; code points.
std::string maskedName(const std::string& name);
std::string stateWords(const std::string& state);  // Chinese

}  // namespace qianda::server
