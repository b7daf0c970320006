// Gathers an evidence case from the tables of envelopes and the document store.
#pragma once

#include <string>

#include "contracts/evidence/evidence_case.h"
#include "storage/document_store.h"
#include "storage/sql/database.h"

namespace qianda::server {

// Throws kNotFound when the organisation has no such envelope.
contracts::EvidenceCase gatherEvidence(storage::Database& database, storage::DocumentStore& documents,
                                       const std::string& organisation, const std::string& envelope);

// "0000********001X": first and last four characters; shorter ones are all stars.
std::string maskedNumber(const std::string& number);

}  // namespace qianda::server
