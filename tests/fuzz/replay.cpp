// Runs a fuzz entry without a fuzzer: the files of a corpus folder, and mutations of them drawn by a fixed generator,
// so that a failure repeats. usage: NAME_fuzz FOLDER MUTATIONS
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "core/file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void runOne(const std::string& octets) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size());
}

// Flips, overwrites, removes, repeats or cuts a part.
std::string mutated(std::string octets, std::mt19937_64& random) {
  const auto below = [&](std::size_t limit) {
    return static_cast<std::size_t>(random() % std::max<std::size_t>(limit, 1));
  };
  for (std::size_t changes = 1 + below(8); changes > 0 && !octets.empty(); --changes) {
    const std::size_t at = below(octets.size()), length = 1 + below(std::min<std::size_t>(octets.size() - at, 64));
    switch (below(5)) {
      case 0:
        octets[at] = static_cast<char>(octets[at] ^ (1 << below(8)));
        break;
      case 1:
        octets[at] = static_cast<char>(random());
        break;
      case 2:
        octets.erase(at, length);
        break;
      case 3:
        octets.insert(below(octets.size()), octets.substr(at, length));
        break;
      default:
        octets.resize(at);
        break;
    }
  }
  return octets;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  if (paths.empty()) return 2;
  std::mt19937_64 random(42);
  const long mutations = std::strtol(argv[2], nullptr, 10) / static_cast<long>(paths.size());
  for (const std::filesystem::path& path : paths) {
    const std::string seed = qianda::core::readFile(path);
    runOne(seed);
    for (long i = 0; i < mutations; ++i) runOne(mutated(seed, random));
  }
  std::printf("%zu files, %ld mutations each\n", paths.size(), mutations);
}
