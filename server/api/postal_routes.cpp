#include "server/api/postal_routes.h"

#include "core/error.h"
#include "delivery/callbacks/receive.h"
#include "delivery/partner/post_text.h"
#include "delivery/service/sweep.h"
#include "server/api/acting.h"
#include "server/api/page.h"
#include "server/api/service_routes.h"
#include "server/delivery/delivery_desk.h"
#include "server/http/fields.h"
#include "server/services.h"
#include "storage/document_store.h"

namespace qianda::server {
namespace {

using namespace delivery;
using storage::Transaction;

constexpr std::size_t kLargestPush = 1u << 20;  // a partner's own limit is smaller

Parcel ownParcel(Transaction& t, const Request& request) {
  Parcel parcel = delivery::getParcel(t, request.parameter("parcel"));
  if (parcel.organisation != request.principal.organisation) {
    throw Problem(404, "not_found", "there is no such parcel");
  }
  return parcel;
}

Response answerParcel(Services& services, const Request& request) {
  return answerJson(services.database->looked<Json>([&](Transaction& t) {
    const Parcel parcel = ownParcel(t, request);
    Json json = server::jsonOf(parcel), events = Json::array(), quarantined = Json::array();
    for (const MailEvent& event : listEvents(t, parcel)) events.push(server::jsonOf(event));
    for (const Quarantined& one : viewOf(t, parcel, {}, services.clock()).quarantined) {
      quarantined.push(Json::object({{"key", one.key}, {"reason", one.reason}}));
    }
    json.set("events", std::move(events));
    json.set("quarantined", std::move(quarantined));
    return json;
  }));
}

Response listParcelsOf(Services& services, const Request& request) {
  const Page page = pageOf(request);
  const auto parcels = services.database->looked<std::vector<Parcel>>([&](Transaction& t) {
    return listParcels(t, request.principal.organisation, request.findQuery("state").value_or(""), page.after,
                       static_cast<std::size_t>(page.wanted()));
  });
  return answerPage(page, parcels, [](const Parcel& parcel) { return server::jsonOf(parcel); });
}

Response cancelParcelByCourt(Services& services, const Request& request) {
  Fields body(request);
  const std::string reason = body.text("reason", {.most = 200});
  body.finish();
  services.database->write([&](Transaction& t) {
    ownParcel(t, request);
    askCancel(t, actingFor(request), request.parameter("parcel"), reason, services.clock());
  });
  deskOf(services).wake();
  return answerParcel(services, request);
}

Response noteParcelPrinted(Services& services, const Request& request) {
  Fields body(request);
  const std::int64_t pages = body.integer("pages", 1, 100000);
  body.finish();
  services.database->write([&](Transaction& t) {
    ownParcel(t, request);
    notePrinted(t, actingFor(request), request.parameter("parcel"), pages, services.clock());
  });
  return answerParcel(services, request);
}

// What the post said on a formal inquiry (查单, 邮政法 49), told by a person.
Response notePostalInquiry(Services& services, const Request& request) {
  Fields body(request);
  const std::string outcome = body.choice("outcome", {"lost", "signed", "returned"});
  const auto at = parseIsoInstant(body.text("at", {.most = 40}));
  if (!at && body.has("at")) body.fault("at", "format", "an instant such as 2026-01-31T08:00:00+08:00");
  const std::string text = body.text("text", {.most = 500});
  const auto signer = findSignerClass(body.findText("signer", {.most = 40}).value_or("none"));
  if (!signer) body.fault("signer", "choice", "no class of signer");
  body.finish();
  services.database->write([&](Transaction& t) {
    const Parcel parcel = ownParcel(t, request);
    if (parcel.waybill.empty()) throw core::Error(core::ErrorCode::kConflict, "the parcel has no waybill yet");
    const core::Actor actor = actingFor(request);
    MailEvent event;
    event.key = "inquiry:" + outcome + ":" + core::isoInstant(*at);
    event.waybill = parcel.waybill;
    event.kind = outcome == "lost"     ? MailEventKind::kLost
                 : outcome == "signed" ? MailEventKind::kSigned
                                       : MailEventKind::kReturned;
    event.opTime = *at;
    event.receivedAt = services.clock();
    event.opName = "查单答复";
    event.opDesc = text;
    event.signer = *signer;
    event.source = actor.name;
    takeEvents(t, parcel.partner, {event}, Json::object({{"inquiry", outcome}, {"by", actor.name}}).dump(),
               services.clock());
  });
  return answerParcel(services, request);
}

Response getPrintBundle(Services& services, const Request& request) {
  const auto parcel = services.database->looked<Parcel>([&](Transaction& t) { return ownParcel(t, request); });
  if (parcel.printBundle.empty()) throw Problem(404, "not_found", "the parcel has no print bundle yet");
  Response response;
  response.mediaType = "application/pdf";
  response.body = services.documents->read(*core::DocumentId::parse(parcel.printBundle));
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"print-" + parcel.id + ".pdf\"");
  return response;
}

Json jsonOf(const QueueCount& count) {
  return Json::object(
      {{"ready", count.ready}, {"delayed", count.delayed}, {"running", count.running}, {"dead", count.dead}});
}

Response getPostalQueue(Services& services, const Request&) {
  const QueueHealth health = deskOf(services).health();
  Json kinds = Json::object(), breakers = Json::array(), faults = Json::array();
  for (const auto& [kind, count] : health.counts) kinds.append(kind, jsonOf(count));
  for (const BreakerHealth& one : health.breakers) {
    breakers.push(Json::object({{"partner", one.partner},
                                {"kind", one.kind},
                                {"state", one.state == BreakerHealth::State::kOpen      ? "open"
                                          : one.state == BreakerHealth::State::kProbing ? "probing"
                                                                                        : "closed"},
                                {"failures", one.failuresInARow}}));
  }
  for (const std::string& fault : health.faults) faults.push(fault);
  return answerJson(Json::object({{"is_well", health.isWell()},
                                  {"faults", std::move(faults)},
                                  {"has_redis", health.hasRedis},
                                  {"is_redis_up", health.isRedisUp},
                                  {"lag", health.lag},
                                  {"oldest_due_ms", static_cast<std::int64_t>(health.oldestDueAge.count())},
                                  {"deaf", health.deaf},
                                  {"refills", health.refills},
                                  {"resent", health.resent},
                                  {"lost_entries", health.lostEntries},
                                  {"fenced", health.fenced},
                                  {"kinds", std::move(kinds)},
                                  {"breakers", std::move(breakers)}}));
}

// Dead tasks of the court's own parcels.
Response listDeadPostalTasks(Services& services, const Request& request) {
  const Page page = pageOf(request);
  std::vector<DeadTask> own;
  services.database->read([&](Transaction& t) {
    own.clear();
    std::string after = page.after;
    for (bool more = true; more && own.size() < static_cast<std::size_t>(page.wanted());) {
      const std::vector<DeadTask> tasks = listDeadTasks(t, after, 200);
      more = tasks.size() == 200;
      for (const DeadTask& task : tasks) {
        after = task.id;
        if (own.size() == static_cast<std::size_t>(page.wanted())) break;
        if (delivery::getParcel(t, task.parcel).organisation == request.principal.organisation) own.push_back(task);
      }
    }
  });
  return answerPage(page, own, [](const DeadTask& task) {
    return Json::object({{"id", task.id},
                         {"kind", task.kind},
                         {"parcel", task.parcel},
                         {"partner", task.partner},
                         {"reason", task.reason},
                         {"attempts", task.attempts},
                         {"at", core::isoInstant(task.at)}});
  });
}

Response replayDeadPostalTask(Services& services, const Request& request) {
  const std::string& id = request.parameter("task");
  services.database->write([&](Transaction& t) {
    const auto row = t.findRow(
        "SELECT p.organisation, p.record, p.id FROM postal_tasks k JOIN parcels p ON p.id = "
        "k.parcel WHERE k.id = $1",
        {id});
    if (!row || row->text(0) != request.principal.organisation || !replayTask(t, id, services.clock())) {
      throw Problem(404, "not_found", "there is no such dead task");
    }
    noteInService(t, actingFor(request), row->text(1), "parcel.task_replayed",
                  Json::object({{"parcel", row->text(2)}, {"task", id}}).dump(), services.clock());
  });
  deskOf(services).wake();
  return answerJson(Json::object({{"id", id}, {"state", "ready"}}));
}

Response listPartnerMessages(Services& services, const Request& request) {
  const Page page = pageOf(request);
  const std::string partner = request.findQuery("partner").value_or(deskOf(services).firstPartner());
  const auto messages = services.database->looked<std::vector<KeptMessage>>([&](Transaction& t) {
    return listMessages(t, partner, request.findQuery("verdict").value_or(""), page.after,
                        static_cast<std::size_t>(page.wanted()));
  });
  return answerPage(page, messages, [](const KeptMessage& message) {
    return Json::object({{"id", message.id},
                         {"partner", message.partner},
                         {"sha256", message.sha256},
                         {"peer", message.peer},
                         {"verdict", message.verdict},
                         {"reason", message.reason},
                         {"events", message.events},
                         {"strays", message.strays},
                         {"times", message.times},
                         {"received_at", core::isoInstant(message.receivedAt)}});
  });
}

Response takePostalPush(Services& services, const Request& request) {
  DeliveryDesk& desk = deskOf(services);
  PushMessage message;
  for (const auto& [name, value] : request.headers) {
    std::string lower = name;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    // What proves who sent it; cookies and the like are nobody's business.
    if (lower.starts_with("webhook-") || lower == "content-type" || lower == "user-agent") {
      message.headers.emplace_back(lower, value);
    }
  }
  message.body.assign(request.body.begin(), request.body.end());
  message.peer = request.peer;
  const std::string& partner = request.parameter("partner");
  if (!desk.hasPartner(partner)) throw Problem(404, "not_found", "there is no such partner");
  if (message.body.size() > desk.largestPush(partner)) throw Problem(413, "body_too_large", "the message is too large");
  const PushAnswer answer = desk.takePush(partner, message);
  Response response;
  response.status = answer.status;
  response.mediaType = answer.contentType;
  response.body.assign(answer.body.begin(), answer.body.end());
  return response;
}

Response getCourtSender(Services& services, const Request& request) {
  const auto sender = services.database->looked<std::optional<PostalAddress>>(
      [&](Transaction& t) { return findSender(t, request.principal.organisation); });
  if (!sender) throw Problem(404, "not_found", "the court has not set whom its letters come back to");
  return answerJson(Json::object({{"name", sender->name},
                                  {"phone", sender->phone},
                                  {"postcode", sender->postcode},
                                  {"province", sender->province},
                                  {"city", sender->city},
                                  {"district", sender->district},
                                  {"street", sender->street}}));
}

Response setCourtSender(Services& services, const Request& request) {
  Fields body(request);
  PostalAddress sender;
  sender.name = body.text("name", {.most = 100});
  sender.phone = body.text("phone", {.most = 30});
  sender.postcode = body.text("postcode", {.most = 10});
  sender.province = body.text("province", {.most = 30});
  sender.city = body.text("city", {.most = 30});
  sender.district = body.findText("district", {.least = 0, .most = 30}).value_or("");
  sender.street = body.text("street", {.most = 200});
  body.finish();
  services.database->write([&](Transaction& t) { setSender(t, actingFor(request), sender, services.clock()); });
  return getCourtSender(services, request);
}

Response listDeadlineAlarms(Services& services, const Request& request) {
  const std::string state = request.findQuery("state").value_or("overdue");
  if (state != "warned" && state != "overdue") throw Problem(400, "query_invalid", "state: warned or overdue");
  const auto alarms = services.database->looked<std::vector<DeadlineAlarm>>(
      [&](Transaction& t) { return listAlarms(t, request.principal.organisation, state, limitOf(request, 200)); });
  Json items = Json::array();
  for (const DeadlineAlarm& alarm : alarms) {
    items.push(Json::object({{"case", alarm.caseId},
                             {"number", alarm.number},
                             {"deadline", alarm.deadline},
                             {"last_day", alarm.lastDay},
                             {"state", alarm.state},
                             {"at", core::isoInstant(alarm.at)}}));
  }
  return answerJson(Json::object({{"items", std::move(items)}, {"next", Json()}}));
}

}  // namespace

std::vector<Route> postalRoutes() {
  using enum Access;
  return {
      {"GET", "/api/v1/deadline-alarms", "listDeadlineAlarms", kAccount, "cases:read", listDeadlineAlarms, 0},
      {"GET", "/api/v1/parcels", "listParcels", kAccount, "service:read", listParcelsOf, 0},
      {"GET", "/api/v1/parcels/{parcel}", "getParcel", kAccount, "service:read", answerParcel, 0},
      {"GET", "/api/v1/parcels/{parcel}/print", "getPrintBundle", kAccount, "service:read", getPrintBundle, 0},
      {"POST", "/api/v1/parcels/{parcel}/printed", "noteParcelPrinted", kAccount, "service:write", noteParcelPrinted},
      {"POST", "/api/v1/parcels/{parcel}/cancel", "cancelParcel", kAccount, "service:write", cancelParcelByCourt},
      {"POST", "/api/v1/parcels/{parcel}/inquiry", "notePostalInquiry", kAccount, "service:write", notePostalInquiry},
      {"GET", "/api/v1/court-sender", "getCourtSender", kAccount, "service:read", getCourtSender, 0},
      {"POST", "/api/v1/court-sender", "setCourtSender", kAccount, "service:write", setCourtSender},
      {"GET", "/api/v1/postal-queue", "getPostalQueue", kAccount, "service:read", getPostalQueue, 0},
      {"GET", "/api/v1/postal-queue/dead", "listDeadPostalTasks", kAccount, "service:read", listDeadPostalTasks, 0},
      {"POST", "/api/v1/postal-queue/dead/{task}/replay", "replayDeadPostalTask", kAccount, "service:write",
       replayDeadPostalTask, 0},
      {"GET", "/api/v1/partner-messages", "listPartnerMessages", kAccount, "operations:read", listPartnerMessages, 0},
      {"POST", "/api/v1/postal/{partner}/push", "takePostalPush", kPublic, "", takePostalPush, kLargestPush},
  };
}

}  // namespace qianda::server
