#include <algorithm>

#include "contracts/ceremony/paper_copy.h"
#include "server/api/evidence_routes.h"
#include "server/api/web_files.h"
#include "server/http/problem.h"
#include "server/services.h"
#include "server/verification/known_document.h"

namespace qianda::server {

namespace {

constexpr std::string_view kMark = "<!--facts-->";

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
  std::string html(webFile("verify.html"));
  html.replace(html.find(kMark), kMark.size(), facts);
  Response response = answerPage(std::move(html));
  response.status = status;
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

Response getVerificationAsset(Services&, const Request& request) { return answerWebFile(request.path.substr(1)); }

Response getDocumentPage(Services& services, const Request& request) {
  const auto known = lookUp(services, request);
  if (known) return page(factsOf(*known), 200);
  return page("<section id=\"document\"><p class=\"doubt\">" +
                  both("本平台没有这个编号的文件。请核对地址，或在下面直接验证文件。",
                       "This service has no document of this number. Check the address, or verify the file below.") +
                  "</p></section>\n",
              404);
}

// Behind the QR code of a paper copy.
Response getPaperCopyPage(Services& services, const Request& request) {
  EvidenceServices& evidence = evidenceOf(services);
  limitRate(evidence, request, "document", evidence.lookups, services.clock());
  const auto found = services.database->looked<std::optional<contracts::PaperCheck>>(
      [&](storage::Transaction& look) { return contracts::findPaperCopy(look, request.parameter("code")); });
  if (!found) {
    return page("<section id=\"document\"><p class=\"bad\">" +
                    both("没有这个校验码的打印件。请核对纸面上的校验码。",
                         "No paper copy has this code. Compare it with the one on the paper.") +
                    "</p></section>\n",
                404);
  }
  const std::string isSame = both("本打印件与数据电文原件一致", "The paper agrees with the data message");
  return page("<section id=\"document\"><h2>" + both("打印件校验", "Check of a paper copy") + "</h2>\n<dl>\n" +
                  fact("结论", "Result", isSame, "good") + fact("文件", "Document", escaped(found->title)) +
                  fact("编号", "Number", escaped(found->envelope)) +
                  fact("状态", "State", both(stateWords(found->state), found->state)) +
                  fact("打印时间", "Printed", escaped(core::isoInstant(found->made))) +
                  fact("原件的 SHA-256", "SHA-256 of the data message", escaped(found->sha256), "hash") +
                  "</dl></section>\n",
              200);
}

Response getKnownDocument(Services& services, const Request& request) {
  const auto known = lookUp(services, request);
  if (!known) throw Problem(404, "not_found", "there is no document of this number");
  return answerJson(knownJson(*known, services.publicUrl));
}

}  // namespace qianda::server
