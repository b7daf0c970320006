#include "server/webhooks/deliveries.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "core/id.h"
#include "server/webhooks/endpoints.h"
#include "storage/outbox/outbox.h"
#include "storage/sql/instant.h"
#include "storage/work/work_queue.h"

namespace qianda::server {
namespace {

using storage::Row;
using storage::Rows;
using storage::Transaction;
using storage::Values;

using storage::instantOf;
using storage::msOf;

struct Event {
  std::string id, organisation, subject, type;
  std::int64_t sequence = 0;
};
constexpr std::string_view kEventColumns = "SELECT id, organisation, subject, type, sequence FROM outbox_events ";
Event eventOf(const Row& row) { return {row.text(0), row.text(1), row.text(2), row.text(3), row.number(4)}; }

constexpr std::string_view kInsertDelivery =
    "INSERT INTO webhook_deliveries (id, endpoint, event, subject, round, sequence, state, attempts, due_ms, "
    "created_ms, done_ms, last_outcome) VALUES";
constexpr std::size_t kDeliveryColumns = 12;

Values deliveryOf(const std::string& endpoint, const Event& event, std::int64_t round, core::Instant now) {
  return {core::DocumentId::at(now).text(), endpoint,        event.id,  event.subject, round,           event.sequence,
          std::string("pending"),           std::int64_t{0}, msOf(now), msOf(now),     std::int64_t{0}, std::string()};
}

void wake(Transaction& transaction, const std::string& endpoint, const std::string& subject, core::Instant now) {
  storage::enqueueWork(transaction, {kWebhookLane, endpoint + ":" + subject, "", now}, now);
}

// With each event all of its subject before it: a lane must never see a gap.
std::vector<Event> waitingEvents(Transaction& transaction, std::size_t most) {
  std::map<std::pair<std::string, std::int64_t>, Event> events;
  std::map<std::string, std::int64_t> highest;
  for (const Row& row : transaction.query(std::string(kEventColumns) + "WHERE relayed = 0 ORDER BY id LIMIT $1",
                                          {static_cast<std::int64_t>(most)})) {
    const Event event = eventOf(row);
    events[{event.subject, event.sequence}] = event;
    auto& high = highest[event.subject];
    high = std::max(high, event.sequence);
  }
  // Ids of one millisecond are in no order: any of them may be beyond the limit.
  for (const auto& [subject, high] : highest) {
    if (high == 1) continue;
    for (const Row& row : transaction.query(
             std::string(kEventColumns) + "WHERE subject = $1 AND relayed = 0 AND sequence < $2", {subject, high})) {
      const Event event = eventOf(row);
      events[{event.subject, event.sequence}] = event;
    }
  }
  std::vector<Event> list;
  for (auto& [key, event] : events) list.push_back(std::move(event));
  return list;
}

bool replayOne(Transaction& transaction, const std::string& endpoint, const Event& event, core::Instant now) {
  const auto last = transaction.findRow(
      "SELECT round, state FROM webhook_deliveries WHERE endpoint = $1 AND event = $2 ORDER BY round DESC LIMIT 1",
      {endpoint, event.id});
  if (last && last->text(1) == "pending") return false;
  const std::int64_t round = last ? last->number(0) + 1 : 0;
  transaction.insertAll(kInsertDelivery, kDeliveryColumns, {deliveryOf(endpoint, event, round, now)});
  wake(transaction, endpoint, event.subject, now);
  return true;
}

std::string organisationOf(Transaction& transaction, const std::string& endpoint) {
  const auto row = transaction.findRow("SELECT organisation FROM webhook_endpoints WHERE id = $1", {endpoint});
  if (!row) throw core::Error(core::ErrorCode::kNotFound, "no such endpoint");
  return row->text(0);
}

}  // namespace

std::size_t relayEvents(storage::Database& database, core::Instant now, std::size_t most) {
  std::size_t count = 0;
  database.write([&](Transaction& transaction) {
    const std::vector<Event> events = waitingEvents(transaction, most);
    count = events.size();
    std::map<std::string, std::vector<WebhookEndpoint>> endpoints;
    std::set<std::pair<std::string, std::string>> lanes;
    std::vector<Values> deliveries;
    for (const Event& event : events) {
      const auto [known, isNew] = endpoints.try_emplace(event.organisation);
      if (isNew) known->second = listEndpoints(transaction, event.organisation);
      for (const WebhookEndpoint& endpoint : known->second) {
        if (!endpoint.takes(event.type)) continue;
        deliveries.push_back(deliveryOf(endpoint.id, event, 0, now));
        lanes.emplace(endpoint.id, event.subject);
      }
      transaction.execute("UPDATE outbox_events SET relayed = 1 WHERE id = $1", {event.id});
    }
    transaction.insertAll(kInsertDelivery, kDeliveryColumns, deliveries, true);
    for (const auto& [endpoint, subject] : lanes) wake(transaction, endpoint, subject, now);
  });
  return count;
}

std::vector<WebhookDelivery> listDeliveries(Transaction& transaction, const std::string& endpoint,
                                            const std::string& state, const std::string& before, std::int64_t most) {
  std::vector<WebhookDelivery> deliveries;
  for (const Row& row : transaction.query(
           "SELECT d.id, d.endpoint, d.event, d.subject, e.type, d.round, d.sequence, d.state, d.attempts, d.due_ms, "
           "d.created_ms, d.done_ms, d.last_outcome FROM webhook_deliveries d JOIN outbox_events e ON e.id = d.event "
           "WHERE d.endpoint = $1 AND ($2 = '' OR d.state = $3) AND ($4 = '' OR d.id < $5) ORDER BY d.id DESC LIMIT $6",
           {endpoint, state, state, before, before, most})) {
    WebhookDelivery one;
    one.id = row.text(0);
    one.endpoint = row.text(1);
    one.event = row.text(2);
    one.subject = row.text(3);
    one.type = row.text(4);
    one.round = row.number(5);
    one.sequence = row.number(6);
    one.state = row.text(7);
    one.attempts = row.number(8);
    one.due = instantOf(row.number(9));
    one.createdAt = instantOf(row.number(10));
    if (row.number(11) > 0) one.doneAt = instantOf(row.number(11));
    one.lastOutcome = row.text(12);
    deliveries.push_back(std::move(one));
  }
  return deliveries;
}

std::vector<WebhookAttempt> listAttempts(Transaction& transaction, const std::string& delivery) {
  std::vector<WebhookAttempt> attempts;
  for (const Row& row : transaction.query("SELECT number, at_ms, status, latency_ms, outcome FROM webhook_attempts "
                                          "WHERE delivery = $1 ORDER BY number",
                                          {delivery}))
    attempts.push_back({row.number(0), instantOf(row.number(1)), row.number(2), row.number(3), row.text(4)});
  return attempts;
}

bool replayEvent(Transaction& transaction, const std::string& endpoint, const std::string& event, core::Instant now) {
  const std::string organisation = organisationOf(transaction, endpoint);
  const auto row =
      transaction.findRow(std::string(kEventColumns) + "WHERE id = $1 AND organisation = $2", {event, organisation});
  if (!row) throw core::Error(core::ErrorCode::kNotFound, "no such event");
  return replayOne(transaction, endpoint, eventOf(*row), now);
}

std::size_t replaySince(storage::Database& database, const std::string& endpoint, core::Instant since,
                        core::Instant now) {
  constexpr std::int64_t kPage = 200;
  std::size_t count = 0;
  std::string after;
  for (bool isMore = true; isMore;) {
    std::size_t sent = 0;
    std::string last;
    database.write([&](Transaction& transaction) {
      sent = 0;
      const std::string organisation = organisationOf(transaction, endpoint);
      const auto known = findEndpoint(transaction, organisation, endpoint);
      const Rows rows = transaction.query(
          std::string(kEventColumns) +
              "WHERE organisation = $1 AND relayed = 1 AND created_ms >= $2 AND id > $3 ORDER BY id LIMIT $4",
          {organisation, msOf(since), after, kPage});
      for (const Row& row : rows) {
        const Event event = eventOf(row);
        if (known->takes(event.type) && replayOne(transaction, endpoint, event, now)) ++sent;
      }
      isMore = static_cast<std::int64_t>(rows.size()) == kPage;
      if (!rows.empty()) last = rows.back().text(0);
    });
    count += sent;
    after = last;
  }
  return count;
}

std::string sendTest(Transaction& transaction, const std::string& organisation, const std::string& endpoint,
                     core::Instant now) {
  // The endpoint's row is the subject's lock.
  transaction.execute("UPDATE webhook_endpoints SET state = state WHERE id = $1", {endpoint});
  const std::int64_t sequence =
      storage::publish(transaction, {organisation, endpoint, "webhook.test", R"({"test":true})"}, now);
  const auto row =
      transaction.findRow(std::string(kEventColumns) + "WHERE subject = $1 AND sequence = $2", {endpoint, sequence});
  const Event event = eventOf(row.value());
  transaction.execute("UPDATE outbox_events SET relayed = 1 WHERE id = $1", {event.id});
  replayOne(transaction, endpoint, event, now);
  return event.id;
}

void wakeLanes(Transaction& transaction, const std::string& endpoint, core::Instant now) {
  for (const Row& row : transaction.query(
           "SELECT DISTINCT subject FROM webhook_deliveries WHERE endpoint = $1 AND state = 'pending'", {endpoint}))
    wake(transaction, endpoint, row.text(0), now);
}

}  // namespace qianda::server
