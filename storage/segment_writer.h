// Appends groups of records: one gathered write, one fdatasync, then one catalogue transaction that moves the committed
// end of the segment and adds the rows. What a failed group left behind is cut off or stepped over, so that the next
// group never touches octets whose fate is open. One thread at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "storage/catalogue.h"
#include "storage/segment_file.h"
#include "storage/segment_format.h"

namespace qianda::storage {

// Records about to be written; payloads are borrowed.
class RecordGroup {
 public:
  explicit RecordGroup(std::size_t records) { headers_.reserve(records), parts_.reserve(2 * records); }
  // Fills in length and checksum; returns the offset from the start of the group. No more than `records` calls.
  std::uint64_t add(RecordHeader header, std::string_view payload);
  std::uint64_t octets() const { return octets_; }
  std::vector<iovec>& parts() { return parts_; }

 private:
  std::vector<RecordHeaderOctets> headers_;
  std::vector<iovec> parts_;
  std::uint64_t octets_ = 0;
};

class SegmentWriter {
 public:
  SegmentWriter(std::filesystem::path folder, Catalogue& catalogue, std::uint64_t segmentOctets);

  // Goes on at the end of a sound segment, or after it in a new file.
  void resume(std::uint64_t number, std::uint64_t end);
  void startAfter(std::uint64_t number) { number_ = number; }

  // `addRows(segment, offset)` runs inside the transaction; the group starts at that offset.
  void write(RecordGroup& group, const std::function<void(std::uint64_t, std::uint64_t)>& addRows);

  std::uint64_t number() const { return number_; }

 private:
  void startSegment();

  std::filesystem::path folder_;
  Catalogue& catalogue_;
  std::uint64_t segmentOctets_;
  std::uint64_t number_ = 0;
  std::uint64_t end_ = 0;
  bool isNew_ = false;  // the file's directory entry is not durable yet
  std::optional<SegmentFile> file_;
};

}  // namespace qianda::storage
