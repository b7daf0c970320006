#include "contracts/evidence/evidence_package.h"

#include "server/api/evidence_routes.h"
#include "server/api/retention_routes.h"
#include "server/evidence/gather.h"
#include "server/http/problem.h"
#include "server/services.h"

namespace qianda::server {

Response getEvidencePackage(Services& services, const Request& request) {
  EvidenceServices& evidence = evidenceOf(services);
  const std::string& organisation = request.principal.organisation;
  const std::string& envelope = request.parameter("envelope");
  const core::Instant now = services.clock();
  // The fetching is part of what happened to the contract: written before, so that the package tells of it.
  services.database->write([&](storage::Transaction& transaction) {
    if (!transaction.findRow("SELECT 1 FROM envelopes WHERE organisation = $1 AND id = $2", {organisation, envelope}))
      throw Problem(404, "not_found", "there is no such envelope");
    refuseErased(transaction, envelope);
    storage::appendAudit(transaction,
                         auditEntryOf(request, "envelope:" + envelope, organisation, "evidence.exported", "{}", now));
  });
  const contracts::EvidenceCase facts = gatherEvidence(*services.database, *services.documents, organisation, envelope);
  Response response;
  response.mediaType = "application/zip";
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"qianda-evidence-" + envelope + ".zip\"");
  contracts::writeEvidence(
      facts, {&evidence.platform->signer(), evidence.signing->anchors(), evidence.platform->certificates()}, now,
      [&](std::string_view octets) { response.body += octets; });
  return response;
}

}  // namespace qianda::server
