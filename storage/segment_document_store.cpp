#include "storage/segment_document_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/error.h"
#include "storage/segment_store_state.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;

constexpr std::uint64_t kPageRows = 1000;
// The batch of those documents that belong to none: its rows number them.
constexpr const char* kLooseBatch = "00000000000000000000000000";

}  // namespace

void SegmentDocumentStore::State::checkWritable() const {
  if (!writer) throw Error(ErrorCode::kUsage, "the store in " + folder.string() + " is open for reading only");
}

std::int64_t SegmentDocumentStore::State::batchNumber(const std::string& id) {
  const auto known = batchNumbers.find(id);
  if (known != batchNumbers.end()) return known->second;
  const auto number = catalogue->findBatchNumber(id);
  if (!number) throw Error(ErrorCode::kNotFound, "there is no batch " + id);
  return batchNumbers[id] = *number;
}

PrefixEntry SegmentDocumentStore::State::getPrefix(const Sha256& sha256) {
  const auto known = prefixes.find(sha256);
  if (known != prefixes.end()) return known->second;
  const auto entry = catalogue->findPrefix(sha256);
  if (!entry || entry->erased != Erased::kNo)
    throw Error(ErrorCode::kNotFound, "there is no prefix " + core::toHex(sha256));
  return prefixes[sha256] = *entry;
}

bool SegmentDocumentStore::State::holdsPrefix(const Sha256& sha256) {
  const auto entry = catalogue->findPrefix(sha256);
  if (!entry || entry->erased != Erased::kNo) return false;
  try {
    std::string octets(entry->place.length, '\0');
    readChecked(entry->place, {RecordType::kPrefix, {}, sha256}, octets.data());
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCorrupt) throw;
    return false;
  }
}

void SegmentDocumentStore::State::readChecked(const Place& place, const RecordName& name, char* payload) const {
  std::string problem;
  try {
    problem = readRecord(SegmentFile(segmentPath(place.segment), SegmentFile::Mode::kRead), place, name, payload);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    problem = "the file is missing";
  }
  if (problem.empty()) return;
  throw Error(ErrorCode::kCorrupt, fmt::format("{} at {}: {}", segmentFileName(place.segment), place.offset, problem),
              "the stored document is damaged");
}

SegmentDocumentStore::SegmentDocumentStore(std::filesystem::path folder, StoreOptions options)
    : state_(std::make_unique<State>(std::move(folder), options)) {}

SegmentDocumentStore::~SegmentDocumentStore() = default;

const std::vector<Damage>& SegmentDocumentStore::damage() const { return state_->damage; }
std::uint64_t SegmentDocumentStore::discardedOctets() const { return state_->discarded; }

BatchRow SegmentDocumentStore::openBatch(const BatchRow& wanted) {
  const std::lock_guard lock(state_->writing);
  state_->checkWritable();
  if (!core::DocumentId::parse(wanted.id)) {
    throw Error(ErrorCode::kInvalidInput, "a batch is named by 26 characters, not by \"" + wanted.id + "\"");
  }
  if (const auto found = state_->catalogue->findBatchByKey(wanted.idempotencyKey)) {
    if (found->requestDigest == wanted.requestDigest) return *found;
    throw Error(ErrorCode::kConflict,
                "the idempotency key \"" + wanted.idempotencyKey + "\" belongs to another request: batch " + found->id);
  }
  BatchRow batch = wanted;
  batch.state = "running";
  state_->catalogue->createBatch(batch);
  return batch;
}

std::optional<BatchRow> SegmentDocumentStore::findBatch(const std::string& id) {
  return state_->catalogue->findBatch(id);
}

std::vector<BatchRow> SegmentDocumentStore::listBatches() {
  std::vector<BatchRow> batches = state_->catalogue->listBatches();
  std::erase_if(batches, [](const BatchRow& batch) { return batch.id == kLooseBatch; });
  return batches;
}

std::uint64_t SegmentDocumentStore::countDocuments(const std::string& batchId) {
  const std::lock_guard lock(state_->writing);
  return state_->catalogue->countDocuments(state_->batchNumber(batchId));
}

void SegmentDocumentStore::completeBatch(const std::string& id) {
  const std::lock_guard lock(state_->writing);
  state_->checkWritable();
  state_->batchNumber(id);
  state_->catalogue->completeBatch(id);
}

void SegmentDocumentStore::suspendBatch(const std::string& id, const std::string& state, const std::string& reason) {
  const std::lock_guard lock(state_->writing);
  state_->checkWritable();
  state_->batchNumber(id);
  state_->catalogue->setWaiting(id, state, reason, core::now());
}

std::vector<bool> SegmentDocumentStore::existingRows(const std::string& batchId, std::uint64_t rows) {
  const std::lock_guard lock(state_->writing);
  std::vector<bool> exists(rows);
  for (Poco::Int64 row : state_->catalogue->rowsOfBatch(state_->batchNumber(batchId))) {
    if (static_cast<std::uint64_t>(row) <= rows) exists[static_cast<std::size_t>(row) - 1] = true;
  }
  return exists;
}

Sha256 SegmentDocumentStore::putPrefix(std::string_view octets) {
  const std::lock_guard lock(state_->writing);
  state_->checkWritable();
  State& state = *state_;
  const Sha256 sha256 = core::sha256(octets);
  if (state.holdsPrefix(sha256)) return sha256;
  Record record{{}, octets};
  record.header.type = RecordType::kPrefix;
  record.header.prefix = sha256;
  state.writer->write({record}, [&](std::uint64_t segment, std::uint64_t offset) {
    state.catalogue->putPrefix(sha256, {segment, offset, octets.size()});
  });
  state.written.insert(state.writer->number());
  return sha256;
}

// The caller holds `writing`.
void SegmentDocumentStore::State::appendGroup(const std::vector<NewDocument>& documents,
                                              const core::DocumentId* continues) {
  columns.resize(documents.size());
  std::vector<Record> group(documents.size());
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const NewDocument& document = documents[i];
    if (document.row == 0) throw Error(ErrorCode::kInvalidInput, "roster rows count from 1");
    columns.batch[i] = batchNumber(document.batchId);
    columns.prefix[i] = getPrefix(document.prefix).key;
    columns.row[i] = static_cast<Poco::Int64>(document.row);
    columns.offset[i] = static_cast<Poco::Int64>(offset);
    columns.length[i] = static_cast<Poco::Int64>(document.tail.size());
    columns.createdMs[i] = document.createdAt.time_since_epoch().count();
    columns.id[i].assignRaw(document.id.octets.data(), document.id.octets.size());
    RecordHeader& header = group[i].header;
    header.prefix = document.prefix;
    header.id = document.id;
    const bool sameBatch = i > 0 && document.batchId == documents[i - 1].batchId;
    header.batch = sameBatch ? group[i - 1].header.batch : core::DocumentId::parse(document.batchId).value();
    header.row = document.row;
    header.createdMs = columns.createdMs[i];
    group[i].payload = document.tail;
    offset += recordOctets(document.tail);
  }
  writer->write(group, [&](std::uint64_t segment, std::uint64_t start) {
    std::fill(columns.segment.begin(), columns.segment.end(), static_cast<Poco::Int64>(segment));
    for (Poco::Int64& place : columns.offset) place += static_cast<Poco::Int64>(start);
    catalogue->createDocuments(columns);
    if (continues != nullptr) catalogue->noteContinuation(documents.front().id, *continues);
  });
  written.insert(writer->number());
  if (written.size() > 1) noteWritten();
}

void SegmentDocumentStore::append(const std::vector<NewDocument>& documents) {
  if (documents.empty()) return;
  const std::lock_guard lock(state_->writing);
  state_->checkWritable();
  state_->appendGroup(documents);
}

std::uint64_t SegmentDocumentStore::State::nextLooseRow() {
  if (looseRows == 0) {
    if (!catalogue->findBatch(kLooseBatch)) {
      BatchRow batch;
      batch.id = batch.idempotencyKey = kLooseBatch;
      batch.state = "running";
      batch.createdAt = core::now();
      catalogue->createBatch(batch);
    }
    looseRows = catalogue->countDocuments(batchNumber(kLooseBatch));
  }
  return looseRows + 1;
}

void SegmentDocumentStore::State::appendLoose(const core::DocumentId& id, const Sha256& prefix, std::string tail,
                                              core::Instant createdAt, const core::DocumentId* continues) {
  const std::lock_guard guard(writing);
  checkWritable();
  if (continues != nullptr) getPlace(*continues);  // nobody erased it meanwhile
  appendGroup({{id, kLooseBatch, nextLooseRow(), prefix, std::move(tail), createdAt}}, continues);
  ++looseRows;
}

void SegmentDocumentStore::appendWhole(const core::DocumentId& id, std::string_view octets, core::Instant createdAt) {
  state_->appendLoose(id, putPrefix(""), std::string(octets), createdAt);
}

void SegmentDocumentStore::appendRevision(const core::DocumentId& of, const core::DocumentId& id,
                                          std::string_view increment, core::Instant createdAt) {
  const DocumentPlace found = state_->getPlace(of);
  std::string tail(found.tail.length, '\0');
  state_->readDocument(of, found, nullptr, tail.data());
  tail += increment;
  state_->appendLoose(id, found.prefix.sha256, std::move(tail), createdAt, &of);
}

std::string SegmentDocumentStore::read(const core::DocumentId& id) {
  const DocumentPlace found = state_->getPlace(id);
  const std::uint64_t start = found.prefix.place.length;
  std::string document(start + found.tail.length, '\0');
  state_->readDocument(id, found, document.data(), document.data() + start);
  return document;
}

void SegmentDocumentStore::forEach(const std::string& batchId, const std::function<void(const DocumentRow&)>& visit) {
  Catalogue& catalogue = *state_->catalogue;
  const auto batch = catalogue.findBatchNumber(batchId);
  if (!batch) throw Error(ErrorCode::kNotFound, "there is no batch " + batchId);
  std::map<std::int64_t, std::uint64_t> prefixLengths;
  std::uint64_t last = 0;
  for (;;) {
    const DocumentColumns page = catalogue.documentsOfBatch(*batch, last, kPageRows);
    for (std::size_t i = 0; i < page.size(); ++i) {
      const auto [length, isNew] = prefixLengths.try_emplace(page.prefix[i]);
      if (isNew) length->second = catalogue.getPrefix(page.prefix[i]).place.length;
      last = static_cast<std::uint64_t>(page.row[i]);
      if (page.erasedAt(i) != Erased::kNo) continue;
      visit({page.idAt(i), batchId, last, length->second + page.placeAt(i).length});
    }
    if (page.size() < kPageRows) return;
  }
}

std::vector<Damage> SegmentDocumentStore::check() {
  const std::lock_guard lock(state_->writing);
  return state_->checkSegments(true);
}

std::uint64_t SegmentDocumentStore::storedOctets() const {
  std::uint64_t octets = 0;
  for (const auto& folder : {state_->folder, state_->segments}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.is_regular_file()) octets += entry.file_size();
    }
  }
  return octets;
}

}  // namespace qianda::storage
