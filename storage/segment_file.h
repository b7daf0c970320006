// One open segment file: positioned reads and gathered writes that either finish or throw kSystem with the path and the
// system's reason (a missing file is kNotFound). One writer; readers open their own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/uio.h>

namespace qianda::storage {

class SegmentFile {
 public:
  enum class Mode { kRead, kWrite, kCreate };  // kCreate: an empty file, whatever was there
  struct Status {
    std::uint64_t size = 0;
    std::int64_t modifiedNs = 0;  // since 1970
  };

  SegmentFile(std::filesystem::path path, Mode mode);
  ~SegmentFile();
  SegmentFile(SegmentFile&& other) noexcept;
  SegmentFile& operator=(SegmentFile&& other) noexcept;

  Status status() const;
  // Octets read; fewer than asked for only at the end of the file.
  std::size_t read(std::uint64_t offset, char* into, std::size_t length) const;
  // Uses up `parts`.
  void write(std::uint64_t offset, std::vector<iovec>& parts);
  void cut(std::uint64_t size);
  void sync();  // fdatasync

 private:
  std::filesystem::path path_;
  int descriptor_;
};

void syncFolder(const std::filesystem::path& folder);

// "00000001.seg"
std::string segmentFileName(std::uint64_t number);
// Numbers of the segment files of a folder, ascending.
std::vector<std::uint64_t> listSegments(const std::filesystem::path& folder);

}  // namespace qianda::storage
