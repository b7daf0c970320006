// Reading the audit log: streams of an organisation and their entries, as they stand. Whether they chain is for the
// reader of an export to say (contracts/evidence/audit_verifier.h). Any thread with a Transaction.
#pragma once

#include <functional>
#include <optional>

#include "storage/audit/audit_log.h"

namespace qianda::storage {

// A stream up to a length.
struct StreamHead {
  std::string stream;
  std::int64_t length = 0;
  std::string head;  // hash of the last entry
  bool operator==(const StreamHead&) const = default;
};

struct AuditRecord : AuditEntry {
  std::int64_t seq = 0;
  std::string hash;
};

// By their names.
std::vector<StreamHead> listStreams(Transaction& transaction, const std::string& organisation);
std::optional<StreamHead> findStream(Transaction& transaction, const std::string& stream);
// In the order of their numbers.
void forEachEntry(Transaction& transaction, const std::string& stream,
                  const std::function<void(const AuditRecord&)>& visit);

}  // namespace qianda::storage
