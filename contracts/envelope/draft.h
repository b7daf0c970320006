// A single envelope's first document: composed from a template and values, unsigned, with a signature field for each
// party; or a PDF made elsewhere, which gets the fields it lacks. What is wrong with the values is told as faults, all
// at once, before anything is stored (PEERS 29). Pure but for the clock; any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "contracts/envelope/create_envelopes.h"
#include "storage/document_store.h"
#include "templates/fault.h"
#include "templates/template.h"

namespace qianda::contracts {

// How a party of the template takes part; by its name there.
struct PartyPlan {
  std::string field;
  std::int64_t stage = 1;
  std::string organisation, seal;  // of an organisation: ids
};

// The parties of a template with the names, numbers and phones of one record (fields <party>_name, <party>_id_no,
// <party>_phone: a party with an identity number is a person). Throws kInvalidInput when the plan does not name each
// party once.
std::vector<NewParty> partiesOf(const templates::Template& form, const templates::Record& record,
                                const std::vector<PartyPlan>& plan);
// "labour_contract", or "document" for what is none (三方协议 ...).
std::string envelopeKindOf(const templates::Template& form);

struct Draft {
  NewEnvelope envelope;  // its parties, kind, title and hash; organisation, creator and deadline are the caller's
  std::string pdf;
  std::vector<templates::Fault> faults;  // some may only warn; `pdf` is empty when one blocks
};
Draft composeDraft(const std::shared_ptr<const templates::Template>& form,
                   const std::vector<std::pair<std::string, std::string>>& values, const std::vector<PartyPlan>& plan,
                   const std::string& verificationAddress, core::Instant now);

// Where a field is to stand that the file does not have: mm from the page's lower left corner as its reader sees it.
struct FieldPlace {
  std::size_t page = 1;  // 1-based
  double left = 0, bottom = 0, width = 0, height = 0;
};
struct UploadedParty {
  NewParty party;
  std::optional<FieldPlace> place;
};
// Throws kInvalidInput: no PDF, signed already, a party without a field and without a place, a place off the page.
Draft draftUpload(const std::string& pdf, const std::string& title, const std::vector<UploadedParty>& parties,
                  core::Instant now);

// Stores the document and creates the envelope; a crash in between leaves a document that nothing names.
void storeDraft(storage::DocumentStore& documents, storage::Database& database, const Draft& draft, core::Instant now);

}  // namespace qianda::contracts
