// Reading a record back against what the catalogue says of it, and checking a whole segment that way. The catalogue
// leads: octets it does not name (an interrupted write) are no documents and no damage.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "storage/catalogue.h"
#include "storage/segment_document_store.h"
#include "storage/segment_file.h"
#include "storage/segment_format.h"

namespace qianda::storage {

// What a record must say of itself.
struct RecordName {
  RecordType type = RecordType::kDocument;
  core::DocumentId id;  // zero for a prefix
  Sha256 prefix{};      // of the document's prefix, or of the prefix itself
};

// Reads the payload into `payload` (place.length octets) and checks it; returns what is wrong, or nothing.
std::string readRecord(const SegmentFile& file, const Place& place, const RecordName& name, char* payload);
// The same of one that was erased: nothing of it may be left.
std::string erasedRecordProblem(const SegmentFile& file, const Place& place);
// Overwrites a record with an erased one of its length, as far as the file reaches; not durable yet.
void eraseRecord(SegmentFile& file, const Place& place);

struct SegmentCheck {
  std::vector<Damage> damage;
  SegmentFile::Status status;  // of the file before it was read
  bool payloadsRead = false;
};

// Checks presence, length and file header, and every record when `payloads` is asked for or the file is not as the
// catalogue last saw it.
SegmentCheck checkSegment(Catalogue& catalogue, const std::filesystem::path& folder, const SegmentEntry& segment,
                          bool payloads);

}  // namespace qianda::storage
