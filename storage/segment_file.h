// One open segment file: positioned reads and writes that either finish or throw kSystem with the path and the system's
// reason (a missing file is kNotFound). Writing goes past the page cache (O_DIRECT) where the file system can: buffers,
// offsets and lengths are whole blocks of kBlockOctets. One writer; readers open their own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace qianda::storage {

constexpr std::size_t kBlockOctets = 4096;

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
  void expectSequentialReads() const;
  // Octets read; fewer than asked for only at the end of the file.
  std::size_t read(std::uint64_t offset, char* into, std::size_t length) const;
  void write(std::uint64_t offset, const char* blocks, std::size_t length);
  void leaveDirect();  // from now on any octets may be written, through the page cache
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
