#include "storage/segment_check.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "core/error.h"

namespace qianda::storage {
namespace {

std::uint64_t endOf(const Place& place) { return place.offset + kRecordHeaderOctets + place.length; }

// Turns catalogue rows into what a damage report lists.
class AffectedDocuments {
 public:
  explicit AffectedDocuments(Catalogue& catalogue) : catalogue_(catalogue) {}

  void add(std::vector<DocumentRow>& affected, const DocumentColumns& documents, std::size_t i) {
    affected.push_back({documents.idAt(i), batchId(documents.batch[i]), static_cast<std::uint64_t>(documents.row[i]),
                        prefixOf(documents.prefix[i]).place.length + documents.placeAt(i).length});
  }
  // Those that use the prefix, but for those of segment `except` from `from` on, which are listed already.
  void addUsersOf(std::vector<DocumentRow>& affected, std::int64_t prefix, std::uint64_t except, std::uint64_t from) {
    const DocumentColumns documents = catalogue_.documentsOfPrefix(prefix);
    for (std::size_t i = 0; i < documents.size(); ++i) {
      const Place place = documents.placeAt(i);
      if (documents.erasedAt(i) != Erased::kNo) continue;
      if (place.segment != except || endOf(place) <= from) add(affected, documents, i);
    }
  }
  const PrefixEntry& prefixOf(std::int64_t key) {
    const auto [entry, isNew] = prefixes_.try_emplace(key);
    if (isNew) entry->second = catalogue_.getPrefix(key);
    return entry->second;
  }

 private:
  const std::string& batchId(std::int64_t number) {
    const auto [entry, isNew] = batches_.try_emplace(number);
    if (isNew) entry->second = catalogue_.getBatchId(number);
    return entry->second;
  }

  Catalogue& catalogue_;
  std::map<std::int64_t, std::string> batches_;
  std::map<std::int64_t, PrefixEntry> prefixes_;
};

// The end of the segment is gone from `size` on: one entry with every document that loses octets.
Damage lostFrom(Catalogue& catalogue, const SegmentEntry& segment, std::uint64_t size, std::string problem) {
  Damage damage{segmentFileName(segment.number), size, std::move(problem), {}};
  AffectedDocuments affected(catalogue);
  const DocumentColumns documents = catalogue.documentsOfSegment(segment.number);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const bool isThere = documents.erasedAt(i) == Erased::kNo;
    if (isThere && endOf(documents.placeAt(i)) > size) affected.add(damage.affected, documents, i);
  }
  for (const PrefixEntry& prefix : catalogue.prefixesOfSegment(segment.number)) {
    if (endOf(prefix.place) > size) affected.addUsersOf(damage.affected, prefix.key, segment.number, size);
  }
  return damage;
}

void checkRecords(Catalogue& catalogue, const SegmentFile& file, const SegmentEntry& segment, std::uint64_t size,
                  std::vector<Damage>& damage) {
  file.expectSequentialReads();
  AffectedDocuments affected(catalogue);
  std::string payload;
  auto problemOf = [&](const Place& place, const RecordName& name, Erased erased) -> std::string {
    if (erased == Erased::kPending) return "";  // half of it may be overwritten
    if (place.length > size || endOf(place) > size) {
      return size < segment.committed ? "" : "lies beyond the end of the segment";  // "" as it is listed as truncated
    }
    if (erased == Erased::kDone) return erasedRecordProblem(file, place);
    payload.resize(place.length);
    return readRecord(file, place, name, payload.data());
  };
  for (const PrefixEntry& prefix : catalogue.prefixesOfSegment(segment.number)) {
    const std::string problem = problemOf(prefix.place, {RecordType::kPrefix, {}, prefix.sha256}, prefix.erased);
    if (problem.empty()) continue;
    damage.push_back({segmentFileName(segment.number), prefix.place.offset, "shared prefix: " + problem, {}});
    affected.addUsersOf(damage.back().affected, prefix.key, 0, 0);
  }
  const DocumentColumns documents = catalogue.documentsOfSegment(segment.number);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const Place place = documents.placeAt(i);
    const Sha256& prefix = affected.prefixOf(documents.prefix[i]).sha256;
    const std::string problem =
        problemOf(place, {RecordType::kDocument, documents.idAt(i), prefix}, documents.erasedAt(i));
    if (problem.empty()) continue;
    damage.push_back({segmentFileName(segment.number), place.offset, problem, {}});
    affected.add(damage.back().affected, documents, i);
  }
}

std::optional<SegmentFile> tryOpen(const std::filesystem::path& path) {
  try {
    return SegmentFile(path, SegmentFile::Mode::kRead);
  } catch (const core::Error& error) {
    if (error.code() != core::ErrorCode::kNotFound) throw;
    return std::nullopt;
  }
}

}  // namespace

std::string readRecord(const SegmentFile& file, const Place& place, const RecordName& name, char* payload) {
  RecordHeaderOctets octets{};
  if (file.read(place.offset, octets.data(), octets.size()) < octets.size()) return "truncated";
  const auto header = decodeRecordHeader({octets.data(), octets.size()});
  if (!header) return "record header damaged";
  if (header->type != name.type || header->id != name.id || header->prefix != name.prefix ||
      header->length != place.length) {
    return "another record than the catalogue says";
  }
  if (file.read(place.offset + kRecordHeaderOctets, payload, place.length) < place.length) return "truncated";
  if (checksum({payload, place.length}) != header->payloadChecksum) return "payload checksum differs";
  return {};
}

std::string erasedRecordProblem(const SegmentFile& file, const Place& place) {
  RecordHeaderOctets octets{};
  if (file.read(place.offset, octets.data(), octets.size()) < octets.size()) return "truncated";
  const auto header = decodeRecordHeader({octets.data(), octets.size()});
  if (!header) return "record header damaged";
  std::string payload(place.length, '\1');
  if (file.read(place.offset + kRecordHeaderOctets, payload.data(), payload.size()) < payload.size()) {
    return "truncated";
  }
  const bool isGone = header->type == RecordType::kErased && header->length == place.length &&
                      payload.find_first_not_of('\0') == std::string::npos;
  return isGone ? "" : "octets of an erased record are there";
}

void eraseRecord(SegmentFile& file, const Place& place) {
  const std::uint64_t size = file.status().size;
  std::string octets(kRecordHeaderOctets + place.length, '\0');
  RecordHeader header;
  header.type = RecordType::kErased;
  header.length = place.length;
  header.payloadChecksum = checksum(std::string_view(octets).substr(kRecordHeaderOctets));
  const RecordHeaderOctets encoded = encode(header);
  std::copy(encoded.begin(), encoded.end(), octets.begin());
  if (place.offset >= size) return;
  file.write(place.offset, octets.data(), std::min<std::uint64_t>(octets.size(), size - place.offset));
}

SegmentCheck checkSegment(Catalogue& catalogue, const std::filesystem::path& folder, const SegmentEntry& segment,
                          bool payloads) {
  SegmentCheck check;
  const std::string name = segmentFileName(segment.number);
  const std::optional<SegmentFile> file = tryOpen(folder / name);
  if (!file) {
    check.damage.push_back(lostFrom(catalogue, segment, 0, "the file is missing"));
    return check;
  }
  check.status = file->status();
  const std::uint64_t size = check.status.size;
  if (size < segment.committed) {
    check.damage.push_back(lostFrom(catalogue, segment, size,
                                    fmt::format("truncated: {} of {} octets are there", size, segment.committed)));
  }
  FileHeaderOctets header{};
  const std::size_t count = file->read(0, header.data(), header.size());
  const std::string problem = fileHeaderProblem({header.data(), count}, segment.number);
  if (!problem.empty() && size >= kFileHeaderOctets) check.damage.push_back({name, 0, problem, {}});

  const bool asLastSeen = size == segment.checkedSize && check.status.modifiedNs == segment.checkedNs;
  check.payloadsRead = payloads || !asLastSeen || !check.damage.empty();
  if (check.payloadsRead) checkRecords(catalogue, *file, segment, size, check.damage);
  return check;
}

}  // namespace qianda::storage
