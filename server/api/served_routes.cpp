// What the recipient of electronic service opens: the link's secret stands behind "#" in the page's address, so that no
// server's log has it, and comes in the body. The first document that is opened is filed as read.
#include <algorithm>

#include "delivery/service/electronic.h"
#include "server/api/evidence_routes.h"
#include "server/api/postal_routes.h"
#include "server/api/web_files.h"
#include "server/http/fields.h"
#include "server/services.h"
#include "storage/document_store.h"

namespace qianda::server {
namespace {

using delivery::OpenedService;
using storage::Transaction;

constexpr std::size_t kSmall = 4u << 10;

void limit(Services& services, const Request& request) {
  if (!services.evidence) return;
  limitRate(*services.evidence, request, "served", services.evidence->lookups, services.clock());
}

Response openServedDocuments(Services& services, const Request& request) {
  limit(services, request);
  Fields body(request);
  const std::string secret = body.text("secret", {.most = 60});
  body.finish();
  const auto opened =
      services.database->looked<OpenedService>([&](Transaction& t) { return delivery::openServiceLink(t, secret); });
  Json documents = Json::array();
  for (const OpenedService::Document& one : opened.documents) {
    documents.push(Json::object({{"id", one.id}, {"title", one.title}, {"sha256", one.sha256}}));
  }
  return answerJson(Json::object({{"court", opened.court},
                                  {"case_number", opened.caseNumber},
                                  {"recipient", opened.recipient},
                                  {"documents", std::move(documents)}}));
}

Response getServedDocument(Services& services, const Request& request) {
  limit(services, request);
  Fields body(request);
  const std::string secret = body.text("secret", {.most = 60});
  const std::string document = body.id("document");
  body.finish();
  services.database->write([&](Transaction& t) {
    const OpenedService opened = delivery::openServiceLink(t, secret);
    const bool isTheirs = std::any_of(opened.documents.begin(), opened.documents.end(),
                                      [&](const OpenedService::Document& one) { return one.id == document; });
    if (!isTheirs) throw Problem(404, "not_found", "this link opens no such document");
    delivery::noteRead(t, opened, request.peer, request.findHeader("User-Agent").value_or(""), services.clock());
  });
  services.wakeJobs();
  Response response;
  response.mediaType = "application/pdf";
  response.body = services.documents->read(*core::DocumentId::parse(document));
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + document + ".pdf\"");
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Response getServedPage(Services&, const Request&) { return answerPage(std::string(webFile("served.html"))); }

}  // namespace

std::vector<Route> servedRoutes() {
  using enum Access;
  return {
      {"POST", "/api/v1/served", "openServedDocuments", kPublic, "", openServedDocuments, kSmall},
      {"POST", "/api/v1/served/document", "getServedDocument", kPublic, "", getServedDocument, kSmall},
      {"GET", "/served/", "getServedPage", kPublic, "", getServedPage, 0},
  };
}

}  // namespace qianda::server
