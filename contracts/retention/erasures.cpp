#include "contracts/retention/erasures.h"

#include "contracts/envelope/details.h"
#include "contracts/retention/erasure_statement.h"
#include "core/error.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;

std::string dayOf(const std::optional<core::Date>& date) { return date ? core::isoDate(*date) : ""; }

std::string listOf(const std::vector<std::string>& items) {
  std::string list = "[";
  for (const std::string& item : items) list += (list.size() > 1 ? "," : "") + item;
  return list + "]";
}

}  // namespace

std::optional<Erasure> findErasure(storage::Transaction& transaction, const std::string& envelope) {
  const auto row = transaction.findRow(
      "SELECT envelope, organisation, order_id, state, begun_ms, erased_ms, statement, signature FROM erasures WHERE "
      "envelope = $1",
      {envelope});
  if (!row) return std::nullopt;
  return Erasure{row->text(0),
                 row->text(1),
                 row->text(2),
                 row->text(3),
                 core::Instant(std::chrono::milliseconds(row->number(4))),
                 core::Instant(std::chrono::milliseconds(row->number(5))),
                 row->text(6),
                 row->text(7)};
}

Envelope lockForRetention(storage::Transaction& transaction, const std::string& organisation, const std::string& id) {
  const auto known = findEnvelope(transaction, id);
  if (!known || known->organisation != organisation) {
    throw Error(ErrorCode::kNotFound, "there is no envelope " + id, "there is no such envelope");
  }
  Envelope envelope = lockEnvelope(transaction, id);
  if (const auto erasure = findErasure(transaction, id)) {
    throw Error(ErrorCode::kConflict,
                "envelope " + id + " is " + erasure->state + " since " + core::isoInstant(erasure->begun));
  }
  return envelope;
}

std::string erasureStatement(const ErasureFacts& facts, const std::string& node, core::Instant erased) {
  std::vector<std::string> revisions, told;
  for (const Revision& one : facts.revisions) {
    revisions.push_back(jsonOf({{"number", one.number}, {"sha256", one.sha256}, {"size", one.size}}));
  }
  for (const ToldPerson& one : facts.told) {
    told.push_back(jsonOf({{"party", one.party}, {"told", core::isoInstant(one.at)}}));
  }
  const Envelope& envelope = facts.envelope;
  const std::string head = jsonOf({{"format", std::string(kErasureFormat)},
                                   {"envelope", envelope.id},
                                   {"organisation", envelope.organisation},
                                   {"kind", envelope.kind},
                                   {"template", envelope.templateId},
                                   {"state", std::string(nameOf(envelope.state))},
                                   {"class", facts.state.rule.name},
                                   {"years", facts.state.rule.years},
                                   {"law", facts.state.rule.law},
                                   {"end", dayOf(facts.state.end)},
                                   {"end_source", facts.state.endSource},
                                   {"due", dayOf(facts.state.due)},
                                   {"order", facts.order.id},
                                   {"ground", facts.order.ground},
                                   {"ordered_by", facts.order.proposedBy},
                                   {"ordered", core::isoInstant(facts.order.proposedAt)},
                                   {"approved_by", facts.order.decidedBy},
                                   {"approved", core::isoInstant(facts.order.decidedAt.value_or(core::Instant{}))},
                                   {"documents", static_cast<std::int64_t>(facts.documents)},
                                   {"erased", core::isoInstant(erased)},
                                   {"node", node}});
  return head.substr(0, head.size() - 1) + ",\"revisions\":" + listOf(revisions) + ",\"told\":" + listOf(told) + "}";
}

}  // namespace qianda::contracts
