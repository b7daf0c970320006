// ZIP files in memory and as a stream (APPNOTE 6.3, through libarchive): evidence packages. Reading is for hostile
// files: bounded in members and octets, names that lead out of a folder or stand twice are refused.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace qianda::contracts {

class ZipWriter {
 public:
  using Sink = std::function<void(std::string_view)>;
  explicit ZipWriter(Sink sink);
  ~ZipWriter();
  void add(const std::string& name, std::string_view octets, core::Instant modified);
  void close();  // once; without it the file is cut

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct ZipMember {
  std::string name, octets;
};
// In the order of the file. Throws kInvalidInput, naming the member, for what is no sound ZIP file.
std::vector<ZipMember> readZip(std::string_view file, std::size_t mostOctets = std::size_t{1} << 30,
                               std::size_t mostMembers = 10'000);

}  // namespace qianda::contracts
