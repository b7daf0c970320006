// Measures how many timestamps (RFC 3161) a source gives when several threads ask at once, as the workers of a batch
// do: whether the authority is in this process or far away is the source's matter.
#pragma once

#include <chrono>
#include <cstdint>

#include "signing/bench/crew.h"
#include "signing/trust/timestamp_source.h"

namespace qianda::signing {

// The time of `count` tokens asked for by `clients` threads; each token is checked by its source. `delay` is waited
// before every question, a stand-in for the way to an authority far away. Throws what the source throws.
CrewTime timeStamps(const TimestampSource& source, unsigned clients, std::uint64_t count,
                    std::chrono::milliseconds delay = std::chrono::milliseconds(0));

}  // namespace qianda::signing
