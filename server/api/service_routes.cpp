#include "server/api/service_routes.h"

#include "core/base64.h"
#include "core/digest.h"
#include "core/error.h"
#include "delivery/cases/case_store.h"
#include "delivery/partner/post_text.h"
#include "server/api/acting.h"
#include "server/api/case_routes.h"
#include "server/api/page.h"
#include "server/delivery/delivery_desk.h"
#include "server/http/fields.h"
#include "server/services.h"
#include "storage/document_store.h"

namespace qianda::server {
namespace {

using namespace delivery;
using storage::Transaction;

constexpr std::size_t kScan = 12u << 20;  // octets of a request with a scanned document

const std::string& courtOf(const Request& request) { return request.principal.organisation; }

Response answerRecord(Services& services, const Request& request, const std::string& id, int status = 200) {
  Response response = answerJson(services.database->looked<Json>([&](Transaction& t) {
    return wholeRecord(t, delivery::getRecord(t, courtOf(request), id));
  }),
                                 status);
  if (status == 201) response.headers.emplace_back("Location", "/api/v1/service-records/" + id);
  return response;
}

Response pdfOf(Services& services, const std::string& id, const std::string& name) {
  Response response;
  response.mediaType = "application/pdf";
  response.body = services.documents->read(*core::DocumentId::parse(id));
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + name + "-" + id + ".pdf\"");
  return response;
}

Response listCourtDocuments(Services& services, const Request& request) {
  Json items = Json::array();
  services.database->read([&](Transaction& t) {
    items = Json::array();
    delivery::getCase(t, courtOf(request), request.parameter("case"));
    for (const storage::Row& row : t.query("SELECT id, kind, title, party, sha256, size, pages FROM court_documents "
                                           "WHERE case_id = $1 ORDER BY id",
                                           {request.parameter("case")})) {
      items.push(Json::object({{"id", row.text(0)},
                               {"kind", row.text(1)},
                               {"title", row.text(2)},
                               {"party", row.text(3)},
                               {"sha256", row.text(4)},
                               {"size", row.number(5)},
                               {"pages", row.number(6)}}));
    }
  });
  return answerJson(Json::object({{"items", std::move(items)}, {"next", Json()}}));
}

Response getCourtDocument(Services& services, const Request& request) {
  const std::string& id = request.parameter("document");
  std::string kind;
  services.database->read([&](Transaction& t) {
    const auto row =
        t.findRow("SELECT kind FROM court_documents WHERE organisation = $1 AND id = $2", {courtOf(request), id});
    if (!row) throw Problem(404, "not_found", "there is no such document");
    kind = row->text(0);
  });
  return pdfOf(services, id, kind);
}

Response listServiceRecords(Services& services, const Request& request) {
  const Page page = pageOf(request);
  const RecordFilter filter{request.findQuery("case").value_or(""), request.findQuery("state").value_or(""),
                            request.findQuery("needs").value_or("")};
  const auto records = services.database->looked<std::vector<ServiceRecord>>([&](Transaction& t) {
    return listRecords(t, courtOf(request), filter, page.after, static_cast<std::size_t>(page.wanted()));
  });
  return answerPage(page, records, [](const ServiceRecord& record) { return server::jsonOf(record); });
}

Response getServiceRecord(Services& services, const Request& request) {
  return answerRecord(services, request, request.parameter("record"));
}

// One change of the record, in the name of who asks; answers the record as it stands then.
template <typename Change>
Response change(Services& services, const Request& request, Change what) {
  const std::string& id = request.parameter("record");
  services.database->write([&](Transaction& t) {
    delivery::getRecord(t, courtOf(request), id);
    what(t, actingFor(request), id, services.clock());
  });
  if (services.delivery) services.delivery->wake();
  return answerRecord(services, request, id);
}

core::Instant readInstant(Fields& body, const std::string& name) {
  const std::string text = body.text(name, {.most = 40});
  const auto instant = parseIsoInstant(text);
  if (!instant && body.has(name)) body.fault(name, "format", "an instant such as 2026-01-31T08:00:00+08:00");
  return instant.value_or(core::Instant{});
}

Response startServiceAttempt(Services& services, const Request& request) {
  Fields body(request);
  const auto method = findServiceMethod(body.choice(
      "method", {"direct", "lien", "electronic", "entrusted", "postal", "forwarded", "public_notice", "collection"}));
  const std::string address = body.findId("address").value_or("");
  const std::string partner = body.findText("partner", {.most = 40}).value_or("");
  const auto startedAt = body.has("started_at") ? std::optional(readInstant(body, "started_at")) : std::nullopt;
  body.finish();
  const bool isPostal = *method == ServiceMethod::kPostal;
  const std::string carrier = !isPostal ? "" : partner.empty() ? deskOf(services).firstPartner() : partner;
  if (isPostal && !deskOf(services).hasPartner(carrier)) {
    throw Problem(409, "conflict", "no postal partner " + carrier + " is configured");
  }
  return change(services, request, [&](Transaction& t, const auto& actor, const std::string& id, core::Instant now) {
    const std::string attempt = startAttempt(t, actor, id, {*method, address, startedAt}, now);
    if (isPostal) postAttempt(t, actor, id, attempt, carrier, true, now);
    if (*method == ServiceMethod::kElectronic) storage::enqueueWork(t, {kElectronicWork, attempt, "", now}, now);
    recompute(t, actor, id, now);
  });
}

Response withdrawServiceAttempt(Services& services, const Request& request) {
  Fields body(request);
  const std::string reason = body.text("reason", {.most = 200});
  body.finish();
  return change(services, request, [&](Transaction& t, const auto& actor, const std::string& id, core::Instant now) {
    withdrawAttempt(t, actor, id, request.parameter("attempt"), reason, now);
  });
}

std::vector<std::string> evidenceKinds() {
  return {"return_receipt",
          "system_sent",
          "read",
          "replied",
          "arrival_proof",
          "witness",
          "photo",
          "video",
          "note",
          "refusal",
          "left",
          "receipt_image",
          "receipt_unreadable",
          "contents_mismatch",
          "contents_returned",
          "notice_posted",
          "send_failed"};
}

std::vector<std::string> signerClasses() {
  return {"none",     "addressee", "guardian", "legal_representative", "office", "agent", "designated", "family",
          "opponent", "other",     "unknown"};
}

Response addServiceEvidence(Services& services, const Request& request) {
  Fields body(request);
  NewEvidence evidence;
  evidence.attempt = request.parameter("attempt");
  evidence.kind = findEvidenceKind(body.choice("kind", evidenceKinds())).value_or(EvidenceKind::kNote);
  evidence.at = readInstant(body, "at");
  evidence.signer =
      findSignerClass(body.findChoice("signer", signerClasses()).value_or("none")).value_or(SignerClass::kNone);
  evidence.hasIdNumber = body.findBoolean("has_id_number").value_or(false);
  evidence.staff = static_cast<int>(body.findInteger("staff", 0, 10).value_or(0));
  evidence.text = body.findText("text", {.least = 0, .most = 2000, .lines = true}).value_or("");
  const std::string scan = body.findText("scan", {.most = kScan}).value_or("");
  const auto octets = core::fromBase64(scan);
  if (!octets) body.fault("scan", "format", "base64 (RFC 4648 section 4)");
  body.finish();
  if (!octets->empty()) {
    const core::DocumentId id = core::DocumentId::at(services.clock());
    services.documents->appendWhole(id, core::textOf(*octets), services.clock());
    evidence.document = id.text();
    evidence.sha256 = core::sha256Hex(core::textOf(*octets));
  }
  return change(services, request, [&](Transaction& t, const auto& actor, const std::string& id, core::Instant now) {
    addEvidence(t, actor, id, evidence, now);
  });
}

Response getServiceEvidence(Services& services, const Request& request) {
  std::string document;
  services.database->read([&](Transaction& t) {
    delivery::getRecord(t, courtOf(request), request.parameter("record"));
    const auto row = t.findRow(
        "SELECT e.document FROM service_evidence e JOIN service_attempts a ON a.id = e.attempt "
        "WHERE a.record = $1 AND e.id = $2",
        {request.parameter("record"), request.parameter("evidence")});
    if (!row || row->text(0).empty()) throw Problem(404, "not_found", "there is no such scan");
    document = row->text(0);
  });
  Response response;
  response.mediaType = "application/octet-stream";
  response.body = services.documents->read(*core::DocumentId::parse(document));
  return response;
}

Response decideService(Services& services, const Request& request) {
  Fields body(request);
  NewDecision decision;
  decision.decision =
      findHumanDecision(body.choice("decision", {"confirm", "reject", "contest", "uphold", "revoke", "void"}))
          .value_or(HumanDecision::kReject);
  decision.attempt = body.findId("attempt").value_or("");
  decision.reason = body.text("reason", {.most = 1000, .lines = true});
  decision.legalDate = findDay(body, "legal_date");
  body.finish();
  return change(services, request, [&](Transaction& t, const auto& actor, const std::string& id, core::Instant now) {
    decide(t, actor, id, decision, now);
  });
}

Response setNoticeGround(Services& services, const Request& request) {
  Fields body(request);
  const std::string ground = body.text("ground", {.most = 1000, .lines = true});
  body.finish();
  return change(services, request, [&](Transaction& t, const auto& actor, const std::string& id, core::Instant now) {
    groundNotice(t, actor, id, ground, now);
  });
}

Response getServiceProof(Services& services, const Request& request) {
  const auto record = services.database->looked<ServiceRecord>(
      [&](Transaction& t) { return delivery::getRecord(t, courtOf(request), request.parameter("record")); });
  const bool wantsReceipt = request.findQuery("sheet").value_or("report") == "receipt";
  const std::string& document = wantsReceipt ? record.receipt : record.proof;
  if (document.empty()) throw Problem(404, "not_found", "there is no proof of service yet");
  return pdfOf(services, document, wantsReceipt ? "return-receipt" : "service-report");
}

Response listServiceRules(Services& services, const Request& request) {
  Json items = Json::array();
  const auto law = services.database->looked<ServiceLaw>([&](Transaction& t) { return lawOf(t, courtOf(request)); });
  for (const ServiceRule& rule : law.rules.all()) {
    Json choices = Json::array();
    for (const std::string& choice : rule.choices) choices.push(choice);
    items.push(Json::object({{"rule", rule.key},
                             {"value", rule.value},
                             {"choices", std::move(choices)},
                             {"title", rule.titleZh},
                             {"title_en", rule.titleEn},
                             {"source", rule.source},
                             {"is_verified", rule.isVerified},
                             {"is_overridden", rule.isOverridden}}));
  }
  return answerJson(Json::object({{"version", law.rules.version()},
                                  {"calendar", law.calendar->version()},
                                  {"items", std::move(items)},
                                  {"next", Json()}}));
}

Response setServiceRule(Services& services, const Request& request) {
  Fields body(request);
  const std::string rule = body.text("rule", {.most = 100}), value = body.text("value", {.most = 100}),
                    ground = body.text("ground", {.most = 500});
  body.finish();
  services.database->write(
      [&](Transaction& t) { setRule(t, actingFor(request), rule, value, ground, services.clock()); });
  return listServiceRules(services, request);
}

}  // namespace

std::vector<Route> serviceRoutes() {
  using enum Access;
  return {
      {"GET", "/api/v1/cases/{case}/documents", "listCourtDocuments", kAccount, "service:read", listCourtDocuments, 0},
      {"GET", "/api/v1/court-documents/{document}", "getCourtDocument", kAccount, "service:read", getCourtDocument, 0},
      {"GET", "/api/v1/service-records", "listServiceRecords", kAccount, "service:read", listServiceRecords, 0},
      {"GET", "/api/v1/service-records/{record}", "getServiceRecord", kAccount, "service:read", getServiceRecord, 0},
      {"POST", "/api/v1/service-records/{record}/attempts", "startServiceAttempt", kAccount, "service:write",
       startServiceAttempt},
      {"POST", "/api/v1/service-records/{record}/attempts/{attempt}/withdraw", "withdrawServiceAttempt", kAccount,
       "service:write", withdrawServiceAttempt},
      {"POST", "/api/v1/service-records/{record}/attempts/{attempt}/evidence", "addServiceEvidence", kAccount,
       "service:write", addServiceEvidence, kScan},
      {"GET", "/api/v1/service-records/{record}/evidence/{evidence}", "getServiceEvidence", kAccount, "service:read",
       getServiceEvidence, 0},
      {"POST", "/api/v1/service-records/{record}/decisions", "decideService", kUserOnly, "service:decide",
       decideService},
      {"POST", "/api/v1/service-records/{record}/notice-ground", "setNoticeGround", kUserOnly, "service:decide",
       setNoticeGround},
      {"GET", "/api/v1/service-records/{record}/proof", "getServiceProof", kAccount, "service:read", getServiceProof,
       0},
      {"GET", "/api/v1/service-rules", "listServiceRules", kAccount, "service:read", listServiceRules, 0},
      {"POST", "/api/v1/service-rules", "setServiceRule", kUserOnly, "service:decide", setServiceRule},
  };
}

}  // namespace qianda::server
