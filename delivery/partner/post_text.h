// Instants as partners write them: China Post's "yyyy-MM-dd HH:mm:ss" in China's time (UTC+8), and ISO 8601. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"

namespace qianda::delivery {

std::string postTime(core::Instant instant);
std::optional<core::Instant> parsePostTime(std::string_view text);    // exactly that form
std::optional<core::Instant> parseIsoInstant(std::string_view text);  // "2026-03-02T09:00:00+08:00", or with Z

}  // namespace qianda::delivery
