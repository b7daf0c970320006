#include "storage/catalogue.h"

#include <algorithm>

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>
#include <fmt/format.h>

#include "core/error.h"
#include "storage/catalogue_schema.h"

namespace qianda::storage {
namespace {

using namespace Poco::Data::Keywords;
using core::Error;
using core::ErrorCode;
using Poco::Int64;
using Poco::Data::BLOB;

constexpr int kBusyMilliseconds = 15000;

Error damaged(const std::string& file, const std::string& problem) {
  return {ErrorCode::kCorrupt,
          fmt::format("the catalogue {} is damaged ({}): the segments beside it are untouched. Put back a copy of it "
                      "that is not older than the segments, or salvage it with `sqlite3 {} .recover`",
                      file, problem, file),
          "the document catalogue is damaged"};
}

std::string openUri(const std::filesystem::path& file, bool readOnly) {
  std::string uri = "file:";
  for (char c : file.string()) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      uri += c;
    }
  }
  return uri + (readOnly ? "?mode=ro" : "?mode=rwc");
}

BLOB blobOf(const auto& octets) { return BLOB(octets.data(), octets.size()); }

void copyTo(auto& octets, const BLOB& blob) {
  std::copy_n(blob.rawContent(), std::min(blob.size(), octets.size()), octets.begin());
}

Int64 toMs(core::Instant instant) { return instant.time_since_epoch().count(); }

}  // namespace

void DocumentColumns::resize(std::size_t rows) {
  for (auto* column : {&batch, &row, &segment, &offset, &length, &prefix, &createdMs}) column->resize(rows);
  id.resize(rows);
}

core::DocumentId DocumentColumns::idAt(std::size_t i) const {
  core::DocumentId found;
  copyTo(found.octets, id[i]);
  return found;
}

Place DocumentColumns::placeAt(std::size_t i) const {
  return {static_cast<std::uint64_t>(segment[i]), static_cast<std::uint64_t>(offset[i]),
          static_cast<std::uint64_t>(length[i])};
}

template <typename Work>
auto Catalogue::guarded(Work&& work) {
  const std::lock_guard lock(mutex_);
  try {
    return work();
  } catch (const Poco::Data::SQLite::ConstraintViolationException& error) {
    throw Error(ErrorCode::kConflict, error.displayText(), "it is already stored");
  } catch (const Poco::Data::SQLite::CorruptImageException& error) {
    throw damaged(file_, error.message());
  } catch (const Poco::Exception& error) {
    throw Error(ErrorCode::kSystem, file_ + ": " + error.displayText(), "the document catalogue cannot be used");
  }
}

Catalogue::Catalogue(const std::filesystem::path& file, bool readOnly) : file_(file.string()) {
  static const bool registered = (Poco::Data::SQLite::Connector::registerConnector(), true);
  static_cast<void>(registered);
  guarded([&] {
    session_ = std::make_unique<Poco::Data::Session>("SQLite", openUri(file, readOnly));
    Poco::Data::Session& session = *session_;
    session << fmt::format("PRAGMA busy_timeout = {}", kBusyMilliseconds), now;
    std::string verdict;
    session << "PRAGMA quick_check(1)", into(verdict), now;
    if (verdict != "ok") throw damaged(file_, verdict);
    if (!readOnly) session << "PRAGMA journal_mode = WAL", now;
    session << "PRAGMA synchronous = FULL", now;
    session << "PRAGMA foreign_keys = ON", now;
    bringUpToDate(session, readOnly);
  });
}

void Catalogue::inTransaction(const std::function<void()>& work) {
  guarded([&] {
    *session_ << "BEGIN IMMEDIATE", now;
    try {
      work();
      *session_ << "COMMIT", now;
    } catch (...) {
      try {
        *session_ << "ROLLBACK", now;
      } catch (const Poco::Exception&) {  // SQLite has already rolled back
      }
      throw;
    }
  });
}

void Catalogue::createBatch(const BatchRow& batch) {
  guarded([&] {
    *session_ << "INSERT INTO batches (id, idempotency_key, request_digest, template_id, template_version, rows, state,"
                 " created_ms, level) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        bind(batch.id), bind(batch.idempotencyKey), bind(batch.requestDigest), bind(batch.templateId),
        bind(batch.templateVersion), bind(static_cast<Int64>(batch.rows)), bind(batch.state),
        bind(toMs(batch.createdAt)), bind(batch.level), now;
  });
}

std::vector<BatchRow> Catalogue::selectBatches(const std::string& where, const std::string& value) {
  return guarded([&] {
    std::vector<std::string> id, key, digest, form, version, state, level, reason;
    std::vector<Int64> rows, created, since;
    *session_ << "SELECT id, idempotency_key, request_digest, template_id, template_version, rows,"
                 " coalesce(waiting.state, batches.state), created_ms, level, coalesce(reason, ''),"
                 " coalesce(since_ms, 0) FROM batches LEFT JOIN waiting ON waiting.batch = batches.number WHERE " +
                     where + " ORDER BY number",
        into(id), into(key), into(digest), into(form), into(version), into(rows), into(state), into(created),
        into(level), into(reason), into(since), bind(value), now;
    std::vector<BatchRow> batches(id.size());
    for (std::size_t i = 0; i < batches.size(); ++i) {
      batches[i] = {id[i],
                    key[i],
                    digest[i],
                    form[i],
                    version[i],
                    static_cast<std::uint64_t>(rows[i]),
                    state[i],
                    core::Instant(std::chrono::milliseconds(created[i])),
                    level[i],
                    reason[i],
                    core::Instant(std::chrono::milliseconds(since[i]))};
    }
    return batches;
  });
}

std::optional<BatchRow> Catalogue::findBatch(const std::string& id) {
  const auto found = selectBatches("id = ?", id);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::optional<BatchRow> Catalogue::findBatchByKey(const std::string& idempotencyKey) {
  const auto found = selectBatches("idempotency_key = ?", idempotencyKey);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::vector<BatchRow> Catalogue::listBatches() { return selectBatches("id <> ?", ""); }

void Catalogue::completeBatch(const std::string& id) {
  inTransaction([&] {
    *session_ << "DELETE FROM waiting WHERE batch = (SELECT number FROM batches WHERE id = ?)", bind(id), now;
    *session_ << "UPDATE batches SET state = 'complete' WHERE id = ?", bind(id), now;
  });
}

void Catalogue::setWaiting(const std::string& id, const std::string& state, const std::string& reason,
                           core::Instant since) {
  guarded([&] {
    *session_ << "INSERT INTO waiting (batch, state, reason, since_ms) SELECT number, ?, ?, ? FROM batches WHERE id = ?"
                 " ON CONFLICT (batch) DO UPDATE SET state = excluded.state, reason = excluded.reason",
        bind(state), bind(reason), bind(toMs(since)), bind(id), now;
  });
}

std::optional<std::int64_t> Catalogue::findBatchNumber(const std::string& id) {
  return guarded([&]() -> std::optional<std::int64_t> {
    std::vector<Int64> number;
    *session_ << "SELECT number FROM batches WHERE id = ?", into(number), bind(id), now;
    return number.empty() ? std::nullopt : std::optional<std::int64_t>(number.front());
  });
}

std::string Catalogue::getBatchId(std::int64_t number) {
  return guarded([&] {
    std::string id;
    *session_ << "SELECT id FROM batches WHERE number = ?", into(id), bind(number), now;
    return id;
  });
}

void Catalogue::putPrefix(const Sha256& sha256, const Place& place) {
  guarded([&] {
    *session_ << "INSERT INTO prefixes (sha256, segment, offset, length) VALUES (?, ?, ?, ?) ON CONFLICT (sha256)"
                 " DO UPDATE SET segment = excluded.segment, offset = excluded.offset, erased = 0",
        bind(blobOf(sha256)), bind(static_cast<Int64>(place.segment)), bind(static_cast<Int64>(place.offset)),
        bind(static_cast<Int64>(place.length)), now;
  });
}

std::vector<PrefixEntry> Catalogue::selectPrefixes(const std::string& where, const BLOB* sha256, std::int64_t number) {
  return guarded([&] {
    std::vector<Int64> key, segment, offset, length, erased;
    std::vector<BLOB> hash;
    Poco::Data::Statement select(*session_);
    select << "SELECT key, sha256, segment, offset, length, erased FROM prefixes WHERE " + where, into(key), into(hash),
        into(segment), into(offset), into(length), into(erased);
    if (sha256 != nullptr) {
      select, bind(*sha256);
    } else {
      select, bind(number);
    }
    select.execute();
    std::vector<PrefixEntry> prefixes(key.size());
    for (std::size_t i = 0; i < prefixes.size(); ++i) {
      prefixes[i].key = key[i];
      copyTo(prefixes[i].sha256, hash[i]);
      prefixes[i].place = {static_cast<std::uint64_t>(segment[i]), static_cast<std::uint64_t>(offset[i]),
                           static_cast<std::uint64_t>(length[i])};
      prefixes[i].erased = static_cast<Erased>(erased[i]);
    }
    return prefixes;
  });
}

std::optional<PrefixEntry> Catalogue::findPrefix(const Sha256& sha256) {
  const BLOB hash = blobOf(sha256);
  const auto found = selectPrefixes("sha256 = ?", &hash, 0);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

PrefixEntry Catalogue::getPrefix(std::int64_t key) {
  const auto found = selectPrefixes("key = ?", nullptr, key);
  if (found.empty()) throw damaged(file_, fmt::format("no prefix {}", key));
  return found.front();
}

std::vector<PrefixEntry> Catalogue::prefixesOfSegment(std::uint64_t segment) {
  return selectPrefixes("segment = ? ORDER BY offset", nullptr, static_cast<std::int64_t>(segment));
}

void Catalogue::createDocuments(DocumentColumns& d) {
  guarded([&] {
    *session_ << "INSERT INTO documents (batch, row, id, segment, offset, length, prefix, created_ms)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        use(d.batch), use(d.row), use(d.id), use(d.segment), use(d.offset), use(d.length), use(d.prefix),
        use(d.createdMs), now;
  });
}

std::optional<DocumentPlace> Catalogue::findDocument(const core::DocumentId& id) {
  return guarded([&]() -> std::optional<DocumentPlace> {
    std::vector<Int64> segment, offset, length, prefix, erased;
    *session_ << "SELECT segment, offset, length, prefix, erased FROM documents WHERE id = ?", into(segment),
        into(offset), into(length), into(prefix), into(erased), bind(blobOf(id.octets)), now;
    if (segment.empty()) return std::nullopt;
    return DocumentPlace{{static_cast<std::uint64_t>(segment[0]), static_cast<std::uint64_t>(offset[0]),
                          static_cast<std::uint64_t>(length[0])},
                         getPrefix(prefix[0]),
                         static_cast<Erased>(erased[0])};
  });
}

std::vector<Int64> Catalogue::rowsOfBatch(std::int64_t batch) {
  return guarded([&] {
    std::vector<Int64> rows;
    *session_ << "SELECT row FROM documents WHERE batch = ?", into(rows), bind(batch), now;
    return rows;
  });
}

std::uint64_t Catalogue::countDocuments(std::int64_t batch) {
  return guarded([&] {
    Int64 count = 0;
    *session_ << "SELECT count(*) FROM documents WHERE batch = ?", into(count), bind(batch), now;
    return static_cast<std::uint64_t>(count);
  });
}

DocumentColumns Catalogue::selectDocuments(const std::string& where, std::int64_t first, std::uint64_t second) {
  return guarded([&] {
    DocumentColumns d;
    Poco::Data::Statement select(*session_);
    select << "SELECT batch, row, id, segment, offset, length, prefix, created_ms, erased FROM documents WHERE " +
                  where,
        into(d.batch), into(d.row), into(d.id), into(d.segment), into(d.offset), into(d.length), into(d.prefix),
        into(d.createdMs), into(d.erased), bind(first), bind(static_cast<Int64>(second));
    select.execute();
    return d;
  });
}

DocumentColumns Catalogue::documentsOfBatch(std::int64_t batch, std::uint64_t afterRow, std::uint64_t limit) {
  return selectDocuments(fmt::format("batch = ? AND row > ? ORDER BY row LIMIT {}", limit), batch, afterRow);
}

DocumentColumns Catalogue::documentsOfSegment(std::uint64_t segment) {
  return selectDocuments("segment = ? AND offset >= ? ORDER BY offset", static_cast<std::int64_t>(segment), 0);
}

DocumentColumns Catalogue::documentsOfPrefix(std::int64_t prefix) {
  return selectDocuments("prefix = ? AND row > ?", prefix, 0);
}

void Catalogue::noteContinuation(const core::DocumentId& document, const core::DocumentId& continues) {
  guarded([&] {
    *session_ << "INSERT INTO continuations (document, continues) VALUES (?, ?)", bind(blobOf(document.octets)),
        bind(blobOf(continues.octets)), now;
  });
}

std::vector<core::DocumentId> Catalogue::listContinuations(const core::DocumentId& id) {
  return guarded([&] {
    std::vector<BLOB> found;
    *session_ << "WITH RECURSIVE later (id) AS (SELECT document FROM continuations WHERE continues = ? UNION "
                 "SELECT document FROM continuations JOIN later ON continues = later.id) SELECT id FROM later "
                 "ORDER BY id",
        into(found), bind(blobOf(id.octets)), now;
    std::vector<core::DocumentId> ids(found.size());
    for (std::size_t i = 0; i < ids.size(); ++i) copyTo(ids[i].octets, found[i]);
    return ids;
  });
}

void Catalogue::markErasing(const std::vector<core::DocumentId>& ids) {
  inTransaction([&] {
    for (const core::DocumentId& id : ids) {
      const auto found = findDocument(id);
      if (!found) throw Error(ErrorCode::kNotFound, "there is no document " + id.text());
      if (found->erased != Erased::kNo) continue;
      *session_ << "UPDATE documents SET erased = 1 WHERE id = ?", bind(blobOf(id.octets)), now;
    }
    *session_ << "UPDATE prefixes SET erased = 1 WHERE erased = 0 AND length > 0 AND key IN (SELECT prefix FROM "
                 "documents WHERE erased = 1) AND NOT EXISTS (SELECT 1 FROM documents WHERE documents.prefix = "
                 "prefixes.key AND documents.erased = 0)",
        now;
  });
}

DocumentColumns Catalogue::documentsErasing() {
  return selectDocuments("erased = 1 AND row > ? AND batch >= ? ORDER BY segment, offset", 0, 0);
}

std::vector<PrefixEntry> Catalogue::prefixesErasing() {
  return selectPrefixes("erased = ? ORDER BY segment, offset", nullptr, static_cast<std::int64_t>(Erased::kPending));
}

void Catalogue::noteErased() {
  inTransaction([&] {
    *session_ << "UPDATE documents SET erased = 2 WHERE erased = 1", now;
    *session_ << "UPDATE prefixes SET erased = 2 WHERE erased = 1", now;
  });
}

std::vector<SegmentEntry> Catalogue::listSegments() {
  return guarded([&] {
    std::vector<Int64> number, committed, size, modified;
    *session_ << "SELECT number, committed, checked_size, checked_ns FROM segments ORDER BY number", into(number),
        into(committed), into(size), into(modified), now;
    std::vector<SegmentEntry> segments(number.size());
    for (std::size_t i = 0; i < segments.size(); ++i) {
      segments[i] = {static_cast<std::uint64_t>(number[i]), static_cast<std::uint64_t>(committed[i]),
                     static_cast<std::uint64_t>(size[i]), modified[i]};
    }
    return segments;
  });
}

void Catalogue::setCommitted(std::uint64_t segment, std::uint64_t end) {
  guarded([&] {
    *session_ << "INSERT INTO segments (number, committed) VALUES (?, ?)"
                 " ON CONFLICT (number) DO UPDATE SET committed = excluded.committed",
        bind(static_cast<Int64>(segment)), bind(static_cast<Int64>(end)), now;
  });
}

void Catalogue::setChecked(std::uint64_t segment, std::uint64_t size, std::int64_t modifiedNs) {
  guarded([&] {
    *session_ << "UPDATE segments SET checked_size = ?, checked_ns = ? WHERE number = ?",
        bind(static_cast<Int64>(size)), bind(static_cast<Int64>(modifiedNs)), bind(static_cast<Int64>(segment)), now;
  });
}

}  // namespace qianda::storage
