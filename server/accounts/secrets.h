// Secrets that are drawn, shown once and kept as their SHA-256: session tokens, API keys, states of a login, recovery
// codes. All have at least 80 random bits, so a plain hash is enough (passwords go to passwords.h). Base64url and
// base 32 of RFC 4648, unpadded; decoding accepts only the one canonical spelling. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.h"

namespace qianda::server {

// OpenSSL's RAND_bytes; throws kSystem if it fails.
core::Bytes randomOctets(std::size_t count);
std::string randomToken(std::size_t octets = 32);  // base64url

core::Bytes sha256(std::string_view text);
std::string hashOfSecret(std::string_view secret);  // SHA-256, lower-case hexadecimal

// Takes the same time for all texts of one length.
bool isSameSecret(std::string_view left, std::string_view right);

std::string toBase64Url(core::BytesView octets);
std::optional<core::Bytes> fromBase64Url(std::string_view text);
std::string toBase64(core::BytesView octets);  // padded, on one line
std::string toBase32(core::BytesView octets);
std::optional<core::Bytes> fromBase32(std::string_view text);

}  // namespace qianda::server
