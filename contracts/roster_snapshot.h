// A private copy of a roster that nobody can change between the check and the making of the contracts: an unlinked
// temporary file, gone with the process. Its digest names the roster.
#pragma once

#include <filesystem>
#include <string>

#include "core/unlinked_file.h"

namespace qianda::contracts {

class RosterSnapshot {
 public:
  // Throws kNotFound or kSystem.
  explicit RosterSnapshot(const std::filesystem::path& roster);

  std::filesystem::path path() const { return copy_.path(); }  // valid while the snapshot lives
  const std::string& sha256() const { return sha256_; }        // hex

 private:
  core::UnlinkedFile copy_;
  std::string sha256_;
};

}  // namespace qianda::contracts
