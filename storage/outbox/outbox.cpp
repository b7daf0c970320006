#include "storage/outbox/outbox.h"

#include "core/id.h"

namespace qianda::storage {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO outbox_events (id, organisation, subject, sequence, type, data, created_ms, relayed) VALUES";

Values rowOf(const OutboxEvent& event, std::int64_t sequence, core::Instant now) {
  return {core::DocumentId::at(now).text(), event.organisation, event.subject, sequence, event.type, event.data,
          now.time_since_epoch().count(),   std::int64_t{0}};
}

}  // namespace

std::int64_t publish(Transaction& transaction, const OutboxEvent& event, core::Instant now) {
  const std::int64_t sequence =
      transaction
          .findRow("SELECT COALESCE(MAX(sequence), 0) + 1 FROM outbox_events WHERE subject = $1", {event.subject})
          ->number(0);
  transaction.insertAll(kInsert, 8, {rowOf(event, sequence, now)});
  return sequence;
}

void publishFirst(Transaction& transaction, const std::vector<OutboxEvent>& events, core::Instant now) {
  std::vector<Values> rows;
  rows.reserve(events.size());
  for (const OutboxEvent& event : events) rows.push_back(rowOf(event, 1, now));
  transaction.insertAll(kInsert, 8, rows);
}

}  // namespace qianda::storage
