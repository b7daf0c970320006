// What the test of the consumer asks of the installed library beside the main story; prints what came of it, one fact a
// line. The expectations are in run.py.
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <thread>

#include <qianda/client/batches.h>
#include <qianda/client/envelopes.h>
#include <qianda/client/templates.h>
#include <qianda/client/verification.h>
#include <qianda/client/version.h>
#include <qianda/client/webhooks.h>

using namespace qianda::client;

namespace {

std::string readAll(const char* file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Lines "name: value".
Headers readHeaders(const char* file) {
  Headers headers;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return headers;
}

int tellSelf(Client& client) {
  for (const Template& form : listTemplates(client)) std::cout << "template " << form.id << "\n";
  std::size_t required = 0;
  for (const TemplateField& field : getTemplate(client, "labour-general").fields) required += field.isRequired;
  std::cout << "required fields " << (required > 0) << "\n";
  return 0;
}

// One row inline, of lines "field: value".
int checkInline(Client& client, const char* file) {
  Row row;
  for (const auto& [field, value] : readHeaders(file)) row[field] = value;
  const RosterCheck check = checkRoster(client, {.templateId = "labour-general"}, std::vector<Row>{row});
  std::cout << "valid " << check.isValid << ", rows " << check.rows << "\n";
  for (const Fault& fault : check.faults) std::cout << fault.row << " " << fault.field << " " << fault.code << "\n";
  return 0;
}

int createFrom(Client& client, const char* seal, const char* roster) {
  const CreatedBatch created = createBatch(client, {.templateId = "labour-general", .seal = seal}, roster);
  std::cout << "made " << waitForBatch(client, created.batch.id).made << "\n";
  return 0;
}

int walkEnvelopes(Client& client, const char* batch) {
  std::size_t count = 0, pages = 0;
  EnvelopeFilter filter{.batch = batch, .limit = 2};
  Envelope last;
  for (bool isMore = true; isMore; ++pages) {
    const Page<Envelope> page = listEnvelopes(client, filter);
    count += page.items.size();
    if (!page.items.empty()) last = page.items.back();
    filter.cursor = page.next;
    isMore = !page.next.empty();
  }
  std::cout << "envelopes " << count << " on " << pages << " pages\n";
  std::cout << "reminded " << remindEnvelope(client, last.id).state << "\n";
  for (const Party& party : last.parties) {
    if (party.kind == "person") std::cout << "link renewed " << renewLink(client, last.id, party.name).state << "\n";
  }
  std::cout << "revoked " << revokeEnvelope(client, last.id, "a mistake").state << "\n";
  try {
    sendEnvelope(client, last.id);
  } catch (const Error& error) {
    std::cout << "sent again: " << error.status() << " " << error.code() << "\n";
  }
  return 0;
}

int verifyFile(Client& client, const char* file) {
  const Verification found = verifyPdf(client, file);
  std::cout << found.indication << " " << found.subIndication << ", known " << found.isKnown << ", signatures "
            << found.signatures.size() << "\n";
  return 0;
}

int addWebhook(Client& client, const char* url) {
  const Webhook made = createWebhook(client, url, {"*"}, "the consumer's");
  std::cout << made.id << " " << made.secret << " " << listWebhooks(client).size() << "\n";
  return 0;
}

int replay(Client& client, const char* webhook) {
  Page<WebhookDelivery> delivered;
  while ((delivered = listDeliveries(client, webhook, "delivered")).items.empty()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  const std::string event = delivered.items.back().event;
  std::cout << "replayed " << replayEvent(client, webhook, event) << "\n";
  deleteWebhook(client, webhook);
  std::cout << "left " << listWebhooks(client).size() << "\n";
  return 0;
}

int checkWebhook(const char* secret, const char* headers, const char* body) {
  const WebhookEvent event =
      verifyWebhook(secret, readHeaders(headers), readAll(body), std::chrono::system_clock::now());
  std::cout << "genuine " << event.type << " " << event.sequence << "\n";
  return 0;
}

int run(const std::string& what, char** more) {
  if (what == "version") {
    std::cout << QIANDA_CLIENT_VERSION << "\n";
    return 0;
  }
  if (what == "webhook") return checkWebhook(more[0], more[1], more[2]);
  Client client({.server = more[0], .apiKey = readApiKey(more[1]), .authorities = more[2]});
  if (what == "templates") return tellSelf(client);
  if (what == "inline") return checkInline(client, more[3]);
  if (what == "create") return createFrom(client, more[3], more[4]);
  if (what == "envelopes") return walkEnvelopes(client, more[3]);
  if (what == "verify") return verifyFile(client, more[3]);
  if (what == "audit") {
    std::cout << "octets " << (exportAudit(client, more[3]).octets > 0) << "\n";
    return 0;
  }
  if (what == "add-webhook") return addWebhook(client, more[3]);
  if (what == "replay") return replay(client, more[3]);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return argc > 1 ? run(argv[1], argv + 2) : 2;
  } catch (const Error& error) {
    std::cout << "refused " << error.status() << " " << error.code();
    for (const Fault& fault : error.faults())
      std::cout << " " << fault.row << "/" << fault.column << "/" << fault.field;
    std::cout << "\n";
    std::cerr << error.what() << "\n";
    return 1;
  }
}
