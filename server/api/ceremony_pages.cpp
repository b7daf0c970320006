#include <charconv>

#include "server/api/ceremony_routes.h"
#include "server/api/envelope_routes.h"
#include "server/api/web_files.h"
#include "server/http/problem.h"
#include "server/page_images.h"

namespace qianda::server {
namespace {

PageImages& imagesOf(Services& services) {
  if (!services.pageImages) throw core::Error(core::ErrorCode::kSystem, "the service makes no pictures of pages");
  return *services.pageImages;
}

std::size_t pageOf(const Request& request) {
  const std::string& text = request.parameter("page");
  unsigned page = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), page);
  if (error != std::errc() || end != text.data() + text.size() || page < 1 || page > 9999) {
    throw Problem(404, "not_found", "pages are numbered from 1");
  }
  return page;
}

}  // namespace

std::vector<Route> ceremonyPageRoutes() {
  using enum Access;
  return {
      {"GET", "/api/v1/ceremony/pages/{page}", "getCeremonyPage", kCeremony, "", getCeremonyPage, 0},
      {"GET", "/api/v1/ceremony/pages/{page}/text", "getCeremonyPageText", kCeremony, "", getCeremonyPageText, 0},
      // Links of years ago lead here: these addresses never change.
      {"GET", "/sign", "getSigningPage", kPublic, "", getSigningPage, 0},
      {"GET", "/sign/", "getSigningPageSlash", kPublic, "", getSigningPage, 0},
      {"GET", "/sign/{file}", "getSigningFile", kPublic, "", getSigningFile, 0},
      {"GET", "/my-contracts", "getMyContractsPage", kPublic, "", getMyContractsPage, 0},
      {"GET", "/console", "getConsolePage", kPublic, "", getConsolePage, 0},
  };
}

// Fetching a page starts the reading as fetching the document does.
Response getCeremonyPage(Services& services, const Request& request) {
  const contracts::Bearer bearer = bearerOf(request);
  const std::size_t page = pageOf(request);
  const std::string pdf = contracts::readDocument(ceremonyOf(services), bearer);
  Response response;
  response.mediaType = "image/png";
  response.body = imagesOf(services).picture(bearer.party, pdf, page);
  return response;
}

Response getCeremonyPageText(Services& services, const Request& request) {
  const contracts::Bearer bearer = bearerOf(request);
  const std::size_t page = pageOf(request);
  const std::string pdf = contracts::readDocument(ceremonyOf(services), bearer);
  Response response;
  response.mediaType = "text/plain; charset=utf-8";
  response.body = imagesOf(services).text(bearer.party, pdf, page);
  return response;
}

Response getSigningPage(Services&, const Request&) { return answerPage(std::string(webFile("sign.html")), true); }

Response getSigningFile(Services&, const Request& request) { return answerWebFile(request.parameter("file")); }

Response getMyContractsPage(Services&, const Request&) { return answerPage(std::string(webFile("my_contracts.html"))); }

Response getConsolePage(Services&, const Request&) { return answerPage(std::string(webFile("console.html"))); }

void forgetPages(Services& services, const contracts::Bearer& bearer) {
  if (services.pageImages) services.pageImages->forget(bearer.party);
}

}  // namespace qianda::server
