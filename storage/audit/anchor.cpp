#include "storage/audit/anchor.h"

#include <algorithm>
#include <sstream>

#include "core/error.h"

namespace qianda::storage {
namespace {

constexpr std::string_view kAnchorColumns =
    "SELECT number, previous, root, organisations, at_ms, hash, state, token, attempts, last_error FROM anchors ";
constexpr std::size_t kMarkedAtOnce = 200;

Anchor anchorOf(const Row& row) {
  Anchor anchor;
  anchor.number = row.number(0);
  anchor.previous = row.text(1);
  anchor.root = row.text(2);
  anchor.organisations = row.number(3);
  anchor.at = core::Instant{std::chrono::milliseconds(row.number(4))};
  anchor.hash = row.text(5);
  anchor.state = row.text(6);
  anchor.token = row.text(7);
  anchor.attempts = row.number(8);
  anchor.lastError = row.text(9);
  return anchor;
}

using ByOrganisation = std::map<std::string, std::vector<StreamHead>>;

ByOrganisation grownStreams(Transaction& transaction) {
  ByOrganisation grown;
  for (const Row& row :
       transaction.query("SELECT organisation, stream, length, head FROM audit_streams WHERE length > anchored_length"))
    grown[row.text(0)].push_back({row.text(1), row.number(2), row.text(3)});
  for (auto& [organisation, heads] : grown) {
    std::sort(heads.begin(), heads.end(), [](const auto& a, const auto& b) { return a.stream < b.stream; });
  }
  return grown;
}

std::string rootOf(const std::vector<StreamHead>& heads) {
  std::vector<std::string> leaves;
  leaves.reserve(heads.size());
  for (const StreamHead& head : heads) leaves.push_back(streamLeaf(head));
  return treeRoot(leaves);
}

std::string joined(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& hash : path) text += (text.empty() ? "" : " ") + hash;
  return text;
}

void insert(Transaction& transaction, Anchor& anchor, const ByOrganisation& grown) {
  std::vector<Values> organisations, leaves;
  std::vector<std::string> tree;
  for (const auto& [organisation, heads] : grown) {
    const std::string root = rootOf(heads);
    const std::int64_t previous =
        transaction
            .findRow("SELECT COALESCE(MAX(number), 0) FROM anchor_organisations WHERE organisation = $1",
                     {organisation})
            ->number(0);
    organisations.push_back({anchor.number, static_cast<std::int64_t>(tree.size()), organisation, previous, root});
    tree.push_back(organisationLeaf(organisation, previous, root));
    for (const StreamHead& head : heads)
      leaves.push_back({anchor.number, organisation, head.stream, head.length, head.head});
  }
  const auto paths = treePaths(tree);
  for (std::size_t i = 0; i < paths.size(); ++i) organisations[i].push_back(joined(paths[i]));
  anchor.organisations = static_cast<std::int64_t>(tree.size());
  anchor.root = treeRoot(tree);
  anchor.hash = anchorHash(anchor);
  transaction.execute(
      "INSERT INTO anchors (number, previous, root, organisations, at_ms, hash, state, token, stamped_ms, attempts, "
      "last_error) VALUES ($1, $2, $3, $4, $5, $6, 'waiting', '', 0, 0, '')",
      {anchor.number, anchor.previous, anchor.root, anchor.organisations, anchor.at.time_since_epoch().count(),
       anchor.hash});
  transaction.insertAll(
      "INSERT INTO anchor_organisations (number, position, organisation, previous, root, path) VALUES", 6,
      organisations);
  transaction.insertAll("INSERT INTO anchor_leaves (number, organisation, stream, length, head) VALUES", 5, leaves);
}

void mark(Database& database, const ByOrganisation& grown) {
  std::vector<StreamHead> heads;
  for (const auto& [organisation, some] : grown) heads.insert(heads.end(), some.begin(), some.end());
  for (std::size_t from = 0; from < heads.size(); from += kMarkedAtOnce) {
    database.write([&](Transaction& transaction) {
      for (std::size_t i = from; i < std::min(heads.size(), from + kMarkedAtOnce); ++i) {
        transaction.execute("UPDATE audit_streams SET anchored_length = $1 WHERE stream = $2 AND anchored_length < $3",
                            {heads[i].length, heads[i].stream, heads[i].length});
      }
    });
  }
}

AnchorShare shareOf(Transaction& transaction, std::int64_t number, const std::string& organisation) {
  AnchorShare share;
  share.number = number;
  const auto row = transaction.findRow(
      "SELECT position, previous, root, path FROM anchor_organisations WHERE number = $1 AND organisation = $2",
      {number, organisation});
  if (!row) {
    throw core::Error(core::ErrorCode::kCorrupt, "anchor " + std::to_string(number) + " has leaves of " + organisation +
                                                     " but not the organisation");
  }
  share.position = row->number(0);
  share.previous = row->number(1);
  share.root = row->text(2);
  std::istringstream path(row->text(3));
  for (std::string hash; path >> hash;) share.path.push_back(hash);
  for (const Row& leaf :
       transaction.query("SELECT stream, length, head FROM anchor_leaves WHERE number = $1 AND organisation = $2",
                         {number, organisation}))
    share.leaves.push_back({leaf.text(0), leaf.number(1), leaf.text(2)});
  std::sort(share.leaves.begin(), share.leaves.end(), [](const auto& a, const auto& b) { return a.stream < b.stream; });
  return share;
}

std::map<std::int64_t, AnchorShare> sharesOf(Transaction& transaction, const std::string& organisation,
                                             const Rows& numbers) {
  std::map<std::int64_t, AnchorShare> shares;
  for (const Row& row : numbers) shares[row.number(0)] = shareOf(transaction, row.number(0), organisation);
  return shares;
}

}  // namespace

std::string anchorText(const Anchor& anchor) {
  std::string text;
  for (const std::string& part :
       {std::string("qianda-anchor-1"), std::to_string(anchor.number), anchor.previous, anchor.root,
        std::to_string(anchor.organisations), std::to_string(anchor.at.time_since_epoch().count())}) {
    appendNetstring(text, part);
  }
  return text;
}

std::string anchorHash(const Anchor& anchor) { return sm3Hex(anchorText(anchor)); }

std::string streamLeaf(const StreamHead& head) {
  std::string text;
  appendNetstring(text, head.stream);
  appendNetstring(text, std::to_string(head.length));
  appendNetstring(text, head.head);
  return leafHash(text);
}

std::string organisationLeaf(const std::string& organisation, std::int64_t previous, const std::string& root) {
  std::string text;
  appendNetstring(text, organisation);
  appendNetstring(text, std::to_string(previous));
  appendNetstring(text, root);
  return leafHash(text);
}

std::optional<Anchor> makeAnchor(Database& database, core::Instant now) {
  ByOrganisation grown;
  std::optional<Anchor> made;
  database.write([&](Transaction& transaction) {
    made.reset();
    grown = grownStreams(transaction);
    if (grown.empty()) return;
    const auto last = transaction.findRow("SELECT number, hash FROM anchors ORDER BY number DESC LIMIT 1");
    Anchor anchor;
    anchor.number = last ? last->number(0) + 1 : 1;
    anchor.previous = last ? last->text(1) : std::string(64, '0');
    anchor.at = now;
    insert(transaction, anchor, grown);
    made = std::move(anchor);
  });
  if (made) mark(database, grown);
  return made;
}

void stampAnchor(Transaction& transaction, std::int64_t number, const std::string& token, core::Instant now) {
  transaction.execute(
      "UPDATE anchors SET state = 'stamped', token = $1, stamped_ms = $2, last_error = '' WHERE number = $3 AND state "
      "= "
      "'waiting'",
      {token, now.time_since_epoch().count(), number});
}

void noteSilence(Transaction& transaction, std::int64_t number, const std::string& reason) {
  transaction.execute(
      "UPDATE anchors SET attempts = attempts + 1, last_error = $1 WHERE number = $2 AND state = 'waiting'",
      {reason, number});
}

std::vector<Anchor> listAnchors(Transaction& transaction) {
  std::vector<Anchor> anchors;
  for (const Row& row : transaction.query(std::string(kAnchorColumns) + "ORDER BY number"))
    anchors.push_back(anchorOf(row));
  return anchors;
}

std::vector<Anchor> listWaitingAnchors(Transaction& transaction) {
  std::vector<Anchor> anchors;
  for (const Row& row : transaction.query(std::string(kAnchorColumns) + "WHERE state = 'waiting' ORDER BY number"))
    anchors.push_back(anchorOf(row));
  return anchors;
}

std::map<std::int64_t, AnchorShare> listShares(Transaction& transaction, const std::string& organisation) {
  return sharesOf(transaction, organisation,
                  transaction.query("SELECT number FROM anchor_organisations WHERE organisation = $1 ORDER BY number",
                                    {organisation}));
}

std::map<std::int64_t, AnchorShare> listSharesOf(Transaction& transaction, const std::string& organisation,
                                                 const std::string& stream) {
  return sharesOf(
      transaction, organisation,
      transaction.query("SELECT number FROM anchor_leaves WHERE organisation = $1 AND stream = $2 ORDER BY number",
                        {organisation, stream}));
}

std::vector<Anchor> listAnchors(Transaction& transaction, const std::map<std::int64_t, AnchorShare>& shares) {
  std::vector<Anchor> anchors;
  for (const auto& [number, share] : shares) {
    if (const auto row = transaction.findRow(std::string(kAnchorColumns) + "WHERE number = $1", {number}))
      anchors.push_back(anchorOf(*row));
  }
  return anchors;
}

}  // namespace qianda::storage
