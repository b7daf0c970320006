#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qianda/client/client.h"
#include "qianda/client/error.h"

namespace qianda::client {
namespace {

constexpr std::size_t kLongestKey = 4096;

struct Descriptor {
  int number = -1;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& reason) {
  throw Error(0, "key_file", file.string() + ": " + reason);
}

}  // namespace

// The file that is judged is the file that is read, whatever its name comes to mean meanwhile.
std::string readApiKey(const std::filesystem::path& file) {
  const Descriptor in{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat facts {};
  if (in.number < 0 || ::fstat(in.number, &facts) != 0) refuse(file, std::strerror(errno));
  if (!S_ISREG(facts.st_mode)) refuse(file, "is no regular file");
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    refuse(file, "others than its owner may use it; chmod 600 ends that");
  }
  std::string key(kLongestKey + 1, '\0');
  std::size_t length = 0;
  for (ssize_t count; length < key.size(); length += static_cast<std::size_t>(count)) {
    count = ::read(in.number, key.data() + length, key.size() - length);
    if (count < 0) refuse(file, std::strerror(errno));
    if (count == 0) break;
  }
  key.resize(length);
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r' || key.back() == ' ')) key.pop_back();
  const bool isKey = !key.empty() && key.size() < kLongestKey &&
                     std::all_of(key.begin(), key.end(), [](unsigned char c) { return c > ' ' && c < 0x7F; });
  if (!isKey) refuse(file, "holds no API key, which is one line without blanks");
  return key;
}

}  // namespace qianda::client
