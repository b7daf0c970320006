#include "storage/document_store.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "core/error.h"
#include "storage/catalogue.h"
#include "storage/segment_check.h"
#include "storage/segment_file.h"
#include "storage/segment_writer.h"
#include "storage/store_lock.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;

constexpr const char* kCatalogueName = "catalogue.sqlite";
constexpr const char* kLockName = "lock";
constexpr const char* kSegmentsName = "segments";
constexpr std::uint64_t kPageRows = 1000;
// A file changed later than this before we looked may change again within the same tick of its modification time.
constexpr std::int64_t kQuietNs = 50'000'000;

Sha256 sha256Of(std::string_view octets) {
  Sha256 digest{};
  if (EVP_Digest(octets.data(), octets.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw Error(ErrorCode::kSystem, "SHA-256 failed");
  }
  return digest;
}

bool isQuiet(const SegmentFile::Status& status) {
  const auto sinceEpoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::nanoseconds(sinceEpoch).count() - status.modifiedNs > kQuietNs;
}

void makeFolders(const std::filesystem::path& folder, const std::filesystem::path& segments) {
  std::error_code error;
  std::filesystem::create_directories(segments, error);
  if (error) {
    throw Error(ErrorCode::kSystem, "cannot create " + segments.string() + ": " + error.message(),
                "the document store cannot be created");
  }
  syncFolder(folder);
  const std::filesystem::path parent = std::filesystem::absolute(folder).lexically_normal().parent_path();
  syncFolder(parent.empty() ? folder : parent);
}

}  // namespace

struct DocumentStore::State {
  State(std::filesystem::path where, StoreOptions wanted);
  ~State();

  void prepare();
  void open();
  void discardUncommitted(const std::vector<SegmentEntry>& entries);
  std::vector<Damage> checkSegments(bool payloads);
  void noteSound(std::uint64_t segment, const SegmentFile::Status& status);
  void noteWritten();
  void checkWritable() const;
  std::int64_t batchNumber(const std::string& id);
  PrefixEntry getPrefix(const Sha256& sha256);
  bool holdsPrefix(const Sha256& sha256);
  void readChecked(const Place& place, const RecordName& name, char* payload) const;
  std::filesystem::path segmentPath(std::uint64_t number) const { return segments / segmentFileName(number); }

  const std::filesystem::path folder, segments;
  const StoreOptions options;
  std::optional<StoreLock> lock;
  std::optional<Catalogue> catalogue;
  std::optional<SegmentWriter> writer;
  std::mutex writing;  // guards what follows and the writer
  std::vector<Damage> damage;
  std::uint64_t discarded = 0;
  std::set<std::uint64_t> written;  // segments of this session not yet noted as sound
  std::map<std::string, std::int64_t> batchNumbers;
  std::map<Sha256, PrefixEntry> prefixes;
  DocumentColumns columns;
};

DocumentStore::State::State(std::filesystem::path where, StoreOptions wanted)
    : folder(std::move(where)), segments(folder / kSegmentsName), options(wanted) {
  prepare();
  open();
}

DocumentStore::State::~State() {
  if (!writer) return;
  try {
    noteWritten();
  } catch (const Error&) {  // then the next opening reads these segments again
  }
}

void DocumentStore::State::prepare() {
  const std::filesystem::path file = folder / kCatalogueName;
  const bool exists = std::filesystem::exists(file);
  if (options.readOnly) {
    if (!exists) throw Error(ErrorCode::kNotFound, "there is no document store in " + folder.string());
  } else {
    makeFolders(folder, segments);
    lock.emplace(folder / kLockName);
    if (!exists && !listSegments(segments).empty()) {
      throw Error(ErrorCode::kCorrupt,
                  "the catalogue " + file.string() + " is missing, but there are segments: put the catalogue back",
                  "the document catalogue is missing");
    }
  }
  catalogue.emplace(file, options.readOnly);
  if (!exists) syncFolder(folder);
}

void DocumentStore::State::open() {
  const std::vector<SegmentEntry> entries = catalogue->listSegments();
  if (!options.readOnly) discardUncommitted(entries);
  damage = checkSegments(options.verifyPayloads);
  if (options.readOnly) return;
  writer.emplace(segments, *catalogue, options.segmentOctets);
  if (entries.empty()) return;
  const SegmentEntry& last = entries.back();
  const bool isSound = std::none_of(damage.begin(), damage.end(),
                                    [&](const Damage& d) { return d.segment == segmentFileName(last.number); });
  if (isSound && last.committed < options.segmentOctets) {
    writer->resume(last.number, last.committed);
  } else {
    writer->startAfter(last.number);
  }
}

// An interrupted write leaves octets after the committed end, or one new file the catalogue does not know yet.
void DocumentStore::State::discardUncommitted(const std::vector<SegmentEntry>& entries) {
  const std::uint64_t next = entries.empty() ? 1 : entries.back().number + 1;
  for (std::uint64_t number : listSegments(segments)) {
    const auto known = std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.number == number; });
    if (known == entries.end() && number != next) {
      throw Error(ErrorCode::kCorrupt,
                  fmt::format("the catalogue in {} does not know {}: it is older than the segments; "
                              "put back its latest copy, or move that file away",
                              folder.string(), segmentFileName(number)),
                  "the document catalogue is older than the documents");
    }
    SegmentFile file(segmentPath(number), SegmentFile::Mode::kWrite);
    const std::uint64_t size = file.status().size;
    const std::uint64_t committed = known == entries.end() ? 0 : known->committed;
    if (known == entries.end()) std::filesystem::remove(segmentPath(number));
    if (size <= committed) continue;
    discarded += size - committed;
    file.cut(committed);
    file.sync();
  }
}

std::vector<Damage> DocumentStore::State::checkSegments(bool payloads) {
  std::vector<Damage> found;
  for (const SegmentEntry& segment : catalogue->listSegments()) {
    SegmentCheck check = checkSegment(*catalogue, segments, segment, payloads);
    if (!options.readOnly && check.payloadsRead && check.damage.empty()) noteSound(segment.number, check.status);
    std::move(check.damage.begin(), check.damage.end(), std::back_inserter(found));
  }
  return found;
}

void DocumentStore::State::noteSound(std::uint64_t segment, const SegmentFile::Status& status) {
  if (isQuiet(status)) catalogue->setChecked(segment, status.size, status.modifiedNs);
}

void DocumentStore::State::noteWritten() {
  for (auto number = written.begin(); number != written.end();) {
    const SegmentFile::Status status = SegmentFile(segmentPath(*number), SegmentFile::Mode::kRead).status();
    noteSound(*number, status);
    number = isQuiet(status) ? written.erase(number) : std::next(number);
  }
}

void DocumentStore::State::checkWritable() const {
  if (!writer) throw Error(ErrorCode::kUsage, "the store in " + folder.string() + " is open for reading only");
}

std::int64_t DocumentStore::State::batchNumber(const std::string& id) {
  const auto known = batchNumbers.find(id);
  if (known != batchNumbers.end()) return known->second;
  const auto number = catalogue->findBatchNumber(id);
  if (!number) throw Error(ErrorCode::kNotFound, "there is no batch " + id);
  return batchNumbers[id] = *number;
}

PrefixEntry DocumentStore::State::getPrefix(const Sha256& sha256) {
  const auto known = prefixes.find(sha256);
  if (known != prefixes.end()) return known->second;
  const auto entry = catalogue->findPrefix(sha256);
  if (!entry) throw Error(ErrorCode::kNotFound, "there is no prefix " + core::toHex(sha256));
  return prefixes[sha256] = *entry;
}

bool DocumentStore::State::holdsPrefix(const Sha256& sha256) {
  const auto entry = catalogue->findPrefix(sha256);
  if (!entry) return false;
  try {
    std::string octets(entry->place.length, '\0');
    readChecked(entry->place, {RecordType::kPrefix, {}, sha256}, octets.data());
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCorrupt) throw;
    return false;
  }
}

void DocumentStore::State::readChecked(const Place& place, const RecordName& name, char* payload) const {
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

DocumentStore::DocumentStore(std::filesystem::path folder, StoreOptions options)
    : state_(std::make_unique<State>(std::move(folder), options)) {}

DocumentStore::~DocumentStore() = default;

const std::vector<Damage>& DocumentStore::damage() const { return state_->damage; }
std::uint64_t DocumentStore::discardedOctets() const { return state_->discarded; }

BatchRow DocumentStore::openBatch(const BatchRow& wanted) {
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

std::optional<BatchRow> DocumentStore::findBatch(const std::string& id) { return state_->catalogue->findBatch(id); }
std::vector<BatchRow> DocumentStore::listBatches() { return state_->catalogue->listBatches(); }

std::uint64_t DocumentStore::countDocuments(const std::string& batchId) {
  const std::lock_guard lock(state_->writing);
  return state_->catalogue->countDocuments(state_->batchNumber(batchId));
}

void DocumentStore::completeBatch(const std::string& id) {
  const std::lock_guard lock(state_->writing);
  state_->checkWritable();
  state_->batchNumber(id);
  state_->catalogue->completeBatch(id);
}

void DocumentStore::suspendBatch(const std::string& id, const std::string& state, const std::string& reason) {
  const std::lock_guard lock(state_->writing);
  state_->checkWritable();
  state_->batchNumber(id);
  state_->catalogue->setWaiting(id, state, reason, core::now());
}

std::vector<bool> DocumentStore::existingRows(const std::string& batchId, std::uint64_t rows) {
  const std::lock_guard lock(state_->writing);
  std::vector<bool> exists(rows);
  for (Poco::Int64 row : state_->catalogue->rowsOfBatch(state_->batchNumber(batchId))) {
    if (static_cast<std::uint64_t>(row) <= rows) exists[static_cast<std::size_t>(row) - 1] = true;
  }
  return exists;
}

Sha256 DocumentStore::putPrefix(std::string_view octets) {
  const std::lock_guard lock(state_->writing);
  state_->checkWritable();
  State& state = *state_;
  const Sha256 sha256 = sha256Of(octets);
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

void DocumentStore::append(const std::vector<NewDocument>& documents) {
  if (documents.empty()) return;
  const std::lock_guard lock(state_->writing);
  state_->checkWritable();
  State& state = *state_;
  DocumentColumns& columns = state.columns;
  columns.resize(documents.size());
  std::vector<Record> group(documents.size());
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const NewDocument& document = documents[i];
    if (document.row == 0) throw Error(ErrorCode::kInvalidInput, "roster rows count from 1");
    columns.batch[i] = state.batchNumber(document.batchId);
    columns.prefix[i] = state.getPrefix(document.prefix).key;
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
  state.writer->write(group, [&](std::uint64_t segment, std::uint64_t start) {
    std::fill(columns.segment.begin(), columns.segment.end(), static_cast<Poco::Int64>(segment));
    for (Poco::Int64& place : columns.offset) place += static_cast<Poco::Int64>(start);
    state.catalogue->createDocuments(columns);
  });
  state.written.insert(state.writer->number());
  if (state.written.size() > 1) state.noteWritten();
}

std::string DocumentStore::read(const core::DocumentId& id) {
  const auto found = state_->catalogue->findDocument(id);
  if (!found) throw Error(ErrorCode::kNotFound, "there is no document " + id.text());
  const PrefixEntry& prefix = found->prefix;
  std::string document(prefix.place.length + found->tail.length, '\0');
  state_->readChecked(prefix.place, {RecordType::kPrefix, {}, prefix.sha256}, document.data());
  state_->readChecked(found->tail, {RecordType::kDocument, id, prefix.sha256}, document.data() + prefix.place.length);
  return document;
}

void DocumentStore::forEach(const std::string& batchId, const std::function<void(const DocumentRow&)>& visit) {
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
      visit({page.idAt(i), batchId, last, length->second + page.placeAt(i).length});
    }
    if (page.size() < kPageRows) return;
  }
}

std::vector<Damage> DocumentStore::check() {
  const std::lock_guard lock(state_->writing);
  return state_->checkSegments(true);
}

std::uint64_t DocumentStore::storedOctets() const {
  std::uint64_t octets = 0;
  for (const auto& folder : {state_->folder, state_->segments}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.is_regular_file()) octets += entry.file_size();
    }
  }
  return octets;
}

}  // namespace qianda::storage
