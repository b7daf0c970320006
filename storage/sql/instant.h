// An instant as every column *_ms has it: milliseconds since 1970-01-01 UTC. Pure.
#pragma once

#include <cstdint>

#include "core/time.h"

namespace qianda::storage {

inline core::Instant instantOf(std::int64_t ms) { return core::Instant(std::chrono::milliseconds(ms)); }
inline std::int64_t msOf(core::Instant instant) { return instant.time_since_epoch().count(); }

}  // namespace qianda::storage
