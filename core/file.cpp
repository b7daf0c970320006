#include "core/file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

namespace qianda::core {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* action) {
  const int error = errno;
  throw Error(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kSystem,
              std::string(action) + " " + path.string() + ": " + std::strerror(error));
}

constexpr mode_t kOrdinary = 0644, kSecret = 0600;

struct Descriptor {
  int fd;
  explicit Descriptor(int value) : fd(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

}  // namespace

std::string readFile(const std::filesystem::path& path, std::size_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file.fd < 0 || ::fstat(file.fd, &status) != 0) fail(path, "cannot read");
  if (S_ISDIR(status.st_mode)) {
    throw Error(ErrorCode::kInvalidInput, "cannot read " + path.string() + ": it is a directory");
  }
  std::string bytes;
  if (S_ISREG(status.st_mode) && static_cast<std::size_t>(status.st_size) <= limit) {
    bytes.reserve(static_cast<std::size_t>(status.st_size));
  }
  char buffer[65536];
  for (;;) {
    const ssize_t count = ::read(file.fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path, "cannot read");
    if (count == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(count) > limit) {
      throw Error(ErrorCode::kInvalidInput, path.string() + " is larger than " + std::to_string(limit) + " octets");
    }
    bytes.append(buffer, static_cast<std::size_t>(count));
  }
}

namespace {

void replaceFile(const std::filesystem::path& path, std::string_view bytes, bool durable, mode_t mode) {
  std::filesystem::path partial = path;
  partial += ".part";
  if (mode == kSecret && ::unlink(partial.c_str()) != 0 && errno != ENOENT) fail(partial, "cannot remove");
  {
    const int how = mode == kSecret ? O_EXCL : O_TRUNC;
    const Descriptor file(::open(partial.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, mode));
    if (file.fd < 0) fail(partial, "cannot write");
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t count = ::write(file.fd, bytes.data() + done, bytes.size() - done);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail(partial, "cannot write");
      done += static_cast<std::size_t>(count);
    }
    if (durable && ::fsync(file.fd) != 0) fail(partial, "cannot sync");
  }
  if (::rename(partial.c_str(), path.c_str()) != 0) fail(path, "cannot rename to");
  if (durable) {
    const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    const Descriptor folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.fd < 0 || ::fsync(folder.fd) != 0) fail(parent, "cannot sync");
  }
}

}  // namespace

void writeFile(const std::filesystem::path& path, std::string_view bytes, bool durable) {
  replaceFile(path, bytes, durable, kOrdinary);
}

void writeSecretFile(const std::filesystem::path& path, std::string_view bytes) {
  replaceFile(path, bytes, true, kSecret);
}

}  // namespace qianda::core
