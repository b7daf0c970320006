#include "server/api/ceremony_routes.h"

#include "contracts/ceremony/link_qr.h"
#include "contracts/ceremony/paper_copy.h"
#include "contracts/ceremony/strokes_text.h"
#include "server/api/envelope_routes.h"
#include "server/ceremony_access.h"

namespace qianda::server {
namespace {

using contracts::Bearer;
using contracts::CeremonyView;

Json textJson(const contracts::CeremonyText& text) {
  return Json::object({{"version", text.version}, {"zh", text.zh}, {"en", text.en}});
}

Json viewJson(const CeremonyView& view) {
  Json read = Json::array();
  for (const bool page : view.pagesRead) read.push(page);
  Json organisations = Json::array();
  for (const contracts::Party& party : view.envelope.parties) {
    if (party.kind == contracts::PartyKind::kOrganisation) organisations.push(party.displayName);
  }
  Json out = Json::object();
  out.set("step", nameOf(view.step))
      .set("envelope", Json::object({{"id", view.envelope.id},
                                     {"title", view.envelope.title},
                                     {"kind", view.envelope.kind},
                                     {"state", nameOf(view.envelope.state)},
                                     {"reason", view.envelope.reason},
                                     {"expires", core::isoInstant(view.envelope.expires)}}))
      .set("party", Json::object({{"name", view.party.name},
                                  {"display_name", view.party.displayName},
                                  {"state", nameOf(view.party.state)},
                                  {"phone", shortened(view.party.phone)}}))
      .set("organisations", std::move(organisations))
      .set("pages_read", std::move(read))
      .set("reading_left_ms", static_cast<std::int64_t>(view.readingLeft.count()))
      .set("sha256", view.sha256)
      .set("notice", textJson(contracts::preSigningNotice()))
      .set("willingness", textJson(contracts::willingnessText()))
      .set("confirmation", contracts::kConfirmation)
      .set("needs_code_for_willingness", view.needsCodeForWillingness)
      .set("development", view.isDevelopment);
  return out;
}

Response stands(Services& services, const Bearer& bearer) {
  return answerJson(viewJson(contracts::viewCeremony(ceremonyOf(services), bearer)));
}

std::vector<signing::Stroke> strokesOf(Fields& body) {
  std::vector<signing::Stroke> strokes;
  const Json given = body.json("strokes");
  if (given.kind() != Json::Kind::kArray) {
    body.fault("strokes", "type", "strokes is an array of arrays of points");
    return strokes;
  }
  body.finish();
  return contracts::readStrokes(given.dump());
}

// Why a link opens nothing, as a code.
[[noreturn]] void tellClosed(const CeremonyView& view, const core::Error& error) {
  switch (view.envelope.state) {
    case contracts::EnvelopeState::kDeclined:
      throw Problem(409, "envelope_declined", error.clientMessage());
    case contracts::EnvelopeState::kRevoked:
      throw Problem(409, "envelope_revoked", error.clientMessage());
    case contracts::EnvelopeState::kExpired:
      throw Problem(409, "envelope_expired", error.clientMessage());
    default:
      throw Problem(409, "not_your_turn", error.clientMessage());
  }
}

}  // namespace

Bearer bearerOf(const Request& request) {
  if (request.principal.role != "sign") throw Problem(403, "forbidden", "this needs a signing link");
  return {request.principal.id, bearerToken(request), request.peer,
          request.findHeader("User-Agent").value_or("").substr(0, 300)};
}

Response getCeremony(Services& services, const Request& request) {
  const Bearer bearer = bearerOf(request);
  try {
    return stands(services, bearer);
  } catch (const core::Error& error) {
    if (error.code() != core::ErrorCode::kConflict) throw;
    tellClosed(contracts::lookAtCeremony(ceremonyOf(services), bearer), error);
  }
}

// The bearer's own link, to go on with on a phone.
Response getCeremonyQr(Services& services, const Request& request) {
  const Bearer bearer = bearerOf(request);
  Response response;
  response.mediaType = "image/svg+xml";
  response.body = contracts::qrSvg(envelopesOf(services).policy.signingAddress + bearer.secret);
  return response;
}

Response acknowledgeNotice(Services& services, const Request& request) {
  const Bearer bearer = bearerOf(request);
  Fields body(request);
  const std::string version = body.text("version", {.most = 40});
  body.finish();
  contracts::acknowledgeNotice(ceremonyOf(services), bearer, version);
  return stands(services, bearer);
}

Response claimIdentity(Services& services, const Request& request) {
  const Bearer bearer = bearerOf(request);
  Fields body(request);
  const contracts::PersonClaim claim{body.text("name", {.most = 100}), body.text("id_number", {.most = 30}),
                                     body.text("phone", {.most = 30})};
  body.finish();
  contracts::claimIdentity(ceremonyOf(services), bearer, claim);
  return stands(services, bearer);
}

Response resendCode(Services& services, const Request& request) {
  const Bearer bearer = bearerOf(request);
  contracts::resendCode(ceremonyOf(services), bearer);
  return stands(services, bearer);
}

Response confirmCode(Services& services, const Request& request) {
  const Bearer bearer = bearerOf(request);
  Fields body(request);
  const std::string code = body.text("code", {.most = 10});
  body.finish();
  contracts::confirmCode(ceremonyOf(services), bearer, code);
  return stands(services, bearer);
}

Response showFace(Services& services, const Request& request) {
  const Bearer bearer = bearerOf(request);
  if (request.mediaType != "image/jpeg" && request.mediaType != "image/png") {
    throw Problem(415, "media_type", "a face is shown as image/jpeg or image/png");
  }
  contracts::showFace(ceremonyOf(services), bearer, core::viewOf(request.body));
  return stands(services, bearer);
}

Response getCeremonyDocument(Services& services, const Request& request) {
  const Bearer bearer = bearerOf(request);
  return answerPdf(contracts::readDocument(ceremonyOf(services), bearer), "contract");
}

Response notePages(Services& services, const Request& request) {
  const Bearer bearer = bearerOf(request);
  Fields body(request);
  const Json given = body.json("pages");
  std::vector<std::size_t> pages;
  for (const Json& page : given.items()) {
    if (page.kind() != Json::Kind::kInteger || page.integer() < 1) {
      body.fault("pages", "type", "pages are numbers from 1");
    } else {
      pages.push_back(static_cast<std::size_t>(page.integer()));
    }
  }
  if (given.kind() != Json::Kind::kArray) body.fault("pages", "type", "pages is an array of numbers");
  body.finish();
  contracts::notePagesRead(ceremonyOf(services), bearer, pages);
  return stands(services, bearer);
}

Response giveStrokes(Services& services, const Request& request) {
  const Bearer bearer = bearerOf(request);
  Fields body(request);
  const auto strokes = strokesOf(body);
  body.finish();
  contracts::giveStrokes(ceremonyOf(services), bearer, strokes);
  return stands(services, bearer);
}

Response sendWillingnessCode(Services& services, const Request& request) {
  const Bearer bearer = bearerOf(request);
  contracts::sendWillingnessCode(ceremonyOf(services), bearer);
  return stands(services, bearer);
}

Response declareWillingness(Services& services, const Request& request) {
  const Bearer bearer = bearerOf(request);
  Fields body(request);
  contracts::Willingness willingness;
  willingness.version = body.text("version", {.most = 40});
  willingness.confirmation = body.findText("confirmation", {.most = 100}).value_or("");
  willingness.code = body.findText("code", {.most = 10}).value_or("");
  body.finish();
  const CeremonyView view = contracts::declareWillingness(ceremonyOf(services), bearer, willingness);
  forgetPages(services, bearer);
  // 202: the will is recorded, the signature comes by itself.
  return answerJson(viewJson(view), view.step == contracts::Step::kDone ? 200 : 202);
}

Response declineToSign(Services& services, const Request& request) {
  const Bearer bearer = bearerOf(request);
  Fields body(request);
  const std::string reason = body.text("reason", {.most = 500, .lines = true});
  body.finish();
  contracts::declineToSign(ceremonyOf(services), bearer, reason);
  forgetPages(services, bearer);
  return answerJson(Json::object({{"step", "declined"}}));
}

Response getCeremonyCopy(Services& services, const Request& request) {
  const Bearer bearer = bearerOf(request);
  return answerPdf(contracts::fetchCopy(ceremonyOf(services), bearer), contracts::splitPartyId(bearer.party).first);
}

Response printCeremonyCopy(Services& services, const Request& request) {
  const Bearer bearer = bearerOf(request);
  contracts::fetchCopy(ceremonyOf(services), bearer);  // who may not have the one has no other
  contracts::PaperCopy copy =
      contracts::makePaperCopy(envelopesOf(services), contracts::splitPartyId(bearer.party).first,
                               "party:" + bearer.party, services.verificationAddress + "P/");
  return answerPdf(std::move(copy.pdf), copy.code);
}

}  // namespace qianda::server
