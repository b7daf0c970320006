#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/error.h"
#include "storage/segment_check.h"
#include "storage/segment_store_state.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;

constexpr const char* kCatalogueName = "catalogue.sqlite";
constexpr const char* kLockName = "lock";
constexpr const char* kSegmentsName = "segments";
// A file changed later than this before we looked may change again within the same tick of its modification time.
constexpr std::int64_t kQuietNs = 50'000'000;

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

SegmentDocumentStore::State::State(std::filesystem::path where, StoreOptions wanted)
    : folder(std::move(where)), segments(folder / kSegmentsName), options(wanted) {
  prepare();
  open();
}

SegmentDocumentStore::State::~State() {
  if (!writer) return;
  try {
    noteWritten();
  } catch (const Error&) {  // then the next opening reads these segments again
  }
}

void SegmentDocumentStore::State::prepare() {
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

void SegmentDocumentStore::State::open() {
  const std::vector<SegmentEntry> entries = catalogue->listSegments();
  if (!options.readOnly) {
    discardUncommitted(entries);
    resumeErasures();
  }
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
void SegmentDocumentStore::State::discardUncommitted(const std::vector<SegmentEntry>& entries) {
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

std::vector<Damage> SegmentDocumentStore::State::checkSegments(bool payloads) {
  std::vector<Damage> found;
  for (const SegmentEntry& segment : catalogue->listSegments()) {
    SegmentCheck check = checkSegment(*catalogue, segments, segment, payloads);
    if (!options.readOnly && check.payloadsRead && check.damage.empty()) noteSound(segment.number, check.status);
    std::move(check.damage.begin(), check.damage.end(), std::back_inserter(found));
  }
  return found;
}

void SegmentDocumentStore::State::noteSound(std::uint64_t segment, const SegmentFile::Status& status) {
  if (isQuiet(status)) catalogue->setChecked(segment, status.size, status.modifiedNs);
}

void SegmentDocumentStore::State::noteWritten() {
  for (auto number = written.begin(); number != written.end();) {
    const SegmentFile::Status status = SegmentFile(segmentPath(*number), SegmentFile::Mode::kRead).status();
    noteSound(*number, status);
    number = isQuiet(status) ? written.erase(number) : std::next(number);
  }
}

}  // namespace qianda::storage
