#include "storage/segment_file.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

namespace qianda::storage {
namespace {

constexpr std::string_view kExtension = ".seg";
constexpr std::size_t kMaxParts = IOV_MAX;

[[noreturn]] void fail(const std::filesystem::path& path, const char* action) {
  const int error = errno;
  throw core::Error(error == ENOENT ? core::ErrorCode::kNotFound : core::ErrorCode::kSystem,
                    std::string("cannot ") + action + " " + path.string() + ": " + std::strerror(error),
                    std::string("cannot ") + action + " the document store: " + std::strerror(error));
}

int openFlags(SegmentFile::Mode mode) {
  switch (mode) {
    case SegmentFile::Mode::kRead:
      return O_RDONLY | O_CLOEXEC;
    case SegmentFile::Mode::kWrite:
      return O_RDWR | O_CLOEXEC;
    case SegmentFile::Mode::kCreate:
      break;
  }
  return O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC;
}

}  // namespace

SegmentFile::SegmentFile(std::filesystem::path path, Mode mode)
    : path_(std::move(path)), descriptor_(::open(path_.c_str(), openFlags(mode), 0640)) {
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

void SegmentFile::write(std::uint64_t offset, std::vector<iovec>& parts) {
  for (std::size_t next = 0; next < parts.size();) {
    const int count = static_cast<int>(std::min(parts.size() - next, kMaxParts));
    const ssize_t written = ::pwritev(descriptor_, parts.data() + next, count, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path_, "write");
    offset += static_cast<std::uint64_t>(written);
    std::size_t rest = static_cast<std::size_t>(written);
    while (next < parts.size() && rest >= parts[next].iov_len) rest -= parts[next++].iov_len;
    if (rest > 0) {
      parts[next].iov_base = static_cast<char*>(parts[next].iov_base) + rest;
      parts[next].iov_len -= rest;
    }
  }
}

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
