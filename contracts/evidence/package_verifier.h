// Checks an evidence package on any machine, with nothing but the file and trust anchors: the platform's signature over
// the manifest, every member against it (changed, missing, added, by name), the contract's signatures, that each
// revision continues the one before, the sealed report, and the audit stream with its anchors. A verdict is a value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "contracts/evidence/audit_verifier.h"
#include "contracts/evidence/verdict_report.h"

namespace qianda::contracts {

struct PackageFinding {
  std::string code;      // "member_changed", "member_missing", "member_added", ...
  std::string member;    // "" when it is about the whole
  std::int64_t seq = 0;  // of an audit entry
  std::string message;
};

struct PackageVerdict {
  std::string indication = "PASSED";  // INDETERMINATE when nothing is wrong but trust cannot be shown; FAILED
  std::string envelope, signer;
  std::int64_t members = 0, entries = 0, anchors = 0;
  JudgedFile contract;
  std::vector<PackageFinding> findings;
  std::vector<std::string> notes;
};

struct PackageVerifyOptions {
  signing::TrustAnchors anchors;
  std::string signedBy;  // CN or O of the platform's certificate; empty: any under the anchors
  core::Instant at;
};

PackageVerdict verifyPackage(std::string_view zip, const PackageVerifyOptions& options);

// Whether a subject (RFC 2253) has that CN or O.
bool isNamed(const std::string& subject, const std::string& name);

}  // namespace qianda::contracts
