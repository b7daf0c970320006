#include "contracts/evidence/audit_export.h"

#include <utility>

#include "contracts/evidence/audit_records.h"
#include "core/base64.h"
#include "core/error.h"
#include "signing/keys/evp_key.h"
#include "signing/pades/prepared_signature.h"

namespace qianda::contracts {
namespace {

using storage::StreamHead;
using storage::Transaction;

// What goes out, hashed and counted on its way.
class Lines {
 public:
  explicit Lines(const std::function<void(std::string_view)>& write) : write_(write) {}
  void add(const Poco::JSON::Object::Ptr& record) {
    const std::string line = lineOf(record);
    hash_.update(core::viewOf(line));
    ++count_;
    write_(line);
  }
  std::int64_t count() const { return count_; }
  std::string sha256() { return core::toHex(signing::HashState(hash_).finish()); }

 private:
  const std::function<void(std::string_view)>& write_;
  signing::HashState hash_{signing::DigestAlgorithm::kSha256};
  std::int64_t count_ = 0;
};

struct Sums {
  std::int64_t entries = 0, anchors = 0;
  std::string anchor = std::string(64, '0');  // hash of the last one
  std::vector<StreamHead> heads;
};

Sums writeRecords(Transaction& transaction, const std::string& organisation, Lines& lines) {
  Sums sums;
  const auto shares = storage::listShares(transaction, organisation);
  for (const storage::Anchor& anchor : storage::listAnchors(transaction)) {
    const auto share = shares.find(anchor.number);
    lines.add(recordOf(anchor, share == shares.end() ? nullptr : &share->second));
    sums.anchor = anchor.hash;
    ++sums.anchors;
  }
  sums.heads = storage::listStreams(transaction, organisation);
  for (const StreamHead& head : sums.heads) {
    lines.add(recordOf("stream", head));
    storage::forEachEntry(transaction, head.stream, [&](const storage::AuditRecord& entry) {
      lines.add(recordOf(entry));
      ++sums.entries;
    });
  }
  return sums;
}

std::string rootOf(const std::vector<StreamHead>& heads) {
  if (heads.empty()) return std::string(64, '0');
  std::vector<std::string> leaves;
  leaves.reserve(heads.size());
  for (const StreamHead& head : heads) leaves.push_back(storage::streamLeaf(head));
  return storage::treeRoot(leaves);
}

}  // namespace

core::Bytes signDetached(const signing::CadesSigner& platform, std::string_view octets) {
  core::Bytes cms;
  platform.sign(signing::digestOf(platform.credential().key->digest(), core::viewOf(octets)), cms);
  return cms;
}

void exportAudit(storage::Database& database, const std::string& organisation, const signing::CadesSigner& platform,
                 const std::vector<core::Bytes>& certificates, core::Instant now,
                 const std::function<void(std::string_view)>& write) {
  Lines lines(write);
  auto header = newRecord("export");
  header->set("format", std::string(kAuditExportFormat));
  header->set("organisation", organisation);
  header->set("at_ms", static_cast<std::int64_t>(now.time_since_epoch().count()));
  lines.add(header);
  for (const core::Bytes& der : certificates) {
    auto record = newRecord("certificate");
    record->set("der", core::toBase64(der));
    lines.add(record);
  }
  Sums sums;
  bool hasBegun = false;
  database.read([&](Transaction& transaction) {
    // What went out cannot be taken back: no second try.
    if (std::exchange(hasBegun, true)) throw core::Error(core::ErrorCode::kUnavailable, "the database is busy");
    sums = writeRecords(transaction, organisation, lines);
  });
  for (const StreamHead& head : sums.heads) lines.add(recordOf("head", head));
  auto statement = newRecord("statement");
  statement->set("organisation", organisation);
  statement->set("at_ms", static_cast<std::int64_t>(now.time_since_epoch().count()));
  statement->set("streams", static_cast<std::int64_t>(sums.heads.size()));
  statement->set("entries", sums.entries);
  statement->set("root", rootOf(sums.heads));
  statement->set("anchors", sums.anchors);
  statement->set("anchor", sums.anchor);
  statement->set("lines", lines.count());
  statement->set("sha256", lines.sha256());
  const std::string line = lineOf(statement);
  write(line);
  auto signature = newRecord("signature");
  signature->set("cms", core::toBase64(signDetached(platform, std::string_view(line).substr(0, line.size() - 1))));
  write(lineOf(signature));
}

}  // namespace qianda::contracts
