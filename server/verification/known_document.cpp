#include "server/verification/known_document.h"

#include "core/id.h"
#include "core/text.h"
#include "storage/sql/instant.h"

namespace qianda::server {
namespace {

using storage::Row;
using storage::Transaction;

using storage::instantOf;

// A court's document (delivery/): one revision, for one recipient.
std::optional<KnownDocument> findOfCourt(Transaction& transaction, const std::string& id) {
  const auto row = transaction.findRow(
      "SELECT d.title, d.sha256, d.size, d.created_ms, c.court, p.kind, p.name FROM court_documents d JOIN cases c ON "
      "c.id = d.case_id JOIN case_parties p ON p.id = d.party WHERE d.id = $1",
      {id});
  if (!row) return std::nullopt;
  KnownDocument known;
  known.id = id;
  known.kind = "court_document";
  known.title = row->text(0);
  known.state = "issued";
  known.sha256 = row->text(1);
  known.size = row->number(2);
  known.createdAt = known.changedAt = known.revisionAt = instantOf(row->number(3));
  known.revision = known.latestRevision = 1;
  const bool isPerson = row->text(5) == "person";
  known.parties = {{"organisation", row->text(4), "issued"},
                   {row->text(5), isPerson ? maskedName(row->text(6)) : row->text(6), "recipient"}};
  return known;
}

std::optional<KnownDocument> find(Transaction& transaction, const std::string& id, std::int64_t revision) {
  const auto envelope = transaction.findRow(
      "SELECT kind, title, state, created_ms, changed_ms, revision FROM envelopes WHERE id = $1", {id});
  if (!envelope) return findOfCourt(transaction, id);
  KnownDocument known;
  known.id = id;
  if (const auto erased =
          transaction.findRow("SELECT erased_ms FROM erasures WHERE envelope = $1 AND state = 'erased'", {id})) {
    known.erasedAt = instantOf(erased->number(0));
  }
  known.kind = envelope->text(0);
  known.title = envelope->text(1);
  known.state = envelope->text(2);
  known.createdAt = instantOf(envelope->number(3));
  known.changedAt = instantOf(envelope->number(4));
  known.latestRevision = envelope->number(5);
  known.revision = revision > 0 ? revision : known.latestRevision;
  const auto at = transaction.findRow("SELECT at_ms FROM envelope_revisions WHERE envelope = $1 AND number = $2",
                                      {id, known.revision});
  const auto latest = transaction.findRow(
      "SELECT sha256, size FROM envelope_revisions WHERE envelope = $1 AND number = $2", {id, known.latestRevision});
  if (!at || !latest) return std::nullopt;
  known.revisionAt = instantOf(at->number(0));
  known.sha256 = latest->text(0);
  known.size = latest->number(1);
  for (const Row& row : transaction.query(
           "SELECT kind, display_name, state FROM envelope_parties WHERE envelope = $1 ORDER BY stage, name", {id})) {
    const bool isPerson = row.text(0) == "person";
    known.parties.push_back({row.text(0), isPerson ? maskedName(row.text(1)) : row.text(1), row.text(2)});
  }
  return known;
}

}  // namespace

std::string maskedName(const std::string& name) {
  std::size_t offset = 0, count = 0;
  const auto text = core::trim(name);
  std::string masked;
  while (offset < text.size()) {
    const char32_t c = core::nextCodePoint(text, offset);
    masked += count++ == 0 ? core::encodeUtf8({&c, 1}) : "*";
  }
  return count == 1 ? "*" : masked;
}

std::string stateWords(const std::string& state) {
  static constexpr std::pair<std::string_view, std::string_view> kWords[] = {{"draft", "草稿"},
                                                                             {"sent", "签署中"},
                                                                             {"viewed", "签署中"},
                                                                             {"signed", "部分签署"},
                                                                             {"pending_timestamp", "等待可信时间戳"},
                                                                             {"pending_revocation", "等待证书状态信息"},
                                                                             {"completed", "已完成"},
                                                                             {"declined", "已拒签"},
                                                                             {"revoked", "已撤回"},
                                                                             {"expired", "已逾期"},
                                                                             {"issued", "已签发"},
                                                                             {"recipient", "受送达人"}};
  for (const auto& [name, zh] : kWords) {
    if (name == state) return std::string(zh);
  }
  return state;
}

std::optional<KnownDocument> findKnownDocument(Transaction& transaction, const std::string& id) {
  std::string upper = id;
  for (char& c : upper) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
  }
  const auto parsed = core::DocumentId::parse(upper);
  if (!parsed) return std::nullopt;
  return find(transaction, parsed->text(), 0);
}

std::optional<KnownDocument> findKnownRevision(Transaction& transaction, const std::string& sha256) {
  const auto row = transaction.findRow(
      "SELECT envelope, number FROM envelope_revisions WHERE sha256 = $1 ORDER BY envelope, number LIMIT 1", {sha256});
  if (row) return find(transaction, row->text(0), row->number(1));
  const auto court =
      transaction.findRow("SELECT id FROM court_documents WHERE sha256 = $1 ORDER BY id LIMIT 1", {sha256});
  return court ? findOfCourt(transaction, court->text(0)) : std::nullopt;
}

}  // namespace qianda::server
