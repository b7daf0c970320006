#include "storage/store_lock.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/error.h"

namespace qianda::storage {

using core::Error;
using core::ErrorCode;

StoreLock::StoreLock(const std::filesystem::path& file, Hold hold)
    : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640)) {
  if (descriptor_ < 0) {
    throw Error(ErrorCode::kSystem, "cannot open " + file.string() + ": " + std::strerror(errno),
                "the document store cannot be opened");
  }
  const int operation = hold == Hold::kAlone ? LOCK_EX | LOCK_NB : LOCK_SH;
  int result = 0;
  while ((result = ::flock(descriptor_, operation)) != 0 && errno == EINTR) continue;
  if (result == 0) return;
  const int error = errno;
  ::close(descriptor_);
  if (error != EWOULDBLOCK) {
    throw Error(ErrorCode::kSystem, "cannot lock " + file.string() + ": " + std::strerror(error),
                "the document store cannot be opened");
  }
  throw Error(ErrorCode::kConflict, "another process is writing to " + file.parent_path().string(),
              "another process is writing to the document store");
}

StoreLock::~StoreLock() { ::close(descriptor_); }

}  // namespace qianda::storage
