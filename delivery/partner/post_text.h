// How China Post writes instants and numbers of items: "yyyy-MM-dd HH:mm:ss" in China's time (UTC+8), thirteen digits,
// or S10 (UPU) with its check digit. For the 13-digit form no check rule is known (DELIVERY 3.1). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"

namespace qianda::delivery {

std::string postTime(core::Instant instant);
std::optional<core::Instant> parsePostTime(std::string_view text);    // exactly that form
std::optional<core::Instant> parseIsoInstant(std::string_view text);  // "2026-03-02T09:00:00+08:00", or with Z

int s10CheckDigit(std::string_view eightDigits);
bool isPostalNumber(std::string_view text);

}  // namespace qianda::delivery
