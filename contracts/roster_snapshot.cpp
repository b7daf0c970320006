#include "contracts/roster_snapshot.h"

#include <cerrno>
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

}  // namespace

RosterSnapshot::RosterSnapshot(const std::filesystem::path& roster) {
  const int source = ::open(roster.c_str(), O_RDONLY | O_CLOEXEC);
  if (source < 0) fail("cannot read", roster);
  signing::HashState hash(signing::DigestAlgorithm::kSha256);
  char buffer[1 << 16];
  for (;;) {
    const ssize_t count = ::read(source, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      ::close(source);
      errno = error;
      fail("cannot read", roster);
    }
    if (count == 0) break;
    const std::string_view octets(buffer, static_cast<std::size_t>(count));
    hash.update(core::viewOf(octets));
    copy_.append(octets);
  }
  ::close(source);
  sha256_ = core::toHex(hash.finish());
}

}  // namespace qianda::contracts
