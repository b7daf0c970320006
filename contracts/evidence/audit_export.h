// The audit log of one organisation as a file that anybody can check without us (docs/evidence.md shows how, with
// openssl alone). JSON, one record a line, in this order: "export", "certificate" (of authorities), "anchor" (all of
// the service, with what they hold of this organisation), "stream" with its "entry" records, "head" (once more the
// length and last hash of every stream), "statement" (the hash tree's root over the heads and the SHA-256 of all lines
// before it), "signature" (the platform's detached CMS over the statement's line). A consistent view of one moment.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/time.h"
#include "signing/cms/cades_signer.h"
#include "storage/sql/database.h"

namespace qianda::contracts {

inline constexpr const char* kAuditExportFormat = "qianda-audit-export-1";

// `certificates`: DER, what paths from tokens and the signature to their roots need besides what they bring along.
// Throws kUnavailable when the platform's signature needs a timestamp that cannot be had.
void exportAudit(storage::Database& database, const std::string& organisation, const signing::CadesSigner& platform,
                 const std::vector<core::Bytes>& certificates, core::Instant now,
                 const std::function<void(std::string_view)>& write);

// The detached CMS of the platform over octets, DER.
core::Bytes signDetached(const signing::CadesSigner& platform, std::string_view octets);

}  // namespace qianda::contracts
