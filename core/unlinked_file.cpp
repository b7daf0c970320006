#include "core/unlinked_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "core/error.h"

namespace qianda::core {

UnlinkedFile::UnlinkedFile(const std::filesystem::path& folder) {
  std::string name = (folder / "qianda-XXXXXX").string();
  descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor_ < 0) throw Error(ErrorCode::kSystem, "cannot create " + name + ": " + std::strerror(errno));
  ::unlink(name.c_str());
}

UnlinkedFile::~UnlinkedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

UnlinkedFile::UnlinkedFile(UnlinkedFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

void UnlinkedFile::append(std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t count = ::write(descriptor_, octets.data(), octets.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      throw Error(ErrorCode::kSystem, std::string("cannot write a temporary file: ") + std::strerror(errno));
    octets.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::filesystem::path UnlinkedFile::path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

}  // namespace qianda::core
