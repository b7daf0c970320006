// What the world outside shall hear of, written in the transaction that made it true: an event exists when the change
// it tells is committed, and only then. Events of one subject are numbered 1, 2, 3 ... without gaps. Who relays them to
// webhooks reads them from here.
#pragma once

#include <string>
#include <vector>

#include "core/time.h"
#include "storage/sql/database.h"

namespace qianda::storage {

struct OutboxEvent {
  std::string organisation;
  std::string subject;  // id of the envelope or batch; its row is locked by the transaction, or new
  std::string type;     // "envelope.completed"
  std::string data;     // a JSON object
};

// Returns the event's number.
std::int64_t publish(Transaction& transaction, const OutboxEvent& event, core::Instant now);
// The first events of subjects that have none yet, in one go.
void publishFirst(Transaction& transaction, const std::vector<OutboxEvent>& events, core::Instant now);

}  // namespace qianda::storage
