#include <algorithm>

#include "core/error.h"
#include "delivery/cases/case_columns.h"
#include "delivery/documents/document_kinds.h"
#include "delivery/post/parcel_store.h"
#include "delivery/service/record_store.h"
#include "storage/sql/instant.h"

namespace qianda::delivery {
namespace {

using core::Error;
using core::ErrorCode;
using storage::instantOf;
using storage::Row;
using storage::Transaction;

// The first instant of the day in China.
core::Instant startOf(core::Date day) { return core::Instant(std::chrono::sys_days(day)) - std::chrono::hours(8); }

struct Authority {
  std::string kind;
  core::Date since;
  std::optional<core::Date> until;
};

std::vector<Authority> authoritiesOf(Transaction& t, const ServiceRecord& record) {
  std::vector<Authority> all;
  for (const Row& row : t.query("SELECT kind, since_day, until_day FROM case_agents WHERE case_id = $1 AND party = $2",
                                {record.caseId, record.party})) {
    all.push_back({row.text(0), needDay(row.text(1)), dayOf(row.text(2))});
  }
  return all;
}

// Who signed and when, by the post or on a return receipt: nobody when nobody did.
std::pair<SignerClass, core::Instant> signingOf(const AttemptFacts& attempt) {
  for (const EvidenceFacts& one : attempt.evidence) {
    if (one.kind == EvidenceKind::kReturnReceipt) return {one.signer, one.at};
  }
  if (attempt.parcel && attempt.parcel->signedAt) return {attempt.parcel->signer, *attempt.parcel->signedAt};
  return {SignerClass::kNone, {}};
}

// On file before the day of signing: a mandate, or the name in the confirmation of the address (法院专递规定 9).
bool isAuthorised(const AttemptFacts& attempt, const std::vector<Authority>& authorities, bool namesRecipient) {
  const auto [signer, at] = signingOf(attempt);
  const std::string_view kind = signer == SignerClass::kAgent        ? "agent"
                                : signer == SignerClass::kDesignated ? "designated"
                                                                     : "";
  if (kind.empty()) return false;
  const std::int64_t day = core::toDays(core::chinaDate(at));
  if (kind == "designated" && namesRecipient && attempt.address.since <= at) return true;
  return std::any_of(authorities.begin(), authorities.end(), [&](const Authority& one) {
    return one.kind == kind && core::toDays(one.since) <= day && (!one.until || core::toDays(*one.until) >= day);
  });
}

// Returns whether the address names a person who receives for the party.
bool readAddress(Transaction& t, const std::string& id, AddressFacts& facts) {
  const auto row = t.findRow(
      "SELECT ground, since_day, refused_after_warning, is_opponents_place, consent_day, consent_withdrawn_day, "
      "recipient FROM case_addresses WHERE id = $1",
      {id});
  if (!row) throw Error(ErrorCode::kCorrupt, "an attempt names the address " + id + ", which is none");
  facts.id = id;
  facts.ground = needWord(row->text(0), findAddressGround);
  facts.since = startOf(needDay(row->text(1)));
  facts.refusedAfterWarning = row->number(2) != 0;
  facts.isOpponentsPlace = row->number(3) != 0;
  if (const auto day = dayOf(row->text(4))) facts.consentAt = startOf(*day);
  if (const auto day = dayOf(row->text(5))) facts.consentWithdrawnAt = startOf(*day);
  return facts.ground == AddressGround::kConfirmed && !row->text(6).empty();
}

std::vector<EvidenceFacts> evidenceOf(Transaction& t, const std::string& attempt) {
  std::vector<EvidenceFacts> all;
  for (const Row& row :
       t.query("SELECT id, kind, at_ms, recorded_ms, signer, has_id_number, staff, document, text FROM "
               "service_evidence WHERE attempt = $1 ORDER BY at_ms, id",
               {attempt})) {
    all.push_back({row.text(0), needWord(row.text(1), findEvidenceKind), instantOf(row.number(2)),
                   instantOf(row.number(3)), needWord(row.text(4), findSignerClass), row.number(5) != 0,
                   static_cast<int>(row.number(6)), row.text(7), row.text(8)});
  }
  return all;
}

std::vector<AttemptFacts> attemptsOf(Transaction& t, const ServiceRecord& record, core::Instant asOf) {
  const std::vector<Authority> authorities = authoritiesOf(t, record);
  const std::vector<Parcel> parcels = listParcelsOf(t, record.id);
  std::vector<AttemptFacts> attempts;
  for (const Row& row : t.query("SELECT id, number, method, address, is_withdrawn, started_ms FROM service_attempts "
                                "WHERE record = $1 ORDER BY number",
                                {record.id})) {
    AttemptFacts& attempt = attempts.emplace_back();
    attempt.id = row.text(0);
    attempt.number = static_cast<int>(row.number(1));
    attempt.method = needWord(row.text(2), findServiceMethod);
    attempt.isWithdrawn = row.number(4) != 0;
    attempt.startedAt = instantOf(row.number(5));
    const bool namesRecipient = !row.text(3).empty() && readAddress(t, row.text(3), attempt.address);
    attempt.evidence = evidenceOf(t, attempt.id);
    const auto parcel =
        std::find_if(parcels.begin(), parcels.end(), [&](const Parcel& one) { return one.attempt == attempt.id; });
    if (parcel != parcels.end()) attempt.parcel = viewOf(t, *parcel, {}, asOf);
    attempt.signerAuthorised = isAuthorised(attempt, authorities, namesRecipient);
  }
  return attempts;
}

}  // namespace

RecordFacts factsOf(Transaction& t, const ServiceRecord& record, core::Instant asOf) {
  RecordFacts facts;
  const auto row = t.findRow(
      "SELECT p.kind, c.procedure, c.is_collective FROM case_parties p JOIN cases c ON c.id = p.case_id WHERE p.id = "
      "$1",
      {record.party});
  if (!row) throw Error(ErrorCode::kCorrupt, "record " + record.id + " is for a party that is none: " + record.party);
  facts.isOrganisation = row->text(0) == "organisation";
  facts.isSimplified = row->text(1) == "simplified";
  facts.isCollective = row->number(2) != 0;
  facts.publicNoticeGrounded = !record.noticeGround.empty();
  for (const Row& document : t.query("SELECT d.kind FROM service_documents s JOIN court_documents d ON d.id = "
                                     "s.document WHERE s.record = $1",
                                     {record.id})) {
    const DocumentKind& kind = getDocumentKind(document.text(0));
    facts.hasConcludingDocument = facts.hasConcludingDocument || kind.isConcluding;
    facts.hasMediationStatement = facts.hasMediationStatement || kind.isMediationStatement;
  }
  facts.attempts = attemptsOf(t, record, asOf);
  for (const Row& one :
       t.query("SELECT decision, attempt, by_whom, reason, at_ms, legal_day, ending FROM service_decisions "
               "WHERE record = $1 ORDER BY seq",
               {record.id})) {
    facts.decisions.push_back({needWord(one.text(0), findHumanDecision), one.text(1), one.text(2), one.text(3),
                               instantOf(one.number(4)), dayOf(one.text(5)), one.text(6)});
  }
  return facts;
}

}  // namespace qianda::delivery
