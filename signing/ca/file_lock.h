// An exclusive lock on a file, between threads and processes, for the length of a scope; waits until it is free. The
// file is made when it is not there and stays.
#pragma once

#include <filesystem>

namespace qianda::signing {

class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& file);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace qianda::signing
