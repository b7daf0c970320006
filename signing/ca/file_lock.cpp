#include "signing/ca/file_lock.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/error.h"

namespace qianda::signing {

FileLock::FileLock(const std::filesystem::path& file)
    : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  int result = descriptor_ < 0 ? -1 : ::flock(descriptor_, LOCK_EX);
  while (result != 0 && descriptor_ >= 0 && errno == EINTR) result = ::flock(descriptor_, LOCK_EX);
  if (result == 0) return;
  const std::string reason = std::strerror(errno);
  if (descriptor_ >= 0) ::close(descriptor_);
  throw core::Error(core::ErrorCode::kSystem, "cannot lock " + file.string() + ": " + reason);
}

FileLock::~FileLock() { ::close(descriptor_); }

}  // namespace qianda::signing
