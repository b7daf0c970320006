#include "contracts/ceremony/ceremony_state.h"

#include "contracts/envelope/details.h"
#include "contracts/envelope/lifecycle.h"
#include "core/error.h"
#include "signing/pdf/signature_fields.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Transaction;

Step stepOf(const CeremonyRow& row, const Party& party, const CeremonyRules& rules) {
  if (party.state == PartyState::kSigned) return Step::kDone;
  if (party.state == PartyState::kWilling) return Step::kSigning;
  if (row.acknowledged == 0) return Step::kNotice;
  if (row.compared == 0) return Step::kIdentity;
  if (row.coded == 0) return Step::kCode;
  if (rules.needsFace && row.faced == 0) return Step::kFace;
  if (row.read == 0) return Step::kReading;
  if (row.strokesAt == 0) return Step::kStrokes;
  return Step::kWillingness;
}

std::optional<CeremonyRow> findRow(Transaction& transaction, const std::string& envelope, const std::string& party) {
  const auto row = transaction.findRow(
      "SELECT notice_version, pages_read, strokes, opened_ms, acknowledged_ms, compared_ms, coded_ms, faced_ms, "
      "identified_ms, reading_ms, read_ms, strokes_ms, willing_ms, copied_ms FROM ceremonies WHERE envelope = $1 AND "
      "party = $2",
      {envelope, party});
  if (!row) return std::nullopt;
  return CeremonyRow{row->text(0),    row->text(1),    row->text(2),    row->number(3), row->number(4),
                     row->number(5),  row->number(6),  row->number(7),  row->number(8), row->number(9),
                     row->number(10), row->number(11), row->number(12), row->number(13)};
}

void checkTurn(const Standing& standing) {
  const Envelope& envelope = standing.envelope;
  const Party& party = standing.party;
  if (party.state == PartyState::kSigned) return;
  const std::string place = "envelope " + envelope.id;
  if (isOver(envelope.state)) {
    throw Error(ErrorCode::kConflict, place + " is " + std::string(nameOf(envelope.state)) + ": it cannot be signed");
  }
  if (envelope.state == EnvelopeState::kDraft || party.stage != envelope.stage || party.state == PartyState::kWaiting ||
      party.state == PartyState::kDelegated) {
    throw Error(ErrorCode::kConflict, place + ": it is not the turn of party \"" + party.name + "\"");
  }
}

}  // namespace

Actor actorOf(const Bearer& bearer) { return {{}, "party:" + bearer.party, bearer.peer, bearer.device}; }

Standing look(Transaction& transaction, CeremonyServices& services, const Bearer& bearer) {
  const auto [id, name] = splitPartyId(bearer.party);
  Standing standing;
  standing.envelope = getEnvelope(transaction, id);
  standing.party = standing.envelope.getParty(name);
  standing.row = findRow(transaction, id, name).value_or(CeremonyRow{});
  standing.step = stepOf(standing.row, standing.party, services.rules);
  return standing;
}

Standing stand(Transaction& transaction, CeremonyServices& services, const Bearer& bearer, core::Instant now) {
  const auto [id, name] = splitPartyId(bearer.party);
  Standing standing;
  standing.envelope = lockEnvelope(transaction, id);
  standing.party = standing.envelope.getParty(name);
  checkTurn(standing);
  auto row = findRow(transaction, id, name);
  if (!row) {
    const std::int64_t at = now.time_since_epoch().count();
    transaction.execute(
        "INSERT INTO ceremonies (envelope, party, notice_version, opened_ms, acknowledged_ms, compared_ms, coded_ms, "
        "faced_ms, identified_ms, pages_read, reading_ms, read_ms, strokes, strokes_ms, willing_ms, copied_ms) VALUES "
        "($1, $2, '', $3, 0, 0, 0, 0, 0, '', 0, 0, '', 0, 0, 0)",
        {id, name, at});
    setPartyState(transaction, standing.envelope, name, PartyEvent::kView, now);
    if (next(standing.envelope.state, EnvelopeEvent::kView) != standing.envelope.state) {
      moveEnvelope(transaction, standing.envelope, EnvelopeEvent::kView, standing.envelope.reason, now);
    }
    record(transaction, standing.envelope, actorOf(bearer), "party.viewed", jsonOf({{"party", name}}), now);
    standing.party = standing.envelope.getParty(name);
    row = findRow(transaction, id, name);
  }
  standing.row = *row;
  standing.step = stepOf(standing.row, standing.party, services.rules);
  return standing;
}

void require(const Standing& standing, Step step) {
  if (standing.step == step) return;
  throw Error(ErrorCode::kConflict, "the ceremony is at step \"" + std::string(nameOf(standing.step)) + "\", not \"" +
                                        std::string(nameOf(step)) + "\"");
}

void setColumn(Transaction& transaction, const Standing& standing, const std::string& column,
               const storage::Value& value) {
  transaction.execute("UPDATE ceremonies SET " + column + " = $1 WHERE envelope = $2 AND party = $3",
                      {value, standing.envelope.id, standing.party.name});
}

std::size_t countPages(const std::string& pdf) {
  auto opened = signing::pdf::Document::open(pdf);
  auto* document = std::get_if<signing::pdf::Document>(&opened);
  if (!document) throw Error(ErrorCode::kCorrupt, "the document is no PDF");
  return signing::pdf::listPages(*document).size();
}

bool isDevelopment(const CeremonyServices& services) {
  return services.sms.isDevelopment() || services.identity.isDevelopment() ||
         (services.face && services.face->isDevelopment());
}

}  // namespace qianda::contracts
