// Days and instants of answers: null for nothing. Pure.
#pragma once

#include <optional>

#include "core/time.h"
#include "server/http/json.h"

namespace qianda::server {

inline Json dayOrNull(const std::optional<core::Date>& day) { return day ? Json(core::isoDate(*day)) : Json(); }
inline Json instantOrNull(const std::optional<core::Instant>& instant) {
  return instant ? Json(core::isoInstant(*instant)) : Json();
}

}  // namespace qianda::server
