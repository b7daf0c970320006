// A lock between processes: flock on a file, so that the kernel lets go of it however the process ends. `lock` in a
// store's folder is held by the one process that writes; `erasing` by who erases, and shared by who copies, so that no
// copy holds a half-erased document.
#pragma once

#include <filesystem>

namespace qianda::storage {

// Of a document store's folder.
inline constexpr const char* kErasingLock = "erasing";

class StoreLock {
 public:
  enum class Hold { kAlone, kShared };
  // Alone: throws kConflict when another holds it. Shared: waits for who holds it alone.
  explicit StoreLock(const std::filesystem::path& file, Hold hold = Hold::kAlone);
  ~StoreLock();
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace qianda::storage
