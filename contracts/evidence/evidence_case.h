// What is known of one envelope, gathered for its evidence package (LAW: 电子签名法 3-8 and 13, 人社厅发〔2021〕54号
// 6-16). Plain data, owned by whoever gathered it; how it is stored is none of the package's business.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/time.h"
#include "storage/audit/anchor.h"

namespace qianda::contracts {

struct EvidenceParty {
  std::string name, kind, state;  // as the API says them
  std::string displayName;
  std::string idNumber, phone;  // masked already
  std::int64_t stage = 1, revision = 0;
};

struct EvidenceRevision {
  std::int64_t number = 0;
  std::string octets, sha256;  // the hash as it was written down then
  std::string what, party;     // "created", "signed", "sealed"; whose signature
  core::Instant at;
};

// A text that a party was shown, as it was then.
struct EvidenceNotice {
  std::string version, text;
};

// The stream in one anchor: both paths, to the organisation's root and to the anchor's.
struct EvidenceAnchor {
  storage::Anchor anchor;
  storage::StreamHead head;
  std::int64_t position = 0, count = 0;  // among the organisation's streams in this anchor
  std::vector<std::string> path;
  std::int64_t organisationPrevious = 0, organisationPosition = 0;
  std::vector<std::string> organisationPath;
};

struct EvidenceCase {
  std::string envelope, organisation, organisationName;
  std::string title, kind, templateId, templateVersion, level, state;
  core::Instant createdAt;
  std::vector<EvidenceParty> parties;
  std::vector<EvidenceRevision> revisions;  // oldest first, at least one
  std::string snapshot;                     // JSON: what the fields were filled with; "" where there is none
  std::string ruleCheck;  // JSON: what the rules said of it before it was sent; "" where there is none
  std::vector<EvidenceNotice> notices;
  storage::StreamHead head;
  std::vector<storage::AuditRecord> entries;  // the whole stream
  std::vector<EvidenceAnchor> anchors;
};

// Reads the audit stream and its anchors into the case; `envelope` and `organisation` are set.
void gatherAudit(storage::Transaction& transaction, EvidenceCase& evidence);

}  // namespace qianda::contracts
