#include <algorithm>

#include "server/api/evidence_routes.h"
#include "server/http/problem.h"
#include "server/services.h"
#include "server/verification/known_document.h"

namespace qianda::server {

std::vector<std::pair<std::string_view, std::string_view>> embeddedPages();

namespace {

// Nothing from elsewhere, no inline script or style.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";
constexpr std::string_view kMark = "<!--facts-->";

std::string_view fileNamed(std::string_view name) {
  for (const auto& [file, octets] : embeddedPages()) {
    if (file == name) return octets;
  }
  throw Problem(404, "not_found", "there is nothing at this address");
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : std::string(1, c);
  }
  return out;
}

std::string both(std::string_view zh, std::string_view en) {
  return "<span class=\"zh\">" + escaped(zh) + "</span><span class=\"en\">" + escaped(en) + "</span>";
}

std::string fact(std::string_view zh, std::string_view en, const std::string& html, const char* kind = "") {
  return "<dt>" + both(zh, en) + "</dt><dd" + (*kind ? " class=\"" + std::string(kind) + "\"" : "") + ">" + html +
         "</dd>\n";
}

std::string factsOf(const KnownDocument& known) {
  std::string out = "<section id=\"document\"><h2>" + both("本平台的记录", "What this service knows") + "</h2>\n<dl>\n";
  const bool isDone = known.state == "completed";
  if (known.erasedAt) {
    const std::string day = core::isoDate(core::chinaDate(*known.erasedAt));
    out += fact("删除", "Erased",
                both("保存期满，已于 " + day + " 依保存期限规则删除", "erased under the retention rule on " + day),
                "doubt");
  }
  out += fact("状态", "State", both(stateWords(known.state), known.state), isDone ? "good" : "doubt");
  if (!known.erasedAt) out += fact("文件", "Document", escaped(known.title));
  out += fact("编号", "Number", escaped(known.id));
  for (const KnownParty& party : known.parties) {
    out += fact(
        party.kind == "person" ? "劳动者" : "单位", party.kind == "person" ? "Person" : "Organisation",
        escaped(party.name) + " · " +
            both(party.state == "signed" ? "已签署" : "未签署", party.state == "signed" ? "signed" : "not signed"));
  }
  out += fact("创建时间", "Created", escaped(core::isoInstant(known.createdAt)));
  out += fact("最后版本", "Latest revision",
              std::to_string(known.latestRevision) + " · " + escaped(core::isoInstant(known.revisionAt)));
  out += fact("最后版本的 SHA-256", "SHA-256 of the latest revision", escaped(known.sha256), "hash");
  return out + "</dl></section>\n";
}

Response page(const std::string& facts, int status) {
  std::string html(fileNamed("verify.html"));
  html.replace(html.find(kMark), kMark.size(), facts);
  Response response;
  response.status = status;
  response.mediaType = "text/html; charset=utf-8";
  response.body = std::move(html);
  response.headers.emplace_back("Content-Security-Policy", kPolicy);
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

std::optional<KnownDocument> lookUp(Services& services, const Request& request) {
  EvidenceServices& evidence = evidenceOf(services);
  limitRate(evidence, request, "document", evidence.lookups, services.clock());
  std::optional<KnownDocument> known;
  services.database->read([&](storage::Transaction& transaction) {
    known = findKnownDocument(transaction, request.parameter("document"));
  });
  return known;
}

}  // namespace

Json knownJson(const KnownDocument& known, const std::string& publicUrl) {
  Json parties = Json::array();
  for (const KnownParty& party : known.parties)
    parties.push(Json::object({{"kind", party.kind}, {"name", party.name}, {"state", party.state}}));
  return Json::object({{"id", known.id},
                       {"address", publicUrl + "/V/" + known.id},
                       {"kind", known.kind},
                       {"title", known.title},
                       {"state", known.state},
                       {"state_zh", stateWords(known.state)},
                       {"created_at", core::isoInstant(known.createdAt)},
                       {"changed_at", core::isoInstant(known.changedAt)},
                       {"revision", known.latestRevision},
                       {"revision_at", core::isoInstant(known.revisionAt)},
                       {"sha256", known.sha256},
                       {"size", known.size},
                       {"erased_at", known.erasedAt ? Json(core::isoInstant(*known.erasedAt)) : Json()},
                       {"parties", parties}});
}

Response getVerificationPage(Services&, const Request&) { return page("", 200); }

Response getVerificationAsset(Services&, const Request& request) {
  Response response;
  const bool isScript = request.path.ends_with(".js");
  response.mediaType = isScript ? "text/javascript; charset=utf-8" : "text/css; charset=utf-8";
  response.body = fileNamed(isScript ? "verify.js" : "verify.css");
  response.headers.emplace_back("Cache-Control", "public, max-age=300");
  return response;
}

Response getDocumentPage(Services& services, const Request& request) {
  const auto known = lookUp(services, request);
  if (known) return page(factsOf(*known), 200);
  return page("<section id=\"document\"><p class=\"doubt\">" +
                  both("本平台没有这个编号的文件。请核对地址，或在下面直接验证文件。",
                       "This service has no document of this number. Check the address, or verify the file below.") +
                  "</p></section>\n",
              404);
}

Response getKnownDocument(Services& services, const Request& request) {
  const auto known = lookUp(services, request);
  if (!known) throw Problem(404, "not_found", "there is no document of this number");
  return answerJson(knownJson(*known, services.publicUrl));
}

}  // namespace qianda::server
