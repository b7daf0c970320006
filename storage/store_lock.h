// The lock of the one process that writes to a store: flock on a file, so that the kernel lets go of it however the
// process ends.
#pragma once

#include <filesystem>

namespace qianda::storage {

class StoreLock {
 public:
  // Throws kConflict when another holds it.
  explicit StoreLock(const std::filesystem::path& file);
  ~StoreLock();
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace qianda::storage
