#include "qianda/client/envelopes.h"

#include "clients/sdk/json_reader.h"
#include "clients/sdk/transport.h"

namespace qianda::client {
namespace {

Party partyOf(const JsonReader& answer) {
  Party party;
  party.name = answer.text("name");
  party.field = answer.text("field");
  party.kind = answer.text("kind");
  party.stage = answer.number("stage");
  party.state = answer.text("state");
  party.displayName = answer.text("display_name");
  party.changed = answer.text("changed");
  party.idNumber = answer.findText("id_number");
  party.phone = answer.findText("phone");
  party.organisation = answer.findText("organisation");
  party.seal = answer.findText("seal");
  party.revision = answer.findNumber("revision");
  return party;
}

Envelope envelopeOf(const JsonReader& answer) {
  Envelope envelope;
  envelope.id = answer.text("id");
  envelope.kind = answer.text("kind");
  envelope.title = answer.text("title");
  envelope.templateId = answer.text("template");
  envelope.templateVersion = answer.text("template_version");
  envelope.level = answer.text("level");
  envelope.state = answer.text("state");
  envelope.stage = answer.number("stage");
  envelope.revision = answer.number("revision");
  envelope.reason = answer.text("reason");
  envelope.createdBy = answer.text("created_by");
  envelope.created = answer.text("created");
  envelope.changed = answer.text("changed");
  envelope.expires = answer.text("expires");
  envelope.batch = answer.text("batch");
  envelope.row = answer.number("row");
  for (const JsonReader& one : answer.objects("parties")) envelope.parties.push_back(partyOf(one));
  return envelope;
}

Envelope asked(Client& client, const Call& call) {
  return envelopeOf(JsonReader::parse(client.transport().ask(call).body));
}

Envelope changed(Client& client, const std::vector<std::string>& segments) {
  return asked(client, {.method = "POST", .path = pathOf(segments)});
}

}  // namespace

Envelope getEnvelope(Client& client, const std::string& id) {
  return asked(client, {.path = pathOf({"envelopes", id}), .isRepeatable = true});
}

Page<Envelope> listEnvelopes(Client& client, const EnvelopeFilter& filter) {
  const Call call{.path = pathOf({"envelopes"}),
                  .query = {{"state", filter.state},
                            {"batch", filter.batch},
                            {"cursor", filter.cursor},
                            {"limit", std::to_string(filter.limit)}},
                  .isRepeatable = true};
  return pageOf(JsonReader::parse(client.transport().ask(call).body), envelopeOf);
}

Envelope sendEnvelope(Client& client, const std::string& id) { return changed(client, {"envelopes", id, "send"}); }

Envelope remindEnvelope(Client& client, const std::string& id) { return changed(client, {"envelopes", id, "remind"}); }

Envelope revokeEnvelope(Client& client, const std::string& id, const std::string& reason) {
  auto body = newJson();
  body->set("reason", reason);
  return asked(client, {.method = "POST",
                        .path = pathOf({"envelopes", id, "revoke"}),
                        .mediaType = "application/json",
                        .body = dumpJson(body)});
}

Envelope renewLink(Client& client, const std::string& id, const std::string& party) {
  return changed(client, {"envelopes", id, "parties", party, "link"});
}

Download downloadDocument(Client& client, const std::string& id, const std::filesystem::path& file) {
  return client.transport().download(pathOf({"envelopes", id, "document"}), file);
}

Download downloadEvidence(Client& client, const std::string& id, const std::filesystem::path& file) {
  return client.transport().download(pathOf({"envelopes", id, "evidence"}), file);
}

Download exportAudit(Client& client, const std::filesystem::path& file) {
  return client.transport().download(pathOf({"audit", "export"}), file);
}

}  // namespace qianda::client
