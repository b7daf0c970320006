#include "server/api/web_files.h"

#include <utility>
#include <vector>

#include "server/http/problem.h"

namespace qianda::server {

std::vector<std::pair<std::string_view, std::string_view>> embeddedPages();

std::string_view webFile(std::string_view name) {
  for (const auto& [file, octets] : embeddedPages()) {
    if (file == name) return octets;
  }
  throw Problem(404, "not_found", "there is nothing at this address");
}

Response answerPage(std::string html, bool ownPictures) {
  Response response;
  response.mediaType = "text/html; charset=utf-8";
  response.body = std::move(html);
  response.headers.emplace_back("Content-Security-Policy",
                                std::string("default-src 'none'; script-src 'self'; style-src 'self'; connect-src "
                                            "'self'; img-src 'self'") +
                                    (ownPictures ? " blob:" : "") +
                                    "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

Response answerWebFile(std::string_view name) {
  Response response;
  if (name.ends_with(".js")) {
    response.mediaType = "text/javascript; charset=utf-8";
  } else if (name.ends_with(".css")) {
    response.mediaType = "text/css; charset=utf-8";
  } else {
    throw Problem(404, "not_found", "there is nothing at this address");
  }
  response.body = webFile(name);
  response.headers.emplace_back("Cache-Control", "public, max-age=300");
  return response;
}

}  // namespace qianda::server
