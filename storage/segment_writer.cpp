#include "storage/segment_writer.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "core/error.h"

namespace qianda::storage {
namespace {

constexpr std::size_t kSliceOctets = std::size_t{1} << 20;

std::uint64_t wholeBlocks(std::uint64_t octets) { return (octets + kBlockOctets - 1) / kBlockOctets * kBlockOctets; }

std::uint64_t groupOctets(const std::vector<Record>& group) {
  std::uint64_t octets = 0;
  for (const Record& record : group) octets += recordOctets(record.payload);
  return wholeBlocks(octets);
}

template <std::size_t Size>
std::string_view viewOf(const std::array<char, Size>& octets) {
  return {octets.data(), octets.size()};
}

}  // namespace

SegmentWriter::SegmentWriter(std::filesystem::path folder, Catalogue& catalogue, std::uint64_t segmentOctets)
    : folder_(std::move(folder)),
      catalogue_(catalogue),
      segmentOctets_(segmentOctets),
      slice_(static_cast<char*>(std::aligned_alloc(kBlockOctets, kSliceOctets))) {
  if (!slice_) throw std::bad_alloc();
}

void SegmentWriter::resume(std::uint64_t number, std::uint64_t end) {
  file_.emplace(folder_ / segmentFileName(number), SegmentFile::Mode::kWrite);
  number_ = number;
  end_ = end;
}

void SegmentWriter::put(std::string_view octets) {
  while (!octets.empty()) {
    const std::size_t part = std::min(octets.size(), kSliceOctets - filled_);
    std::memcpy(slice_.get() + filled_, octets.data(), part);
    filled_ += part;
    octets.remove_prefix(part);
    if (filled_ == kSliceOctets) flush();
  }
}

void SegmentWriter::flush() {
  const std::size_t length = wholeBlocks(filled_);
  std::memset(slice_.get() + filled_, 0, length - filled_);
  file_->write(end_, slice_.get(), length);
  end_ += length;
  filled_ = 0;
}

void SegmentWriter::startSegment() {
  file_.reset();
  file_.emplace(folder_ / segmentFileName(number_ + 1), SegmentFile::Mode::kCreate);
  end_ = filled_ = 0;
  try {
    put(viewOf(encodeFileHeader(number_ + 1)));
    flush();
  } catch (...) {
    file_.reset();
    throw;
  }
  ++number_;
  isNew_ = true;
}

void SegmentWriter::write(const std::vector<Record>& group,
                          const std::function<void(std::uint64_t, std::uint64_t)>& addRows) {
  if (!file_ || (end_ > kBlockOctets && end_ + groupOctets(group) > segmentOctets_)) startSegment();
  const std::uint64_t start = end_;
  auto cutBack = [&] {
    file_->cut(start);
    end_ = start;
  };
  filled_ = 0;
  try {
    for (const Record& record : group) {
      RecordHeader header = record.header;
      header.length = record.payload.size();
      header.payloadChecksum = checksum(record.payload);
      put(viewOf(encode(header)));
      put(record.payload);
    }
    flush();
  } catch (const core::Error&) {
    cutBack();
    throw;
  }
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
