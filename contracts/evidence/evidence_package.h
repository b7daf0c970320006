// The evidence package of one contract: a ZIP file that a court, a party or their expert checks without us
// (docs/evidence.md). It holds the final file and every revision, what was filled in and what the rules said, notices,
// identity, will and delivery records, every certificate, revocation answer and timestamp, the audit stream with its
// inclusion in anchors, the verification report, a report for people sealed by the platform (PAdES), and a manifest
// with the size, SHA-256 and SM3 of every member that the platform signs (CMS, detached).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "contracts/evidence/evidence_case.h"
#include "signing/cms/cades_signer.h"
#include "signing/verify/verifier.h"

namespace qianda::contracts {

inline constexpr const char* kEvidenceFormat = "qianda-evidence-1";

struct EvidencePlatform {
  const signing::CadesSigner* signer = nullptr;
  signing::TrustAnchors anchors;          // verified against, and shown in the report
  std::vector<core::Bytes> certificates;  // DER, that paths to the anchors need besides what signatures bring along
};

struct EvidenceMember {
  std::string name, octets;
};
// All members in their order, the manifest and its signature last. Throws kCorrupt when a revision's octets are not
// those whose hash was written down: no package is made of what cannot be evidence.
std::vector<EvidenceMember> evidenceMembers(const EvidenceCase& evidence, const EvidencePlatform& platform,
                                            core::Instant now);
void writeEvidence(const EvidenceCase& evidence, const EvidencePlatform& platform, core::Instant now,
                   const std::function<void(std::string_view)>& write);

}  // namespace qianda::contracts
