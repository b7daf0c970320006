#include "storage/segment_writer.h"

#include <utility>

#include "core/error.h"

namespace qianda::storage {
namespace {

iovec partOf(std::string_view octets) { return {const_cast<char*>(octets.data()), octets.size()}; }

}  // namespace

std::uint64_t RecordGroup::add(RecordHeader header, std::string_view payload) {
  header.length = payload.size();
  header.payloadChecksum = checksum(payload);
  const RecordHeaderOctets& encoded = headers_.emplace_back(encode(header));
  parts_.push_back(partOf({encoded.data(), encoded.size()}));
  if (!payload.empty()) parts_.push_back(partOf(payload));
  return std::exchange(octets_, octets_ + encoded.size() + payload.size());
}

SegmentWriter::SegmentWriter(std::filesystem::path folder, Catalogue& catalogue, std::uint64_t segmentOctets)
    : folder_(std::move(folder)), catalogue_(catalogue), segmentOctets_(segmentOctets) {}

void SegmentWriter::resume(std::uint64_t number, std::uint64_t end) {
  file_.emplace(folder_ / segmentFileName(number), SegmentFile::Mode::kWrite);
  number_ = number;
  end_ = end;
}

void SegmentWriter::startSegment() {
  SegmentFile file(folder_ / segmentFileName(number_ + 1), SegmentFile::Mode::kCreate);
  const FileHeaderOctets header = encodeFileHeader(number_ + 1);
  std::vector<iovec> parts{partOf({header.data(), header.size()})};
  file.write(0, parts);
  file_ = std::move(file);
  ++number_;
  end_ = header.size();
  isNew_ = true;
}

void SegmentWriter::write(RecordGroup& group, const std::function<void(std::uint64_t, std::uint64_t)>& addRows) {
  if (!file_ || (end_ > kFileHeaderOctets && end_ + group.octets() > segmentOctets_)) startSegment();
  const std::uint64_t start = end_;
  auto cutBack = [&] {
    try {
      file_->cut(start);
      end_ = start;
    } catch (const core::Error&) {  // stepped over instead; opening cuts it off
    }
  };
  try {
    file_->write(start, group.parts());
  } catch (const core::Error&) {
    cutBack();
    throw;
  }
  end_ += group.octets();
  file_->sync();
  if (isNew_) syncFolder(folder_);
  isNew_ = false;
  try {
    catalogue_.inTransaction([&] {
      catalogue_.setCommitted(number_, end_);
      addRows(number_, start);
    });
  } catch (const core::Error& error) {
    if (error.code() == core::ErrorCode::kConflict) cutBack();  // surely not committed; otherwise nobody knows
    throw;
  }
}

}  // namespace qianda::storage
