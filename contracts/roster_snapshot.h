// A private copy of a roster that nobody can change between the check and the making of the contracts: an unlinked
// temporary file, gone with the process. Its digest names the roster.
#pragma once

#include <filesystem>
#include <string>

namespace qianda::contracts {

class RosterSnapshot {
 public:
  // Throws kNotFound or kSystem.
  explicit RosterSnapshot(const std::filesystem::path& roster);
  ~RosterSnapshot();
  RosterSnapshot(const RosterSnapshot&) = delete;
  RosterSnapshot& operator=(const RosterSnapshot&) = delete;

  std::filesystem::path path() const;                    // valid while the snapshot lives
  const std::string& sha256() const { return sha256_; }  // hex

 private:
  int descriptor_ = -1;
  std::string sha256_;
};

}  // namespace qianda::contracts
