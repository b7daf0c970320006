// Judges what is signed or timestamped beside a file: a detached CMS SignedData over octets (RFC 5652 5), and one RFC
// 3161 token over octets. Octets, signature, certification path to a trust anchor; revocation is not asked. A signer's
// certificate that has expired meanwhile counts when a timestamp in the CMS is older, that of a timestamp authority
// when it was in force at the token's own time. Pure functions, any thread; no input makes them throw.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signing/verify/signed_data.h"

namespace qianda::signing::verify {

// Trust anchors, and further certificates to build paths with (DER).
struct PathMaterial {
  TrustAnchors anchors;
  std::vector<core::Bytes> others;
};

struct StampJudgement {
  Finding finding;
  core::Instant time;
  std::string authority, serialHex;
};
StampJudgement judgeStamp(core::BytesView token, std::string_view content, const PathMaterial& material,
                          core::Instant at);

struct DetachedJudgement {
  Finding finding;
  std::string signer;                 // subject, RFC 2253
  std::optional<core::Instant> time;  // of the earliest good timestamp
};
DetachedJudgement judgeDetached(core::BytesView cms, std::string_view content, const PathMaterial& material,
                                core::Instant at);

}  // namespace qianda::signing::verify
