#include "delivery/documents/court_documents.h"

#include "storage/sql/instant.h"

namespace qianda::delivery {

void insertDocuments(storage::Transaction& t, const core::Actor& actor, const std::string& seal,
                     const std::vector<NewCourtDocument>& documents, core::Instant now) {
  std::vector<storage::Values> rows;
  for (const NewCourtDocument& one : documents) {
    rows.push_back({one.pressed->id.text(), actor.organisation, one.caseId, one.step, std::string(one.kind->name),
                    std::string(one.kind->titleZh), one.party, one.pressed->sha256, one.pressed->size,
                    one.pressed->pages, seal, actor.name, storage::msOf(now)});
  }
  t.insertAll(
      "INSERT INTO court_documents (id, organisation, case_id, step, kind, title, party, sha256, size, pages, seal, "
      "created_by, created_ms) VALUES",
      13, rows);
}

}  // namespace qianda::delivery
