#include "delivery/post/parcel_work.h"

#include "core/error.h"
#include "core/json_text.h"
#include "delivery/callbacks/receive.h"
#include "delivery/queue/task_rows.h"
#include "delivery/service/record_store.h"
#include "storage/audit/audit_log.h"
#include "storage/sql/instant.h"

namespace qianda::delivery {
namespace {

using core::Actor;
using core::Error;
using core::ErrorCode;
using core::jsonOf;
using storage::Row;
using storage::Transaction;
using How = PartnerAnswer::How;
using enum ParcelState;

using End = TaskEnd::How;
using Partner = TaskEnd::Partner;

Actor actorOf(const Parcel& parcel) { return {parcel.organisation, "partner:" + parcel.partner, "", ""}; }

void note(Transaction& t, const Parcel& parcel, const std::string& type, const std::string& details,
          core::Instant now) {
  noteInService(t, actorOf(parcel), parcel.record, type, details, now);
}

// A worker whose hold is gone changes nothing.
void checkHeld(Transaction& t, const PostalTask& task) {
  const auto look = findTask(t, task.id);
  if (!look || look->task.version != task.version) {
    throw Error(ErrorCode::kConflict, "task " + task.id + " is in other hands");
  }
}

// Saves the stage that `change` sets, settles the rest, and ends the task when `ends` is set.
void save(const PostalHouse& house, const PostalTask& task, bool ends,
          const std::function<void(Transaction&, Parcel&, core::Instant)>& change) {
  const core::Instant now = house.clock();
  house.database.write([&](Transaction& t) {
    checkHeld(t, task);
    Parcel parcel = lockParcel(t, task.parcel);
    change(t, parcel, now);
    saveParcel(t, parcel, now);
    settleParcel(t, parcel, now);
    if (ends) finishTask(t, task, now);
  });
}

TaskEnd ended(Partner partner) { return {End::kFinished, {}, {}, partner}; }
TaskEnd again(const std::string& reason, Partner partner, std::optional<core::Instant> due = {}) {
  return {End::kAgain, reason, due, partner};
}

// The partner has it. An event that was pushed while it was not known by its number is settled afterwards.
TaskEnd accept(const PostalHouse& house, const PostalTask& task, const PartnerAnswer& answer) {
  if (answer.waybill.empty()) return again("accepted without a waybill", Partner::kFailed);
  save(house, task, true, [&](Transaction& t, Parcel& parcel, core::Instant now) {
    if (parcel.stage != kCancelled) parcel.stage = kAccepted;
    parcel.waybill = answer.waybill;
    parcel.returnWaybill = answer.returnWaybill;
    note(t, parcel, "parcel.accepted",
         jsonOf({{"parcel", parcel.id}, {"waybill", parcel.waybill}, {"return_waybill", parcel.returnWaybill}}), now);
    enqueueTask(t, {"label", parcel.id, parcel.partner, now}, now);
    enqueueTask(t, {"track", parcel.id, parcel.partner, now + house.policy.trackEvery}, now);
    if (!parcel.cancelReason.empty()) enqueueTask(t, {"cancel", parcel.id, parcel.partner, now}, now);
  });
  house.database.write([&](Transaction& t) {
    Parcel parcel = lockParcel(t, task.parcel);
    settleParcel(t, parcel, house.clock());
  });
  return ended(Partner::kAnswered);
}

TaskEnd refuse(const PostalHouse& house, const PostalTask& task, const PartnerAnswer& answer) {
  save(house, task, true, [&](Transaction& t, Parcel& parcel, core::Instant now) {
    parcel.stage = kRejected;
    parcel.refusal = answer.code + " " + answer.reason;
    note(t, parcel, "parcel.rejected", jsonOf({{"parcel", parcel.id}, {"reason", parcel.refusal}}), now);
  });
  return ended(Partner::kAnswered);
}

TaskEnd remainUnknown(const PostalHouse& house, const PostalTask& task, const std::string& reason) {
  save(house, task, false, [&](Transaction& t, Parcel& parcel, core::Instant now) {
    if (parcel.stage == kUnknown) return;
    parcel.stage = kUnknown;
    note(t, parcel, "parcel.unknown", jsonOf({{"parcel", parcel.id}, {"reason", reason}}), now);
  });
  return again(reason, Partner::kFailed);
}

TaskEnd cancelUnsent(const PostalHouse& house, const PostalTask& task) {
  save(house, task, true, [&](Transaction& t, Parcel& parcel, core::Instant now) {
    parcel.stage = kCancelled;
    note(t, parcel, "parcel.cancelled", jsonOf({{"parcel", parcel.id}, {"reason", parcel.cancelReason}}), now);
  });
  return ended(Partner::kNotAsked);
}

TaskEnd submit(const PostalHouse& house, const PostalTask& task) {
  PostalOrder order;
  save(house, task, false, [&](Transaction& t, Parcel& parcel, core::Instant now) {
    order = orderOf(t, parcel);
    parcel.stage = kSubmitting;
    parcel.submittedAt = now;
  });
  // Another one may have it by now: what is called here must be over before anybody may think it absent.
  if (house.clock() >= task.leaseUntil) return again("the hold ended before the call", Partner::kNotAsked);
  const PartnerAnswer answer = house.partner(task.partner).order(order, house.clock());
  switch (answer.how) {
    case How::kDone:
      return accept(house, task, answer);
    case How::kRefused:
      return refuse(house, task, answer);
    case How::kNotFound:
    case How::kUnknown:
      break;
  }
  return remainUnknown(house, task, answer.reason);
}

// The item behind a parcel, once more.
Parcel look(const PostalHouse& house, const PostalTask& task) {
  return house.database.looked<Parcel>([&](Transaction& t) { return getParcel(t, task.parcel); });
}

std::vector<MailEvent> polled(const PartnerAnswer& answer, core::Instant now) {
  std::vector<MailEvent> events = answer.events;
  for (MailEvent& event : events) {
    event.receivedAt = now;
    event.source = "poll";
  }
  return events;
}

}  // namespace

PostalOrder orderOf(Transaction& t, const Parcel& parcel) {
  const auto row = t.findRow(
      "SELECT p.name, a.recipient, a.phone, a.postcode, a.province, a.city, a.district, a.street, r.taker FROM "
      "service_attempts s JOIN service_records r ON r.id = s.record JOIN case_addresses a ON a.id = s.address JOIN "
      "case_parties p ON p.id = a.party WHERE s.id = $1",
      {parcel.attempt});
  if (!row) throw Error(ErrorCode::kCorrupt, "parcel " + parcel.id + " has no address");
  PostalOrder order;
  order.orderNo = parcel.id;
  if (auto sender = findSender(t, parcel.organisation)) order.from = std::move(*sender);
  const std::string& recipient = row->text(1).empty() ? row->text(8) : row->text(1);
  order.to = {recipient.empty() ? row->text(0) : row->text(0) + "（" + recipient + "收）",
              row->text(2),
              row->text(3),
              row->text(4),
              row->text(5),
              row->text(6),
              row->text(7)};
  for (const Row& document : t.query("SELECT d.title, d.pages FROM service_documents s JOIN court_documents d ON d.id "
                                     "= s.document WHERE s.record = $1 ORDER BY s.position",
                                     {parcel.record})) {
    order.contents.push_back(document.text(0));
    order.pages += static_cast<int>(document.number(1));
  }
  order.wantsReceipt = parcel.wantsReceipt;
  return order;
}

std::optional<PostalAddress> findSender(Transaction& t, const std::string& organisation) {
  const auto row = t.findRow(
      "SELECT name, phone, postcode, province, city, district, street FROM court_senders WHERE organisation = $1",
      {organisation});
  if (!row) return std::nullopt;
  return PostalAddress{row->text(0), row->text(1), row->text(2), row->text(3),
                       row->text(4), row->text(5), row->text(6)};
}

void setSender(Transaction& t, const Actor& actor, const PostalAddress& s, core::Instant now) {
  t.execute("DELETE FROM court_senders WHERE organisation = $1", {actor.organisation});
  t.insertAll(
      "INSERT INTO court_senders (organisation, name, phone, postcode, province, city, district, street, set_by, "
      "set_ms) VALUES",
      10,
      {{actor.organisation, s.name, s.phone, s.postcode, s.province, s.city, s.district, s.street, actor.name,
        storage::msOf(now)}});
  storage::appendAudit(t, {"organisation:" + actor.organisation, actor.organisation, now, "service.sender_set",
                           actor.name, actor.peer, actor.device, jsonOf({{"name", s.name}})});
}

TaskEnd orderParcel(const PostalHouse& house, const PostalTask& task) {
  const Parcel parcel = look(house, task);
  const bool isOpen = parcel.stage == kQueued || parcel.stage == kSubmitting || parcel.stage == kUnknown;
  if (!isOpen) return {End::kDone, {}, {}, Partner::kNotAsked};
  if (parcel.stage == kQueued) {
    return parcel.cancelReason.empty() ? submit(house, task) : cancelUnsent(house, task);
  }
  const PartnerAnswer answer = house.partner(task.partner).query(parcel.id, house.clock());
  switch (answer.how) {
    case How::kDone:
      return accept(house, task, answer);
    case How::kNotFound:
      break;
    case How::kRefused:
    case How::kUnknown:
      return remainUnknown(house, task, answer.reason);
  }
  const core::Instant proven = parcel.submittedAt + house.policy.unknownWait;
  if (house.clock() < proven) {
    return again("the partner does not know it yet; a call may be under way", Partner::kAnswered, proven);
  }
  return parcel.cancelReason.empty() ? submit(house, task) : cancelUnsent(house, task);
}

TaskEnd trackParcel(const PostalHouse& house, const PostalTask& task) {
  const Parcel parcel = look(house, task);
  if (parcel.waybill.empty()) return {End::kDone, {}, {}, Partner::kNotAsked};
  PostalPartner& partner = house.partner(task.partner);
  std::vector<MailEvent> events;
  for (const std::string& waybill : {parcel.waybill, parcel.returnWaybill}) {
    if (waybill.empty()) continue;
    const core::Instant now = house.clock();
    const PartnerAnswer answer = partner.track(waybill, now);
    if (answer.how == How::kUnknown) return again(answer.reason, Partner::kFailed);
    for (MailEvent& event : polled(answer, now)) events.push_back(std::move(event));
  }
  std::optional<core::Instant> next;
  const core::Instant now = house.clock();
  house.database.write([&](Transaction& t) {
    next.reset();
    checkHeld(t, task);
    takeEvents(t, parcel.partner, events, jsonOf({{"parcel", parcel.id}, {"source", std::string("poll")}}), now);
    Parcel known = lockParcel(t, parcel.id);
    const bool wasStale = known.isStale;
    const ParcelView view = settleParcel(t, known, now);
    if (view.isStale && !wasStale) note(t, known, "parcel.stale", jsonOf({{"parcel", known.id}}), now);
    const bool waitsForReceipt = known.wantsReceipt && view.state == kSigned && !view.receiptArrivedAt &&
                                 view.signedAt && now < *view.signedAt + house.policy.receiptWait;
    const bool goesOn = !isFinal(view.state) || waitsForReceipt || view.isAlarmed;
    if (goesOn) {
      next = now + house.policy.trackEvery;
      postponeTask(t, task, *next, "", now);
    } else {
      finishTask(t, task, now);
    }
  });
  return ended(Partner::kAnswered);
}

TaskEnd cancelParcel(const PostalHouse& house, const PostalTask& task) {
  const Parcel parcel = look(house, task);
  if (parcel.stage == kQueued) return cancelUnsent(house, task);
  if (parcel.stage == kSubmitting || parcel.stage == kUnknown) {
    return again("its order is not settled yet", Partner::kNotAsked, house.clock() + std::chrono::seconds(5));
  }
  if (parcel.stage != kAccepted && parcel.stage != kPrinted) return {End::kDone, {}, {}, Partner::kNotAsked};
  const PartnerAnswer answer =
      house.partner(task.partner).cancel(parcel.id, parcel.waybill, parcel.cancelReason, house.clock());
  if (answer.how == How::kUnknown) return again(answer.reason, Partner::kFailed);
  const bool isCancelled = answer.how == How::kDone || answer.how == How::kNotFound;
  save(house, task, true, [&](Transaction& t, Parcel& known, core::Instant now) {
    if (isCancelled) {
      known.stage = kCancelled;
      note(t, known, "parcel.cancelled", jsonOf({{"parcel", known.id}, {"reason", known.cancelReason}}), now);
    } else {
      note(t, known, "parcel.cancel_refused",
           jsonOf({{"parcel", known.id}, {"reason", answer.code + " " + answer.reason}}), now);
      known.cancelReason.clear();
    }
  });
  return ended(Partner::kAnswered);
}

void askCancel(Transaction& t, const Actor& actor, const std::string& id, const std::string& reason,
               core::Instant now) {
  Parcel parcel = lockParcel(t, id);
  const bool isEarly = parcel.state == kQueued || parcel.state == kSubmitting || parcel.state == kUnknown ||
                       parcel.state == kAccepted || parcel.state == kPrinted;
  if (!isEarly) throw Error(ErrorCode::kConflict, "parcel " + id + " is " + std::string(nameOf(parcel.state)));
  if (reason.empty()) throw Error(ErrorCode::kInvalidInput, "reason: is missing");
  parcel.cancelReason = reason;
  saveParcel(t, parcel, now);
  noteInService(t, actor, parcel.record, "parcel.cancel_asked", jsonOf({{"parcel", id}, {"reason", reason}}), now);
  enqueueTask(t, {"cancel", id, parcel.partner, now}, now);
}

void notePrinted(Transaction& t, const Actor& actor, const std::string& id, std::int64_t pages, core::Instant now) {
  Parcel parcel = lockParcel(t, id);
  if (parcel.stage == kPrinted) return;
  if (parcel.stage != kAccepted) {
    throw Error(ErrorCode::kConflict, "parcel " + id + " is " + std::string(nameOf(parcel.stage)));
  }
  const auto row = t.findRow(
      "SELECT CAST(SUM(d.pages) AS BIGINT) FROM service_documents s JOIN court_documents d ON d.id = s.document "
      "WHERE s.record = $1",
      {parcel.record});
  const std::int64_t expected = row ? row->findNumber(0).value_or(0) : 0;
  if (pages != expected) {
    throw Error(ErrorCode::kConflict, "pages: " + std::to_string(pages) + " were printed, the documents of parcel " +
                                          id + " have " + std::to_string(expected));
  }
  parcel.stage = kPrinted;
  saveParcel(t, parcel, now);
  noteInService(t, actor, parcel.record, "parcel.printed", jsonOf({{"parcel", id}, {"pages", pages}}), now);
  settleParcel(t, parcel, now);
}

}  // namespace qianda::delivery
