#include "contracts/ceremony/ceremony_state.h"
#include "contracts/ceremony/codes.h"
#include "contracts/ceremony/links.h"
#include "contracts/envelope/details.h"
#include "contracts/envelope/lifecycle.h"
#include "core/digest.h"
#include "core/error.h"
#include "storage/sql/instant.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Transaction;

using storage::msOf;

std::string verification(const Standing& standing, const ProviderAnswer& answer, const std::string& image = "") {
  return jsonOf({{"party", standing.party.name},
                 {"method", answer.method},
                 {"provider", answer.provider},
                 {"request_id", answer.requestId},
                 {"passed", answer.passed},
                 {"result", answer.result},
                 {"image_sha256", image}});
}

// All checks there are have passed: the person is who the party names.
void noteIdentified(Transaction& transaction, CeremonyServices& services, Standing& standing, const Bearer& bearer,
                    core::Instant now) {
  if (services.rules.needsFace && standing.row.faced == 0) return;
  setColumn(transaction, standing, "identified_ms", msOf(now));
  setPartyState(transaction, standing.envelope, standing.party.name, PartyEvent::kIdentify, now);
  record(transaction, standing.envelope, actorOf(bearer), "party.identified",
         jsonOf({{"party", standing.party.name}, {"development", isDevelopment(services)}}), now);
}

void sendCode(CeremonyServices& services, const Bearer& bearer, const std::string& phone, const std::string& purpose) {
  EnvelopeServices& envelopes = services.envelopes;
  const std::string code = drawCode(envelopes.database, bearer.party + ":" + purpose, phone, bearer.secret,
                                    services.rules, envelopes.clock());
  const ProviderAnswer answer = services.sms.send(phone, code, purpose);
  envelopes.database.write([&](Transaction& transaction) {
    const core::Instant now = envelopes.clock();
    const Standing standing = stand(transaction, services, bearer, now);
    recordPrivately(transaction, standing.envelope, actorOf(bearer), "party.code_sent", verification(standing, answer),
                    now);
  });
  if (!answer.passed) throw Error(ErrorCode::kUnavailable, "the code could not be sent: " + answer.result);
}

}  // namespace

void acknowledgeNotice(CeremonyServices& services, const Bearer& bearer, const std::string& version) {
  services.envelopes.database.write([&](Transaction& transaction) {
    const core::Instant now = services.envelopes.clock();
    const Standing standing = stand(transaction, services, bearer, now);
    if (version != preSigningNotice().version) {
      throw Error(ErrorCode::kInvalidInput, "the notice shown has version " + preSigningNotice().version);
    }
    if (standing.row.acknowledged > 0) return;
    require(standing, Step::kNotice);
    setColumn(transaction, standing, "notice_version", version);
    setColumn(transaction, standing, "acknowledged_ms", msOf(now));
    recordPrivately(
        transaction, standing.envelope, actorOf(bearer), "party.notice_acknowledged",
        jsonOf(
            {{"party", standing.party.name}, {"version", version}, {"sha256", core::sha256Hex(preSigningNotice().zh)}}),
        now);
  });
}

void claimIdentity(CeremonyServices& services, const Bearer& bearer, const PersonClaim& claim) {
  EnvelopeServices& envelopes = services.envelopes;
  std::string refusal;
  envelopes.database.write([&](Transaction& transaction) {
    refusal.clear();
    const core::Instant now = envelopes.clock();
    const Standing standing = stand(transaction, services, bearer, now);
    if (standing.step != Step::kCode) require(standing, Step::kIdentity);
    const Party& party = standing.party;
    const std::string counted = "claims:" + bearer.party;
    const auto tries = transaction.findRow("SELECT count FROM attempt_counts WHERE subject = $1 AND window_ms > $2",
                                           {counted, msOf(now - std::chrono::hours(1))});
    if (tries && tries->number(0) >= services.rules.claimsAnHour) {
      throw Error(ErrorCode::kConflict, "too many wrong statements: try again in an hour");
    }
    if (claim.name != party.displayName || claim.idNumber != party.idNumber || claim.phone != party.phone) {
      countAttempt(transaction, counted, services.rules.claimsAnHour, std::chrono::hours(1), now);
      recordPrivately(transaction, standing.envelope, actorOf(bearer), "party.identity_mismatch",
                      jsonOf({{"party", party.name}}), now);
      refusal = "name, identity number and phone number are not those of the person who is to sign";
    }
  });
  if (!refusal.empty()) throw Error(ErrorCode::kInvalidInput, refusal);
  const ProviderAnswer answer = services.identity.check(claim);
  envelopes.database.write([&](Transaction& transaction) {
    const core::Instant now = envelopes.clock();
    const Standing standing = stand(transaction, services, bearer, now);
    if (standing.step != Step::kCode) require(standing, Step::kIdentity);
    if (answer.passed) setColumn(transaction, standing, "compared_ms", msOf(now));
    recordPrivately(transaction, standing.envelope, actorOf(bearer), "party.identity_checked",
                    verification(standing, answer), now);
  });
  if (!answer.passed) throw Error(ErrorCode::kInvalidInput, "the identity was not confirmed: " + answer.result);
  sendCode(services, bearer, claim.phone, "identity");
}

void resendCode(CeremonyServices& services, const Bearer& bearer) {
  std::string phone;
  services.envelopes.database.write([&](Transaction& transaction) {
    const Standing standing = stand(transaction, services, bearer, services.envelopes.clock());
    require(standing, Step::kCode);
    phone = standing.party.phone;
  });
  sendCode(services, bearer, phone, "identity");
}

void sendWillingnessCode(CeremonyServices& services, const Bearer& bearer) {
  std::string phone;
  services.envelopes.database.write([&](Transaction& transaction) {
    const Standing standing = stand(transaction, services, bearer, services.envelopes.clock());
    require(standing, Step::kWillingness);
    phone = standing.party.phone;
  });
  sendCode(services, bearer, phone, "willingness");
}

void confirmCode(CeremonyServices& services, const Bearer& bearer, const std::string& code) {
  EnvelopeServices& envelopes = services.envelopes;
  envelopes.database.write(
      [&](Transaction& transaction) { require(stand(transaction, services, bearer, envelopes.clock()), Step::kCode); });
  const bool isRight =
      takeCode(envelopes.database, bearer.party + ":identity", bearer.secret, code, services.rules, envelopes.clock());
  envelopes.database.write([&](Transaction& transaction) {
    const core::Instant now = envelopes.clock();
    Standing standing = stand(transaction, services, bearer, now);
    require(standing, Step::kCode);
    recordPrivately(
        transaction, standing.envelope, actorOf(bearer), isRight ? "party.code_confirmed" : "party.code_refused",
        jsonOf({{"party", standing.party.name}, {"method", "sms_code"}, {"development", services.sms.isDevelopment()}}),
        now);
    if (!isRight) return;
    setColumn(transaction, standing, "coded_ms", msOf(now));
    noteIdentified(transaction, services, standing, bearer, now);
  });
  if (!isRight) throw Error(ErrorCode::kInvalidInput, "the code is wrong, used or over");
}

void showFace(CeremonyServices& services, const Bearer& bearer, core::BytesView image) {
  EnvelopeServices& envelopes = services.envelopes;
  if (!services.face) throw Error(ErrorCode::kUnsupported, "no face check is configured");
  PersonClaim claim;
  envelopes.database.write([&](Transaction& transaction) {
    const Standing standing = stand(transaction, services, bearer, envelopes.clock());
    require(standing, Step::kFace);
    claim = {standing.party.displayName, standing.party.idNumber, standing.party.phone};
  });
  const ProviderAnswer answer = services.face->compare(claim, image);
  envelopes.database.write([&](Transaction& transaction) {
    const core::Instant now = envelopes.clock();
    Standing standing = stand(transaction, services, bearer, now);
    require(standing, Step::kFace);
    recordPrivately(transaction, standing.envelope, actorOf(bearer), "party.face_checked",
                    verification(standing, answer, core::sha256Hex(core::textOf(image))), now);
    if (!answer.passed) return;
    setColumn(transaction, standing, "faced_ms", msOf(now));
    standing.row.faced = msOf(now);
    noteIdentified(transaction, services, standing, bearer, now);
  });
  if (!answer.passed) throw Error(ErrorCode::kInvalidInput, "the face was not recognised: " + answer.result);
}

}  // namespace qianda::contracts
