#include "contracts/ceremony/paper_copy.h"
#include "contracts/ceremony/worker_access.h"
#include "server/api/ceremony_routes.h"
#include "server/api/envelope_routes.h"

namespace qianda::server {
namespace {

using storage::Transaction;

contracts::PersonClaim claimOf(Fields& body) {
  return {body.text("name", {.most = 100}), body.text("id_number", {.most = 30}), body.text("phone", {.most = 30})};
}

// The person behind an access.
std::string personOf(Services& services, const Request& request) {
  if (request.principal.role != "worker")
    throw Problem(403, "forbidden", "this needs an access to one's own contracts");
  const auto person = services.database->looked<std::optional<std::string>>([&](Transaction& transaction) {
    return contracts::findAccess(transaction, request.principal.id, services.clock());
  });
  if (!person) throw Problem(401, "unauthenticated", "the access is over");
  return *person;
}

Json ownJson(const contracts::Envelope& envelope) {
  return Json::object({{"id", envelope.id},
                       {"title", envelope.title},
                       {"kind", envelope.kind},
                       {"state", nameOf(envelope.state)},
                       {"changed", core::isoInstant(envelope.changed)}});
}

std::string device(const Request& request) { return request.findHeader("User-Agent").value_or("").substr(0, 300); }

}  // namespace

Response requestAccess(Services& services, const Request& request) {
  Fields body(request);
  const contracts::PersonClaim claim = claimOf(body);
  body.finish();
  return answerJson(Json::object({{"challenge", contracts::requestAccess(ceremonyOf(services), claim)}}), 202);
}

Response openAccess(Services& services, const Request& request) {
  Fields body(request);
  const contracts::PersonClaim claim = claimOf(body);
  const std::string challenge = body.text("challenge", {.most = 100});
  const std::string code = body.text("code", {.most = 10});
  body.finish();
  return answerJson(Json::object({{"access", contracts::openAccess(ceremonyOf(services), claim, challenge, code)}}),
                    201);
}

Response listOwnContracts(Services& services, const Request& request) {
  const std::string person = personOf(services, request);
  const NewestFirst page = newestFirst(request);
  const auto own = services.database->looked<std::vector<contracts::Envelope>>(
      [&](Transaction& transaction) { return contracts::listOwn(transaction, person, page.before, page.most + 1); });
  return answerEnvelopes(own, page, ownJson);
}

Response getOwnContract(Services& services, const Request& request) {
  contracts::OwnCopy copy = contracts::fetchOwn(ceremonyOf(services), personOf(services, request),
                                                request.parameter("envelope"), request.peer, device(request));
  return answerPdf(std::move(copy.file), copy.envelope.id);
}

Response printOwnContract(Services& services, const Request& request) {
  const contracts::OwnCopy own = contracts::fetchOwn(ceremonyOf(services), personOf(services, request),
                                                     request.parameter("envelope"), request.peer, device(request));
  contracts::PaperCopy copy =
      contracts::makePaperCopy(envelopesOf(services), own.envelope.id, "worker", services.verificationAddress + "P/");
  return answerPdf(std::move(copy.pdf), copy.code);
}

Response checkPaperCopy(Services& services, const Request& request) {
  const auto found = services.database->looked<std::optional<contracts::PaperCheck>>(
      [&](Transaction& transaction) { return contracts::findPaperCopy(transaction, request.parameter("code")); });
  if (!found) throw Problem(404, "not_found", "no paper copy has this code");
  return answerJson(Json::object({{"envelope", found->envelope},
                                  {"title", found->title},
                                  {"state", found->state},
                                  {"sha256", found->sha256},
                                  {"made", core::isoInstant(found->made)}}));
}

}  // namespace qianda::server
