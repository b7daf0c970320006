// Documents of the court as rows: one becomes true here, after the press made its octets durable. On a Transaction.
#pragma once

#include "core/actor.h"
#include "delivery/documents/court_press.h"
#include "delivery/documents/document_kinds.h"

namespace qianda::delivery {

struct NewCourtDocument {
  const DocumentKind* kind = nullptr;
  std::string caseId, step, party;
  const PressedDocument* pressed = nullptr;
};
void insertDocuments(storage::Transaction& transaction, const core::Actor& actor, const std::string& seal,
                     const std::vector<NewCourtDocument>& documents, core::Instant now);

}  // namespace qianda::delivery
