// Appends groups of records: written in slices, one fdatasync, then one catalogue transaction that moves the committed
// end of the segment and adds the rows. Slices are copied (hot from the checksum) and written past the page cache. What
// a failed group left behind is cut off or stepped over, so that the next group never touches octets whose fate is
// open. One thread at a time.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "core/handle.h"
#include "storage/catalogue.h"
#include "storage/segment_file.h"
#include "storage/segment_format.h"

namespace qianda::storage {

struct Record {
  RecordHeader header;  // length and checksum are filled in by the writer
  std::string_view payload;
};

class SegmentWriter {
 public:
  SegmentWriter(std::filesystem::path folder, Catalogue& catalogue, std::uint64_t segmentOctets);

  // Goes on at the end of a sound segment, or after it in a new file.
  void resume(std::uint64_t number, std::uint64_t end);
  void startAfter(std::uint64_t number) { number_ = number; }

  // `addRows(segment, offset)` runs inside the transaction; the group starts at that offset, its records follow each
  // other by recordOctets().
  void write(const std::vector<Record>& group, const std::function<void(std::uint64_t, std::uint64_t)>& addRows);

  std::uint64_t number() const { return number_; }

 private:
  void startSegment();
  void put(std::string_view octets);
  void flush();  // fills up with zeros to a whole block

  std::filesystem::path folder_;
  Catalogue& catalogue_;
  std::uint64_t segmentOctets_;
  std::uint64_t number_ = 0;
  std::uint64_t end_ = 0;
  bool isNew_ = false;  // the file's directory entry is not durable yet
  std::optional<SegmentFile> file_;
  core::Handle<char, &std::free> slice_;
  std::size_t filled_ = 0;  // octets in the slice; it belongs at end_
};

inline std::uint64_t recordOctets(std::string_view payload) { return kRecordHeaderOctets + payload.size(); }

}  // namespace qianda::storage
