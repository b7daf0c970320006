#include "signing/bench/stamp_bench.h"

#include <string>

#include "signing/bench/crew.h"
#include "signing/keys/evp_key.h"

namespace qianda::signing {

CrewTime timeStamps(const TimestampSource& source, unsigned clients, std::uint64_t count,
                    std::chrono::milliseconds delay) {
  return runCrew(clients, count, [&](std::uint64_t i) {
    if (delay.count() > 0) std::this_thread::sleep_for(delay);
    source.stamp(DigestAlgorithm::kSha256, digestOf(DigestAlgorithm::kSha256, core::viewOf(std::to_string(i))));
  });
}

}  // namespace qianda::signing
