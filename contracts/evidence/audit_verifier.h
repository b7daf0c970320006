// Checks an audit export (audit_export.h) on any machine, with nothing but the file and trust anchors. Finds every
// entry that was deleted, changed or moved, every stream or anchor that is missing, exchanged or changed timestamps and
// a tail that was cut, and names stream, number and what is wrong. A verdict is a value: no file makes it throw. What
// an organisation kept of earlier may be given too: nothing that it tells may have changed since.
#pragma once

#include <functional>
#include <istream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "signing/verify/detached.h"
#include "storage/audit/audit_reader.h"

namespace qianda::contracts {

struct AuditFinding {
  std::string code;      // "entry_changed", "stream_missing", ...: docs/evidence.md lists them
  std::string stream;    // "" when it is not about one
  std::int64_t seq = 0;  // of the entry, 0 when it is not about one
  std::int64_t anchor = 0;
  std::int64_t line = 0;  // of the export, 1-based
  std::string message;    // one English sentence
};

struct AuditVerdict {
  // PASSED; INDETERMINATE when nothing is wrong but trust cannot be shown; FAILED.
  std::string indication = "PASSED";
  std::string organisation, signer;
  core::Instant statedAt;
  std::int64_t streams = 0, entries = 0, anchors = 0, stamped = 0, waiting = 0;
  std::optional<core::Instant> lastStamp;
  std::vector<AuditFinding> findings;
  std::vector<std::string> notes;  // what a reader should know though nothing is wrong
};

struct AuditVerifyOptions {
  signing::TrustAnchors anchors;
  std::string signedBy;             // CN or O of the platform's certificate; empty: any under the anchors
  std::istream* earlier = nullptr;  // an older export of the same organisation
  core::Instant at;
};

AuditVerdict verifyAudit(std::istream& file, const AuditVerifyOptions& options);

// Used for the one stream of an evidence package too: what is wrong with its entries, compared with `known` heads by
// their lengths (of anchors). Give entries in the order of the file.
class StreamCheck {
 public:
  using Report = std::function<void(AuditFinding)>;
  // By length; the second member says where it is from: "anchor 3".
  using Known = std::multimap<std::int64_t, std::pair<std::string, std::string>>;
  StreamCheck(std::string stream, Known known, Report report);
  void add(const storage::AuditRecord& entry, std::int64_t line);
  // Everything was added; the stream should have this length and head.
  void finish(const storage::StreamHead& expected, std::int64_t line);

 private:
  void say(const char* code, std::int64_t seq, std::int64_t line, std::string message);

  std::string stream_;
  Known known_;
  Report report_;
  std::string previous_;
  std::int64_t count_ = 0;
};

}  // namespace qianda::contracts
