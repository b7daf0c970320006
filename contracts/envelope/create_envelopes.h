// Envelopes come into being with their first revision already durable in the document store; the envelope has its id.
// Many at once: one statement a table. Their state is 'draft' until they are sent (contracts/envelope/lifecycle.h).
#pragma once

#include <string>
#include <vector>

#include "contracts/envelope/states.h"
#include "core/id.h"
#include "core/time.h"
#include "storage/sql/database.h"

namespace qianda::contracts {

struct NewParty {
  std::string field;  // the signature field in the PDF: "employer", "worker"; unique within the envelope
  PartyKind kind = PartyKind::kPerson;
  std::int64_t stage = 1;  // from 1; parties of one stage sign in any order
  bool hasSigned = false;  // its signature is in the first revision
  std::string displayName;
  std::string idNumber, phone;     // of a person
  std::string organisation, seal;  // of an organisation: ids
};

struct NewEnvelope {
  core::DocumentId document;  // in the store
  std::string organisation;
  std::string batch;       // id or empty
  std::int64_t row = 0;    // of the batch
  std::string kind;        // "labour_contract" (from a template only: 人社厅发〔2021〕54号 3) or "document"
  std::string templateId;  // empty for an uploaded file
  std::string templateVersion;
  std::string title;
  std::string level = "B-T";  // "B-T", "B-LT", "B-LTA"
  std::string sha256;         // hex, of the first revision
  std::int64_t size = 0;
  std::string createdBy;    // "user:<id>", "api_key:<id>"
  core::Instant expires{};  // 1970: never
  std::vector<NewParty> parties;
};

// With the first entry of each audit stream and the event "envelope.created". Throws kInvalidInput, naming the row or
// the envelope, when parties are missing, doubled, incomplete or all signed, or a labour contract has no template;
// kConflict when one exists.
void createEnvelopes(storage::Transaction& transaction, const std::vector<NewEnvelope>& envelopes, core::Instant now);

}  // namespace qianda::contracts
