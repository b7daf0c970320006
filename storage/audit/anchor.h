// Anchors fix the audit log in time. One says, for every organisation whose streams grew since the last one, how long
// each of these is and the hash of its last entry: a hash tree (hash_tree.h) over the streams of an organisation by
// their names, and one over the organisations by their ids. Anchors are numbered and chained, and each gets a timestamp
// (RFC 3161) over anchorText(); one whose authority is silent waits for it, in a state that says so. Entries appended
// meanwhile are never waited for: they come into the next anchor.
#pragma once

#include <map>
#include <optional>

#include "storage/audit/audit_reader.h"
#include "storage/audit/hash_tree.h"

namespace qianda::storage {

struct Anchor {
  std::int64_t number = 0;
  std::string previous, root;  // 64 zeros before the first
  std::int64_t organisations = 0;
  core::Instant at;
  std::string hash;
  std::string state = "waiting";  // or "stamped"
  std::string token;              // base64, "" while it waits
  std::int64_t attempts = 0;      // failed ones
  std::string lastError;
};

// The octets that are hashed (SM3) and timestamped: netstrings of "qianda-anchor-1", number, previous, root, the number
// of organisations, at in milliseconds.
std::string anchorText(const Anchor& anchor);
std::string anchorHash(const Anchor& anchor);
// Leaves of the two trees: the hash of netstrings of stream, length, head; and of organisation, number of the last
// anchor before that held something of it (0: none), root.
std::string streamLeaf(const StreamHead& head);
std::string organisationLeaf(const std::string& organisation, std::int64_t previous, const std::string& root);

// Nothing when no stream grew. Streams are marked in transactions of their own after the anchor: when this is
// interrupted, the next anchor holds some of them once more.
std::optional<Anchor> makeAnchor(Database& database, core::Instant now);

void stampAnchor(Transaction& transaction, std::int64_t number, const std::string& token, core::Instant now);
void noteSilence(Transaction& transaction, std::int64_t number, const std::string& reason);

std::vector<Anchor> listAnchors(Transaction& transaction);         // all, in order
std::vector<Anchor> listWaitingAnchors(Transaction& transaction);  // oldest first

// What an anchor holds of one organisation, and how that is in its root.
struct AnchorShare {
  std::int64_t number = 0;
  std::int64_t position = 0;  // of the organisation
  std::int64_t previous = 0;  // anchor that held something of it before
  std::string root;           // of the organisation
  std::vector<std::string> path;
  std::vector<StreamHead> leaves;  // by their names
};
// By the anchors' numbers, those that hold something of it.
std::map<std::int64_t, AnchorShare> listShares(Transaction& transaction, const std::string& organisation);
// Those that hold this stream.
std::map<std::int64_t, AnchorShare> listSharesOf(Transaction& transaction, const std::string& organisation,
                                                 const std::string& stream);
// The anchors that those shares are of, in order.
std::vector<Anchor> listAnchors(Transaction& transaction, const std::map<std::int64_t, AnchorShare>& shares);

}  // namespace qianda::storage
