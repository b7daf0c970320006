// Raises a signed PDF to a higher level (ETSI EN 319 142-1 6): B-T by a document timestamp where a signature has none
// of its own, B-LT by a document security store with certificates, OCSP responses and CRLs of every path, B-LTA by a
// document timestamp over all of it. Raising a B-LTA file to B-LTA again renews its last timestamp. Each step is an
// appended revision; nothing that is there changes. What is missing is an error (kUnavailable), never a lower level.
#pragma once

#include <string>
#include <string_view>

#include "signing/trust/revocation_source.h"
#include "signing/trust/timestamp_source.h"
#include "signing/verify/verifier.h"

namespace qianda::signing {

enum class Level { kB, kT, kLT, kLTA };
// "B-B", "B-T", "B-LT", "B-LTA"; throws kUsage for another name.
Level levelNamed(std::string_view name);
std::string_view nameOf(Level level);

struct LongTermServices {
  const TimestampSource* time = nullptr;
  const RevocationSource* revocation = nullptr;
  const TrustAnchors* anchors = nullptr;  // paths are built up to these
};

// The octets to append; empty when the file is there already (never for B-LTA). Throws kInvalidInput when the file has
// no signature, one that does not verify, or one whose path does not reach an anchor, and kUnavailable when a service
// that is needed is missing or does not answer.
std::string extend(std::string_view pdf, Level level, const LongTermServices& services, core::Instant now);

}  // namespace qianda::signing
