#include "server/api/batch_routes.h"

#include <charconv>
#include <thread>

#include "core/error.h"
#include "core/file.h"
#include "server/api/acting.h"
#include "server/api/batch_request.h"
#include "server/http/json.h"
#include "server/http/problem.h"
#include "server/services.h"

namespace qianda::server {
namespace {

using contracts::BatchRecord;
using contracts::CheckedRoster;
using storage::Transaction;
using templates::Fault;

constexpr std::size_t kLargestRoster = 96u << 20;
constexpr std::size_t kShownFaults = 100;
constexpr std::chrono::milliseconds kNewsTick{100};
constexpr int kTicksALook = 3, kTicksAHeartbeat = 150;

Json jsonOf(const BatchRecord& batch) {
  return Json::object(
      {{"id", batch.id},
       {"state", batch.state},
       {"reason", batch.reason},
       {"rows", batch.rows},
       {"made", batch.made},
       {"failed", batch.failed},
       {"cancel_asked", batch.isCancelAsked},
       {"template", batch.templateId},
       {"template_version", batch.templateVersion},
       {"seal", batch.seal},
       {"signing_order", batch.employerFirst ? "employer_first" : "employer_last"},
       {"level", batch.level},
       {"revision", batch.revision},
       {"created_by", batch.createdBy},
       {"created_at", core::isoInstant(batch.createdAt)},
       {"finished_at", batch.finishedAt == core::Instant{} ? Json() : Json(core::isoInstant(batch.finishedAt))}});
}

const char* nameOf(templates::Severity severity) {
  static constexpr const char* kNames[] = {"block", "warn", "inform"};
  return kNames[static_cast<std::size_t>(severity)];
}

Json jsonOf(const Fault& fault) {
  return Json::object({{"row", static_cast<std::int64_t>(fault.row)},
                       {"column", static_cast<std::int64_t>(fault.column)},
                       {"cell", fault.cell},
                       {"field", fault.field},
                       {"value", fault.value},
                       {"code", fault.rule},
                       {"severity", nameOf(fault.severity)},
                       {"article", fault.article},
                       {"computed", fault.computed},
                       {"limit", fault.limit},
                       {"message", fault.messageZh},
                       {"message_en", fault.messageEn}});
}

Json firstOf(const std::vector<Fault>& faults) {
  Json list = Json::array();
  for (std::size_t i = 0; i < faults.size() && i < kShownFaults; ++i) list.push(jsonOf(faults[i]));
  return list;
}

// What the check found: the first faults, and how many there are.
Json& addVerdict(Json& body, const CheckedRoster& roster) {
  const auto& verdict = roster.verdict;
  return body.set("rows", static_cast<std::int64_t>(verdict.rows))
      .set("sheet", roster.workbook ? Json(roster.workbook->sheet) : Json())
      .set("fault_count", static_cast<std::int64_t>(verdict.faults.size()))
      .set("faults", firstOf(verdict.faults))
      .set("warning_count", static_cast<std::int64_t>(verdict.warnings.size()))
      .set("warnings", firstOf(verdict.warnings));
}

Response answerFaults(const templates::FrozenTemplate& frozen, const CheckedRoster& roster, const std::string& kind) {
  const core::UnlinkedFile file;
  const bool isCsv = kind == "csv";
  contracts::writeFaults(frozen, roster, isCsv ? contracts::TableKind::kCsv : contracts::TableKind::kXlsx, file.path());
  Response response;
  response.mediaType =
      isCsv ? "text/csv; charset=utf-8" : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  response.body = core::readFile(file.path());
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"faults." + kind + "\"");
  return response;
}

Response refuseRoster(const CheckedRoster& roster, const Request& request) {
  const std::string count = std::to_string(roster.verdict.faults.size());
  Response response =
      respond(Problem(422, "roster_invalid", "the roster has " + count + " faults; nothing was made"), request.id);
  Json body = parseJson(response.body);
  addVerdict(body, roster);
  response.body = body.dump();
  return response;
}

std::string idempotencyKey(const Request& request) {
  const std::string key = request.findHeader("Idempotency-Key").value_or("");
  if (key.empty() || key.size() > 200) {
    throw Problem(400, "idempotency_key_missing",
                  "the header Idempotency-Key, 1 to 200 characters, makes it safe to send a batch again");
  }
  return key;
}

Response postBatch(Services& services, const Request& request) {
  BatchDesk& desk = *services.batches;
  BatchWish wish = readBatchWish(request, desk);
  const auto form = desk.form(wish.templateId, wish.templateVersion);
  contracts::checkBatchForm(*form);
  const core::Instant now = services.clock();
  if (wish.expires != core::Instant{} && wish.expires <= now) {
    throw Problem(422, "body_invalid", "the request has a fault", {{"/deadline", "", "", "too_small", "in the past"}});
  }
  const std::string key = wish.isValidateOnly ? "" : idempotencyKey(request);
  if (!wish.isValidateOnly && !request.principal.may("seals:use")) {
    throw Problem(403, "forbidden", "seals:use is needed to seal a batch");
  }
  const auto frozen = desk.frozen(form->id);
  const CheckedRoster roster =
      contracts::checkRosterOctets(*frozen, wish.roster, wish.sheet, core::chinaDate(now), desk.threads());
  if (wish.isValidateOnly && wish.faults != "json") return answerFaults(*frozen, roster, wish.faults);
  if (wish.isValidateOnly) {
    Json body = Json::object({{"valid", roster.verdict.passes()}});
    return answerJson(addVerdict(body, roster));
  }
  if (!roster.verdict.passes()) return refuseRoster(roster, request);
  contracts::BatchOrder order{key, wish.seal, wish.employerFirst, wish.expires, desk.level(), desk.shardRows()};
  auto answer = contracts::acceptBatch(*services.database, actingFor(request), *form, roster, order, now);
  if (const auto* refusal = std::get_if<contracts::SealRefusal>(&answer)) {
    const bool isOfSeal = refusal->code.starts_with("seal_");
    throw Problem(403, (isOfSeal ? "" : "seal_") + refusal->code, refusal->reason);
  }
  services.wakeJobs();
  const auto& accepted = std::get<contracts::AcceptedBatch>(answer);
  Json body = jsonOf(accepted.batch);
  body.set("warning_count", static_cast<std::int64_t>(roster.verdict.warnings.size()))
      .set("warnings", firstOf(roster.verdict.warnings));
  Response response = answerJson(body, 202);
  response.headers.emplace_back("Location", "/api/v1/batches/" + accepted.batch.id);
  if (!accepted.isNew) response.headers.emplace_back("Idempotent-Replayed", "true");
  return response;
}

BatchRecord findBatch(Services& services, const Request& request) {
  return services.database->looked<BatchRecord>([&](Transaction& t) {
    return contracts::getBatch(t, request.principal.organisation, request.parameter("batch"));
  });
}

Response getBatch(Services& services, const Request& request) {
  return answerJson(jsonOf(findBatch(services, request)));
}

Response getBatches(Services& services, const Request& request) {
  const std::size_t limit = limitOf(request);
  const auto batches = services.database->looked<std::vector<BatchRecord>>([&](Transaction& t) {
    return contracts::listBatches(t, request.principal.organisation, request.findQuery("before").value_or(""), limit);
  });
  Json items = Json::array();
  for (const BatchRecord& batch : batches) items.push(jsonOf(batch));
  return answerJson(Json::object(
      {{"items", std::move(items)}, {"next", batches.size() == limit ? Json(batches.back().id) : Json()}}));
}

std::int64_t numberOf(const std::string& text, const char* name) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) {
    throw Problem(400, "query_invalid", std::string(name) + ": a number");
  }
  return number;
}

Response getBatchRows(Services& services, const Request& request) {
  const std::size_t limit = limitOf(request, 100, 10'000);
  const std::int64_t after = numberOf(request.findQuery("after").value_or("0"), "after");
  const BatchRecord batch = findBatch(services, request);
  const auto rows = services.database->looked<std::vector<contracts::BatchRowState>>(
      [&](Transaction& t) { return contracts::listBatchRows(t, batch, after, limit); });
  Json items = Json::array();
  for (const auto& row : rows) {
    items.push(Json::object({{"row", row.row},
                             {"state", row.state},
                             {"envelope", row.envelope.empty() ? Json() : Json(row.envelope)},
                             {"sha256", row.sha256},
                             {"name", row.name},
                             {"reason", row.reason}}));
  }
  const bool hasMore = !rows.empty() && rows.back().row < batch.rows;
  return answerJson(Json::object({{"items", std::move(items)}, {"next", hasMore ? Json(rows.back().row) : Json()}}));
}

Response cancelBatch(Services& services, const Request& request) {
  const auto batch = services.database->written<BatchRecord>([&](Transaction& t) {
    return contracts::askToCancel(t, actingFor(request), request.parameter("batch"), services.clock());
  });
  services.wakeJobs();
  return answerJson(jsonOf(batch), 202);
}

// Every event is the whole state at its revision: who comes back with Last-Event-ID misses nothing.
Response getBatchEvents(Services& services, const Request& request) {
  const std::int64_t last = numberOf(request.findHeader("Last-Event-ID").value_or("0"), "Last-Event-ID");
  findBatch(services, request);
  Response response;
  response.mediaType = "text/event-stream";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.stream = [&services, request, last](BodyWriter& out) {
    std::int64_t told = last;
    out.write("retry: 1000\n\n");
    for (int tick = 0; !out.stopping(); ++tick) {
      if (tick % kTicksALook == 0) {
        const BatchRecord batch = findBatch(services, request);
        const bool isLast = contracts::isOver(batch);
        if (batch.revision > told) {
          told = batch.revision;
          out.write("id: " + std::to_string(told) + "\nevent: " + (isLast ? "end" : "progress") +
                    "\ndata: " + jsonOf(batch).dump() + "\n\n");
        }
        if (isLast) return;
      }
      if (tick % kTicksAHeartbeat == kTicksAHeartbeat - 1) out.write(": still here\n\n");
      std::this_thread::sleep_for(kNewsTick);
    }
  };
  return response;
}

}  // namespace

std::vector<Route> batchRoutes() {
  const auto route = [](const char* method, const std::string& path, const char* operation, Handler handler,
                        std::size_t largestBody = 0) {
    return Route{.method = method,
                 .pattern = "/api/v1/batches" + path,
                 .operation = operation,
                 .access = Access::kAccount,
                 .permission = "batches:write",
                 .handler = handler,
                 .largestBody = largestBody};
  };
  return {
      route("POST", "", "createBatch", postBatch, kLargestRoster),
      route("GET", "", "listBatches", getBatches),
      route("GET", "/{batch}", "getBatch", getBatch),
      route("GET", "/{batch}/rows", "listBatchRows", getBatchRows),
      route("GET", "/{batch}/events", "followBatch", getBatchEvents),
      route("POST", "/{batch}/cancel", "cancelBatch", cancelBatch, 1024),
      route("GET", "/{batch}/documents", "getBatchDocuments", getBatchDocuments),
      route("GET", "/{batch}/results", "getBatchResults", getBatchResults),
  };
}

}  // namespace qianda::server
