#include "contracts/roster_snapshot.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "core/bytes.h"
#include "core/error.h"
#include "signing/pades/prepared_signature.h"

namespace qianda::contracts {
namespace {

[[noreturn]] void fail(const std::string& action, const std::filesystem::path& path) {
  const int error = errno;
  throw core::Error(error == ENOENT ? core::ErrorCode::kNotFound : core::ErrorCode::kSystem,
                    action + " " + path.string() + ": " + std::strerror(error));
}

int makeUnlinked() {
  std::string name = (std::filesystem::temp_directory_path() / "qianda-roster-XXXXXX").string();
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) fail("cannot create", name);
  ::unlink(name.c_str());
  return descriptor;
}

void writeAll(int descriptor, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t count = ::write(descriptor, data, size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("cannot write", "the copy of the roster");
    data += count;
    size -= static_cast<std::size_t>(count);
  }
}

}  // namespace

RosterSnapshot::RosterSnapshot(const std::filesystem::path& roster) {
  const int source = ::open(roster.c_str(), O_RDONLY | O_CLOEXEC);
  if (source < 0) fail("cannot read", roster);
  descriptor_ = makeUnlinked();
  signing::HashState hash(signing::DigestAlgorithm::kSha256);
  char buffer[1 << 16];
  for (;;) {
    const ssize_t count = ::read(source, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      ::close(source);
      ::close(descriptor_);
      errno = error;
      fail("cannot read", roster);
    }
    if (count == 0) break;
    const std::string_view octets(buffer, static_cast<std::size_t>(count));
    hash.update(core::viewOf(octets));
    writeAll(descriptor_, octets.data(), octets.size());
  }
  ::close(source);
  sha256_ = core::toHex(hash.finish());
}

RosterSnapshot::~RosterSnapshot() { ::close(descriptor_); }

std::filesystem::path RosterSnapshot::path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

}  // namespace qianda::contracts
