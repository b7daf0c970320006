// The version of this program, one place.
#pragma once

namespace qianda::server {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace qianda::server
