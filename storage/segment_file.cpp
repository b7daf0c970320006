#include "storage/segment_file.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

namespace qianda::storage {
namespace {

constexpr std::string_view kExtension = ".seg";

[[noreturn]] void fail(const std::filesystem::path& path, const char* action) {
  const int error = errno;
  throw core::Error(error == ENOENT ? core::ErrorCode::kNotFound : core::ErrorCode::kSystem,
                    std::string("cannot ") + action + " " + path.string() + ": " + std::strerror(error),
                    std::string("cannot ") + action + " the document store: " + std::strerror(error));
}

int openFile(const std::filesystem::path& path, SegmentFile::Mode mode) {
  if (mode == SegmentFile::Mode::kRead) return ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const int flags = O_RDWR | O_CLOEXEC | (mode == SegmentFile::Mode::kCreate ? O_CREAT | O_TRUNC : 0);
  const int direct = ::open(path.c_str(), flags | O_DIRECT, 0640);
  return direct < 0 && errno == EINVAL ? ::open(path.c_str(), flags, 0640) : direct;
}

// True when the descriptor wrote directly and no longer does (a file system, or a rest, that cannot).
bool endDirect(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  return flags >= 0 && (flags & O_DIRECT) != 0 && ::fcntl(descriptor, F_SETFL, flags & ~O_DIRECT) == 0;
}

}  // namespace

SegmentFile::SegmentFile(std::filesystem::path path, Mode mode)
    : path_(std::move(path)), descriptor_(openFile(path_, mode)) {
  if (descriptor_ < 0) fail(path_, "open");
}

SegmentFile::~SegmentFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

SegmentFile::SegmentFile(SegmentFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

SegmentFile& SegmentFile::operator=(SegmentFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

SegmentFile::Status SegmentFile::status() const {
  struct stat found {};
  if (::fstat(descriptor_, &found) != 0) fail(path_, "examine");
  return {static_cast<std::uint64_t>(found.st_size),
          std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec};
}

void SegmentFile::expectSequentialReads() const {
  static_cast<void>(::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL));  // only advice
}

std::size_t SegmentFile::read(std::uint64_t offset, char* into, std::size_t length) const {
  std::size_t done = 0;
  while (done < length) {
    const ssize_t count = ::pread(descriptor_, into + done, length - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path_, "read");
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

void SegmentFile::write(std::uint64_t offset, const char* blocks, std::size_t length) {
  for (std::size_t done = 0; done < length;) {
    const ssize_t count = ::pwrite(descriptor_, blocks + done, length - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EINVAL && endDirect(descriptor_)) continue;
    if (count < 0) fail(path_, "write");
    done += static_cast<std::size_t>(count);
  }
}

void SegmentFile::leaveDirect() { static_cast<void>(endDirect(descriptor_)); }

void SegmentFile::cut(std::uint64_t size) {
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) fail(path_, "shorten");
}

void SegmentFile::sync() {
  if (::fdatasync(descriptor_) != 0) fail(path_, "sync");
}

void syncFolder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail(folder, "open");
  const bool synced = ::fsync(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  errno = error;
  if (!synced) fail(folder, "sync");
}

std::string segmentFileName(std::uint64_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, digits.size() < 8 ? 8 - digits.size() : 0, '0');
  return digits.append(kExtension);
}

std::vector<std::uint64_t> listSegments(const std::filesystem::path& folder) {
  std::vector<std::uint64_t> numbers;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    std::uint64_t number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    if (number > 0 && segmentFileName(number) == name) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace qianda::storage
