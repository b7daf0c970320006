#include <sstream>

#include <Poco/Base64Decoder.h>

#include "contracts/envelope/draft.h"
#include "contracts/envelope/lifecycle.h"
#include "core/error.h"
#include "server/api/envelope_routes.h"

namespace qianda::server {
namespace {

using contracts::Draft;
using storage::Transaction;

constexpr std::size_t kLongestFile = 40u << 20;  // characters of base64

std::vector<std::pair<std::string, std::string>> valuesOf(Fields& body) {
  std::vector<std::pair<std::string, std::string>> values;
  const Json given = body.json("values");
  if (given.kind() != Json::Kind::kObject) {
    body.fault("values", "type", "values is an object of texts by field name");
    return values;
  }
  for (const auto& [name, value] : given.members()) {
    if (value.kind() != Json::Kind::kText) {
      body.fault("values", "type", "the value of \"" + name + "\" is no text");
      continue;
    }
    values.emplace_back(name, value.text());
  }
  return values;
}

[[noreturn]] void refuse(const std::vector<templates::Fault>& faults) {
  std::vector<ProblemPlace> places;
  for (const templates::Fault& fault : faults) {
    if (!templates::isBlocking(fault)) continue;
    places.push_back({fault.field.empty() ? "/values" : "/values/" + fault.field, "", "", fault.rule,
                      fault.messageZh + " / " + fault.messageEn});
  }
  throw Problem(422, "values_invalid", "the values do not make a lawful document", places);
}

std::string fileOf(Fields& body) {
  const std::string text = body.text("file", {.most = kLongestFile});
  std::istringstream in(text);
  Poco::Base64Decoder decoder(in);
  std::string octets((std::istreambuf_iterator<char>(decoder)), std::istreambuf_iterator<char>());
  if (!octets.starts_with("%PDF-")) body.fault("file", "format", "file is a PDF in base64");
  return octets;
}

double millimetres(Fields& place, const std::string& name) {
  const Json value = place.json(name);
  if (value.kind() != Json::Kind::kInteger && value.kind() != Json::Kind::kDouble) {
    place.fault(name, "type", name + " is a number of millimetres");
  }
  return value.number();
}

contracts::UploadedParty uploadedParty(Fields& party, const Request& request) {
  contracts::UploadedParty made;
  made.party.field = party.text("name", {.most = 60});
  made.party.stage = party.integer("stage", 1, 100);
  made.party.displayName = party.text("display_name", {.most = 100});
  if (party.choice("kind", {"person", "organisation"}) == "person") {
    made.party.idNumber = party.text("id_number", {.most = 30});
    made.party.phone = party.text("phone", {.most = 30});
  } else {
    made.party.kind = contracts::PartyKind::kOrganisation;
    made.party.organisation = request.principal.organisation;
    made.party.seal = party.text("seal", {.most = 40});
  }
  if (auto place = party.findObject("place")) {
    made.place = contracts::FieldPlace{static_cast<std::size_t>(place->integer("page", 1, 10000)),
                                       millimetres(*place, "left"), millimetres(*place, "bottom"),
                                       millimetres(*place, "width"), millimetres(*place, "height")};
  }
  return made;
}

Draft uploaded(Fields& body, const Request& request, core::Instant now) {
  const std::string title = body.text("title", {.most = 200});
  const std::string file = fileOf(body);
  std::vector<contracts::UploadedParty> parties;
  for (Fields& party : body.objects("parties", 1, 50)) parties.push_back(uploadedParty(party, request));
  return contracts::draftUpload(file, title, parties, now);
}

Draft composed(Services& services, Fields& body, const Request& request, core::Instant now) {
  const std::string id = body.text("template", {.most = 100});
  const auto values = valuesOf(body);
  std::vector<contracts::PartyPlan> plan;
  for (Fields& party : body.objects("parties", 1, 50)) {
    plan.push_back({party.text("name", {.most = 60}), party.integer("stage", 1, 100), request.principal.organisation,
                    party.findText("seal", {.most = 40}).value_or("")});
  }
  if (body.hasFaults()) return {};
  // A name, never a path of this machine.
  for (const auto& form : templates::shippedTemplates()) {
    if (form->id == id) return contracts::composeDraft(form, values, plan, services.verificationAddress, now);
  }
  body.fault("template", "choice", "there is no template \"" + id + "\"");
  return {};
}

struct Wanted {
  std::string level, relationKind, relationOf;
  bool send = false;
  std::int64_t days = 0;
};

Wanted wantedOf(Fields& body) {
  Wanted wanted;
  wanted.level = body.findChoice("level", {"B-T", "B-LT", "B-LTA"}).value_or("B-T");
  wanted.send = body.findBoolean("send").value_or(false);
  wanted.days = body.findInteger("days", 1, 365).value_or(0);
  if (auto related = body.findObject("related")) {
    wanted.relationKind = related->choice("kind", {"renewal", "amendment", "termination"});
    wanted.relationOf = related->id("of");
  }
  return wanted;
}

}  // namespace

Response createEnvelope(Services& services, const Request& request) {
  Fields body(request);
  const core::Instant now = services.clock();
  const Wanted wanted = wantedOf(body);
  Draft draft = body.has("file") ? uploaded(body, request, now) : composed(services, body, request, now);
  body.finish();
  if (draft.pdf.empty()) refuse(draft.faults);
  draft.envelope.organisation = request.principal.organisation;
  draft.envelope.createdBy = actorOf(request, "").name;
  draft.envelope.level = wanted.level;
  if (wanted.days > 0) draft.envelope.expires = now + std::chrono::days(wanted.days);
  const std::string id = draft.envelope.document.text();
  services.documents->appendWhole(draft.envelope.document, draft.pdf, now);
  Json made;
  services.database->write([&](Transaction& transaction) {
    contracts::createEnvelopes(transaction, {draft.envelope}, now);
    if (!wanted.relationKind.empty()) {
      contracts::relate(transaction, contracts::getEnvelope(transaction, id),
                        {id, wanted.relationKind, wanted.relationOf});
    }
    if (wanted.send) {
      contracts::sendEnvelope(transaction, id, envelopesOf(services).policy, actorOf(request, ""), now);
    }
    made = envelopeJson(contracts::getEnvelope(transaction, id));
  });
  Json warnings = Json::array();
  for (const templates::Fault& fault : draft.faults) {
    warnings.push(Json::object({{"field", fault.field}, {"code", fault.rule}, {"message", fault.messageZh}}));
  }
  made.set("warnings", std::move(warnings));
  Response response = answerJson(made, 201);
  response.headers.emplace_back("Location", "/api/v1/envelopes/" + id);
  return response;
}

}  // namespace qianda::server
