#include "contracts/ceremony/worker_access.h"

#include <algorithm>

#include "contracts/ceremony/codes.h"
#include "contracts/ceremony/links.h"
#include "contracts/envelope/details.h"
#include "core/digest.h"
#include "core/error.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Transaction;

std::string subjectOf(const PersonClaim& claim) {
  return "person:" + core::sha256Hex(claim.name + "\n" + claim.idNumber + "\n" + claim.phone);
}

struct Acquaintance {
  bool byNumber = false;  // there is a party with this number and name
  bool byPhone = false;   // and with this phone
};

Acquaintance acquaintance(Transaction& transaction, const PersonClaim& claim) {
  Acquaintance known;
  for (const storage::Row& row :
       transaction.query("SELECT display_name, phone FROM envelope_parties WHERE id_number = $1", {claim.idNumber})) {
    if (row.text(0) != claim.name) continue;
    known.byNumber = true;
    known.byPhone = known.byPhone || row.findText(1) == claim.phone;
  }
  return known;
}

}  // namespace

std::string requestAccess(CeremonyServices& services, const PersonClaim& claim) {
  EnvelopeServices& envelopes = services.envelopes;
  const std::string secret = drawSecret();
  bool isAllowed = true, isEarly = false;
  Acquaintance known;
  envelopes.database.write([&](Transaction& transaction) {
    const core::Instant now = envelopes.clock();
    isEarly = !countAttempt(transaction, "access-wait:" + subjectOf(claim), 1, services.rules.resendAfter, now);
    isAllowed = countAttempt(transaction, "access:" + core::sha256Hex(claim.idNumber), services.rules.claimsAnHour,
                             std::chrono::hours(1), now);
    known = acquaintance(transaction, claim);
  });
  // Said to everybody alike, also to whom no code was sent.
  if (isEarly) throw Error(ErrorCode::kConflict, "a code was asked for just now: wait before asking for another");
  if (!isAllowed) throw Error(ErrorCode::kConflict, "too many attempts: try again in an hour");
  // A phone that is not on any contract needs a register that vouches for it; the stand-in vouches for nothing.
  if (!known.byNumber || (!known.byPhone && services.identity.isDevelopment())) return secret;
  if (!services.identity.check(claim).passed) return secret;
  const std::string code =
      drawCode(envelopes.database, subjectOf(claim), claim.phone, secret, services.rules, envelopes.clock());
  services.sms.send(claim.phone, code, "access");
  return secret;
}

std::string openAccess(CeremonyServices& services, const PersonClaim& claim, const std::string& secret,
                       const std::string& code) {
  EnvelopeServices& envelopes = services.envelopes;
  if (!takeCode(envelopes.database, subjectOf(claim), secret, code, services.rules, envelopes.clock())) {
    throw Error(ErrorCode::kInvalidInput, "the code is wrong, used or over");
  }
  const std::string access = drawSecret();
  envelopes.database.write([&](Transaction& transaction) {
    const core::Instant now = envelopes.clock();
    transaction.insertAll("INSERT INTO worker_accesses (secret_sha256, id_number, created_ms, expires_ms) VALUES", 4,
                          {{core::sha256Hex(access), claim.idNumber, now.time_since_epoch().count(),
                            (now + services.rules.accessLifetime).time_since_epoch().count()}});
  });
  return access;
}

std::optional<std::string> findAccess(Transaction& transaction, const std::string& secretSha256, core::Instant now) {
  const auto row =
      transaction.findRow("SELECT id_number FROM worker_accesses WHERE secret_sha256 = $1 AND expires_ms > $2",
                          {secretSha256, now.time_since_epoch().count()});
  if (!row) return std::nullopt;
  return row->text(0);
}

std::vector<Envelope> listOwn(Transaction& transaction, const std::string& idNumber, const std::string& before,
                              std::size_t most) {
  EnvelopeFilter filter;
  filter.person = idNumber;
  filter.before = before;
  filter.most = most;
  std::vector<Envelope> own = listEnvelopes(transaction, filter);
  std::erase_if(own, [](const Envelope& envelope) { return envelope.state == EnvelopeState::kDraft; });
  return own;
}

OwnCopy fetchOwn(CeremonyServices& services, const std::string& idNumber, const std::string& envelope,
                 const std::string& peer, const std::string& device) {
  OwnCopy copy;
  Revision newest;
  services.envelopes.database.write([&](Transaction& transaction) {
    const auto found = findEnvelope(transaction, envelope);
    const auto isOwn = [&](const Party& party) { return party.idNumber == idNumber && mayRead(*found, party); };
    if (!found || found->state != EnvelopeState::kCompleted ||
        std::none_of(found->parties.begin(), found->parties.end(), isOwn)) {
      throw Error(ErrorCode::kNotFound, "there is no contract " + envelope);
    }
    copy.envelope = *found;
    newest = newestRevision(transaction, *found);
    const Party& party = *std::find_if(found->parties.begin(), found->parties.end(), isOwn);
    recordPrivately(transaction, *found, {{}, "party:" + partyId(envelope, party.name), peer, device},
                    "party.copy_fetched", jsonOf({{"party", party.name}, {"sha256", newest.sha256}}),
                    services.envelopes.clock());
  });
  copy.file = services.envelopes.documents.read(newest.document);
  copy.sha256 = core::sha256Hex(copy.file);
  if (copy.sha256 != newest.sha256) {
    throw Error(ErrorCode::kCorrupt, "document " + newest.document.text() + " is not what it was");
  }
  return copy;
}

}  // namespace qianda::contracts
