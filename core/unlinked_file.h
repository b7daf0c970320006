// A temporary file without a name, gone with its owner or the process: what it holds is nobody else's to change. One
// thread writes; then path() may be read by any, while the owner lives. Throws kSystem.
#pragma once

#include <filesystem>
#include <string_view>

namespace qianda::core {

class UnlinkedFile {
 public:
  explicit UnlinkedFile(const std::filesystem::path& folder = std::filesystem::temp_directory_path());
  ~UnlinkedFile();
  UnlinkedFile(UnlinkedFile&& other) noexcept;
  UnlinkedFile& operator=(UnlinkedFile&&) = delete;

  void append(std::string_view octets);
  std::filesystem::path path() const;  // /proc/self/fd/N: may also be written through

 private:
  int descriptor_ = -1;
};

}  // namespace qianda::core
