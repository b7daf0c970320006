// One-time codes by time (RFC 6238 over RFC 4226: HMAC-SHA-1, 30 seconds, six digits), and the recovery codes that
// stand in for a lost device. A code counts within one step before and after the present one; a step that was used
// never counts again, which the caller keeps. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/time.h"

namespace qianda::server {

core::Bytes drawTotpSecret();  // 160 bits, RFC 4226 4

// RFC 4226 5.3.
std::string hotpCode(core::BytesView secret, std::uint64_t counter, int digits = 6);
std::int64_t totpStep(core::Instant instant);
std::string totpCode(core::BytesView secret, core::Instant instant);

// The step whose code it is, if that is later than `lastStep`.
std::optional<std::int64_t> findTotpStep(core::BytesView secret, std::string_view code, core::Instant now,
                                         std::int64_t lastStep);

// otpauth://totp/ISSUER:ACCOUNT?secret=... for a QR code.
std::string otpauthUri(core::BytesView secret, const std::string& issuer, const std::string& account);

// 80 random bits each, "ABCD-EFGH-IJKL-MNOP" in base 32.
std::vector<std::string> drawRecoveryCodes(std::size_t count = 10);
// As drawn, from what a person typed: upper case, without spaces and hyphens put back; nothing if it is no such code.
std::optional<std::string> readRecoveryCode(std::string_view typed);

}  // namespace qianda::server
