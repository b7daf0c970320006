#include "server/api/envelope_routes.h"

#include <charconv>

#include "contracts/ceremony/links.h"
#include "contracts/ceremony/paper_copy.h"
#include "contracts/envelope/details.h"
#include "contracts/envelope/lifecycle.h"
#include "core/digest.h"
#include "core/error.h"
#include "server/api/retention_routes.h"

namespace qianda::server {
namespace {

using contracts::Envelope;
using storage::Transaction;

const std::string& idOf(const Request& request) { return request.parameter("envelope"); }

// Throws 404 for another organisation's.
void checkOwn(const Request& request, const Envelope& envelope) {
  if (envelope.organisation != request.principal.organisation) {
    throw Problem(404, "not_found", "there is no envelope " + envelope.id);
  }
}

Envelope getOwn(Transaction& transaction, const Request& request) {
  const auto found = contracts::findEnvelope(transaction, idOf(request));
  if (!found) throw Problem(404, "not_found", "there is no envelope " + idOf(request));
  checkOwn(request, *found);
  refuseErased(transaction, found->id);
  return *found;
}

// One change of an envelope of one's own, and how it stands then.
template <typename Change>
Response changed(Services& services, const Request& request, Change change) {
  Envelope envelope;
  services.database->write([&](Transaction& transaction) {
    getOwn(transaction, request);
    change(transaction);
    envelope = contracts::getEnvelope(transaction, idOf(request));
  });
  return answerJson(envelopeJson(envelope));
}

std::string readRevision(Services& services, const contracts::Revision& revision) {
  std::string file = services.documents->read(revision.document);
  if (core::sha256Hex(file) != revision.sha256) {
    throw core::Error(core::ErrorCode::kCorrupt, "document " + revision.document.text() + " is not what it was");
  }
  return file;
}

void noteAccess(Services& services, const Request& request, const Envelope& envelope,
                const contracts::Revision& revision) {
  services.database->write([&](Transaction& transaction) {
    contracts::recordPrivately(transaction, envelope, actorOf(request, ""), "envelope.downloaded",
                               contracts::jsonOf({{"revision", revision.number}, {"sha256", revision.sha256}}),
                               services.clock());
  });
}

Response documentOf(Services& services, const Request& request, std::optional<std::int64_t> number) {
  Envelope envelope;
  std::optional<contracts::Revision> wanted;
  services.database->read([&](Transaction& transaction) {
    wanted.reset();
    envelope = getOwn(transaction, request);
    for (const contracts::Revision& revision : contracts::listRevisions(transaction, envelope.id)) {
      if (revision.number == number.value_or(envelope.revision)) wanted = revision;
    }
  });
  if (!wanted) throw Problem(404, "not_found", "there is no such revision");
  std::string file = readRevision(services, *wanted);
  noteAccess(services, request, envelope, *wanted);
  return answerPdf(std::move(file), envelope.id + "-" + std::to_string(wanted->number));
}

}  // namespace

contracts::CeremonyServices& ceremonyOf(Services& services) {
  if (!services.ceremony) throw core::Error(core::ErrorCode::kSystem, "the service has no envelopes");
  return *services.ceremony;
}
contracts::EnvelopeServices& envelopesOf(Services& services) { return ceremonyOf(services).envelopes; }

contracts::Actor actorOf(const Request& request, const std::string& kind) {
  const Principal& who = request.principal;
  std::string name = kind + who.id;
  if (kind.empty()) name = (who.kind == Principal::Kind::kApiKey ? "api_key:" : "user:") + who.id;
  return {who.organisation, name, request.peer, request.findHeader("User-Agent").value_or("").substr(0, 300)};
}

std::string shortened(const std::string& number) {
  if (number.size() < 8) return number.empty() ? "" : "********";
  const std::size_t head = number.size() > 12 ? 6 : 3;
  return number.substr(0, head) + std::string(number.size() - head - 4, '*') + number.substr(number.size() - 4);
}

Json partyJson(const contracts::Party& party) {
  Json out = Json::object();
  out.set("name", party.name)
      .set("field", party.field)
      .set("kind", nameOf(party.kind))
      .set("stage", party.stage)
      .set("state", nameOf(party.state))
      .set("display_name", party.displayName)
      .set("changed", core::isoInstant(party.changed));
  if (party.kind == contracts::PartyKind::kPerson) {
    out.set("id_number", shortened(party.idNumber)).set("phone", shortened(party.phone));
  } else {
    out.set("organisation", party.organisation).set("seal", party.seal);
  }
  if (party.revision > 0) out.set("revision", party.revision);
  return out;
}

Json envelopeJson(const Envelope& envelope) {
  Json parties = Json::array();
  for (const contracts::Party& party : envelope.parties) parties.push(partyJson(party));
  Json out = Json::object();
  out.set("id", envelope.id)
      .set("kind", envelope.kind)
      .set("title", envelope.title)
      .set("template", envelope.templateId)
      .set("template_version", envelope.templateVersion)
      .set("level", envelope.level)
      .set("state", nameOf(envelope.state))
      .set("stage", envelope.stage)
      .set("revision", envelope.revision)
      .set("reason", envelope.reason)
      .set("created_by", envelope.createdBy)
      .set("created", core::isoInstant(envelope.created))
      .set("changed", core::isoInstant(envelope.changed))
      .set("expires", envelope.expires == core::Instant{} ? Json() : Json(core::isoInstant(envelope.expires)))
      .set("batch", envelope.batch.empty() ? Json() : Json(envelope.batch))
      .set("row", envelope.batch.empty() ? Json() : Json(envelope.row))
      .set("parties", std::move(parties));
  return out;
}

Response answerPdf(std::string octets, const std::string& name) {
  Response response;
  response.mediaType = "application/pdf";
  response.body = std::move(octets);
  response.headers.emplace_back("Content-Disposition", "inline; filename=\"" + name + ".pdf\"");
  return response;
}

NewestFirst newestFirst(const Request& request) {
  NewestFirst page;
  page.before = request.findQuery("cursor").value_or("");
  if (!page.before.empty() && !core::DocumentId::parse(page.before)) throw Problem(400, "page", "cursor is none");
  if (const auto limit = request.findQuery("limit")) {
    const auto [end, failure] = std::from_chars(limit->data(), limit->data() + limit->size(), page.most);
    if (failure != std::errc() || end != limit->data() + limit->size() || page.most < 1 || page.most > 200) {
      throw Problem(400, "page", "limit is 1 to 200");
    }
  }
  return page;
}

Response answerEnvelopes(const std::vector<Envelope>& envelopes, const NewestFirst& page,
                         Json (*write)(const Envelope&)) {
  Json items = Json::array(), next;
  for (std::size_t i = 0; i < envelopes.size() && i < page.most; ++i) items.push(write(envelopes[i]));
  if (envelopes.size() > page.most) next = envelopes[page.most - 1].id;
  return answerJson(Json::object({{"items", std::move(items)}, {"next", std::move(next)}}));
}

Response listEnvelopes(Services& services, const Request& request) {
  NewestFirst page = newestFirst(request);
  contracts::EnvelopeFilter filter;
  filter.organisation = request.principal.organisation;
  filter.state = request.findQuery("state").value_or("");
  if (!filter.state.empty() && !contracts::findEnvelopeState(filter.state)) {
    throw Problem(400, "state", "there is no state \"" + filter.state + "\"");
  }
  filter.batch = request.findQuery("batch").value_or("");
  filter.before = page.before;
  filter.most = page.most + 1;
  const auto envelopes = services.database->looked<std::vector<Envelope>>(
      [&](Transaction& transaction) { return contracts::listEnvelopes(transaction, filter); });
  return answerEnvelopes(envelopes, page, envelopeJson);
}

Response getEnvelope(Services& services, const Request& request) {
  Json out;
  services.database->read([&](Transaction& transaction) {
    const Envelope envelope = getOwn(transaction, request);
    out = envelopeJson(envelope);
    Json relations = Json::array();
    for (const contracts::Relation& relation : contracts::listRelations(transaction, envelope.id)) {
      relations.push(Json::object({{"envelope", relation.envelope}, {"kind", relation.kind}, {"of", relation.of}}));
    }
    out.set("relations", std::move(relations));
  });
  return answerJson(out);
}

Response sendEnvelope(Services& services, const Request& request) {
  return changed(services, request, [&](Transaction& transaction) {
    contracts::sendEnvelope(transaction, idOf(request), envelopesOf(services).policy, actorOf(request, ""),
                            services.clock());
  });
}

Response revokeEnvelope(Services& services, const Request& request) {
  Fields body(request);
  const std::string reason = body.text("reason", {.most = 500, .lines = true});
  body.finish();
  return changed(services, request, [&](Transaction& transaction) {
    contracts::revokeEnvelope(transaction, idOf(request), reason, actorOf(request, ""), services.clock());
  });
}

Response remindEnvelope(Services& services, const Request& request) {
  return changed(services, request, [&](Transaction& transaction) {
    contracts::remindParties(transaction, idOf(request), actorOf(request, ""), services.clock());
  });
}

Response delegateParty(Services& services, const Request& request) {
  Fields body(request);
  contracts::Delegate to;
  to.displayName = body.text("display_name", {.most = 100});
  to.idNumber = body.findText("id_number", {.most = 30}).value_or("");
  to.phone = body.findText("phone", {.most = 30}).value_or("");
  to.organisation = request.principal.organisation;
  to.seal = body.findText("seal", {.most = 40}).value_or("");
  body.finish();
  return changed(services, request, [&](Transaction& transaction) {
    const Envelope envelope = contracts::getEnvelope(transaction, idOf(request));
    if (envelope.getParty(request.parameter("party")).kind == contracts::PartyKind::kPerson) to.organisation.clear();
    contracts::delegateParty(transaction, idOf(request), request.parameter("party"), to, actorOf(request, ""),
                             services.clock());
  });
}

// The link itself goes to the person and to nobody else.
Response renewLink(Services& services, const Request& request) {
  return changed(services, request, [&](Transaction& transaction) {
    const Envelope envelope = contracts::lockEnvelope(transaction, idOf(request));
    const contracts::Party& party = envelope.getParty(request.parameter("party"));
    if (party.kind != contracts::PartyKind::kPerson || party.stage != envelope.stage ||
        contracts::isOver(envelope.state) || party.state == contracts::PartyState::kSigned) {
      throw Problem(409, "conflict", "party \"" + party.name + "\" has no link now");
    }
    contracts::revokeLinks(transaction, envelope.id, party.name);
    const core::Instant now = services.clock();
    storage::enqueueWork(transaction,
                         {contracts::kNoticeWork, contracts::partyId(envelope.id, party.name) + ":invitation", "", now},
                         now);
    contracts::recordPrivately(transaction, envelope, actorOf(request, ""), "party.link_renewed",
                               contracts::jsonOf({{"party", party.name}}), now);
  });
}

Response listRevisions(Services& services, const Request& request) {
  Json items = Json::array();
  services.database->read([&](Transaction& transaction) {
    items = Json::array();
    const Envelope envelope = getOwn(transaction, request);
    for (const contracts::Revision& revision : contracts::listRevisions(transaction, envelope.id)) {
      items.push(Json::object({{"number", revision.number},
                               {"document", revision.document.text()},
                               {"sha256", revision.sha256},
                               {"size", revision.size},
                               {"what", revision.what},
                               {"party", revision.party},
                               {"at", core::isoInstant(revision.at)}}));
    }
  });
  return answerJson(Json::object({{"items", std::move(items)}}));
}

Response getEnvelopeDocument(Services& services, const Request& request) {
  return documentOf(services, request, std::nullopt);
}

Response getRevisionDocument(Services& services, const Request& request) {
  const std::string& text = request.parameter("number");
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) {
    throw Problem(404, "not_found", "there is no such revision");
  }
  return documentOf(services, request, number);
}

Response printEnvelope(Services& services, const Request& request) {
  services.database->read([&](Transaction& transaction) { getOwn(transaction, request); });
  contracts::PaperCopy copy = contracts::makePaperCopy(envelopesOf(services), idOf(request), actorOf(request, "").name,
                                                       services.verificationAddress + "P/");
  return answerPdf(std::move(copy.pdf), copy.code);
}

}  // namespace qianda::server
