#include <iostream>

#include <qianda/client/batches.h>
#include <qianda/client/envelopes.h>
#include <qianda/client/webhooks.h>

#include "clients/cli/commands.h"
#include "clients/cli/output.h"
#include "clients/cli/server_batch.h"
#include "clients/cli/server_json.h"
#include "core/error.h"

namespace qianda::cli {
namespace {

using client::Client;

struct Arguments {
  ServerOptions server;
  std::string id, party, reason, out, state, batch, cursor, url, event, since, description;
  std::vector<std::string> events;
  int limit = 50;
  bool json = false;
};
using Given = std::shared_ptr<Arguments>;

void say(const client::Batch& batch) {
  std::cout << batch.id << "  " << batch.state << "  " << batch.made << "/" << batch.rows << " made, " << batch.failed
            << " failed  " << batch.templateId << "  " << batch.createdAt
            << (batch.reason.empty() ? "" : "  " + batch.reason) << "\n";
}
void say(const client::BatchRow& row) {
  std::cout << row.row << "  " << row.state << "  " << row.envelope << "  " << row.name
            << (row.reason.empty() ? "" : "  " + row.reason) << "\n";
}
void say(const client::Envelope& envelope) {
  std::cout << envelope.id << "  " << envelope.state << "  " << envelope.title << "  " << envelope.changed
            << (envelope.reason.empty() ? "" : "  " + envelope.reason) << "\n";
}
void say(const client::Webhook& webhook) {
  std::cout << webhook.id << "  " << webhook.state << "  " << webhook.url
            << (webhook.reason.empty() ? "" : "  " + webhook.reason) << "\n";
  if (!webhook.secret.empty()) std::cout << "secret " << webhook.secret << "  (shown once)\n";
}
void say(const client::WebhookDelivery& delivery) {
  std::cout << delivery.id << "  " << delivery.state << "  " << delivery.type << "  " << delivery.subject << " #"
            << delivery.sequence << "  event " << delivery.event << "  " << delivery.outcome << "\n";
}

// How a result is told: one thing, or a page of them.
template <typename Item>
int tell(const Item& item, bool json) {
  json ? printJson(toJson(item)) : say(item);
  return 0;
}
template <typename Item>
int tell(const client::Page<Item>& page, bool json) {
  if (json) {
    printJson(toJson(page));
    return 0;
  }
  for (const Item& item : page.items) say(item);
  if (!page.next.empty()) std::cerr << "more: --after " << page.next << "\n";
  return 0;
}

int tell(const client::Download& download, bool json) {
  std::cerr << download.file.string() << ": " << grouped(download.octets) << " octets\n";
  if (json) {
    JsonObject::Ptr object = newObject();
    object->set("out", download.file.string());
    object->set("bytes", download.octets);
    printJson(object);
  }
  return 0;
}

int waitFor(Client& service, const Arguments& given) {
  ProgressBar bar("sealing");
  const client::Batch batch = client::waitForBatch(service, given.id, {.onProgress = [&bar](const client::Batch& now) {
                                                     bar.show(static_cast<std::uint64_t>(now.made + now.failed),
                                                              static_cast<std::uint64_t>(now.rows));
                                                   }});
  tell(batch, given.json);
  return statusOf(batch.state, batch.failed);
}

int replay(Client& service, const Arguments& given) {
  if (given.event.empty() == given.since.empty()) {
    throw core::Error(core::ErrorCode::kUsage, "give either --event or --since");
  }
  const std::int64_t count = given.event.empty() ? client::replaySince(service, given.id, given.since)
                                                 : client::replayEvent(service, given.id, given.event);
  if (given.json) {
    JsonObject::Ptr object = newObject();
    object->set("replayed", count);
    printJson(object);
  } else {
    std::cout << count << " events will be sent once more\n";
  }
  return 0;
}

int listWebhooks(Client& service, const Arguments& given) {
  return tell(client::Page<client::Webhook>{client::listWebhooks(service), ""}, given.json);
}

int deleteWebhook(Client& service, const Arguments& given) {
  client::deleteWebhook(service, given.id);
  std::cerr << given.id << ": removed\n";
  return 0;
}

// Which options a command has beside the server's.
enum Has : unsigned { kNone = 0, kId = 1, kOut = 2, kPage = 4, kParty = 8, kReason = 16, kFilter = 32, kHook = 64 };

struct Row {
  const char *group, *name, *help;
  unsigned has;
  int (*run)(Client&, const Arguments&);
};

const Row kRows[] = {
    {"batches", "list", "Batches, newest first", kPage,
     [](Client& c, const Arguments& a) { return tell(client::listBatches(c, a.cursor, a.limit), a.json); }},
    {"batches", "get", "How far a batch is", kId,
     [](Client& c, const Arguments& a) { return tell(client::getBatch(c, a.id), a.json); }},
    {"batches", "rows", "What became of each row", kId | kPage,
     [](Client& c, const Arguments& a) { return tell(client::listBatchRows(c, a.id, a.cursor, a.limit), a.json); }},
    {"batches", "wait", "Follow a batch until it is over", kId, waitFor},
    {"batches", "cancel", "Make no further group; what was made stays", kId,
     [](Client& c, const Arguments& a) { return tell(client::cancelBatch(c, a.id), a.json); }},
    {"batches", "download", "All documents and the list of results, one zip", kId | kOut,
     [](Client& c, const Arguments& a) { return tell(client::downloadBatch(c, a.id, a.out), a.json); }},
    {"envelope", "list", "Envelopes, newest first", kPage | kFilter,
     [](Client& c, const Arguments& a) {
       return tell(client::listEnvelopes(c, {a.state, a.batch, a.cursor, a.limit}), a.json);
     }},
    {"envelope", "get", "One envelope with its parties", kId,
     [](Client& c, const Arguments& a) { return tell(client::getEnvelope(c, a.id), a.json); }},
    {"envelope", "send", "Send a draft", kId,
     [](Client& c, const Arguments& a) { return tell(client::sendEnvelope(c, a.id), a.json); }},
    {"envelope", "remind", "Ask the parties whose turn it is once more", kId,
     [](Client& c, const Arguments& a) { return tell(client::remindEnvelope(c, a.id), a.json); }},
    {"envelope", "revoke", "Take back what is not completed", kId | kReason,
     [](Client& c, const Arguments& a) { return tell(client::revokeEnvelope(c, a.id, a.reason), a.json); }},
    {"envelope", "link", "End the links of a person and send a new one to it", kId | kParty,
     [](Client& c, const Arguments& a) { return tell(client::renewLink(c, a.id, a.party), a.json); }},
    {"envelope", "download", "The newest revision", kId | kOut,
     [](Client& c, const Arguments& a) { return tell(client::downloadDocument(c, a.id, a.out), a.json); }},
    {"webhook", "list", "Where events go", kNone, listWebhooks},
    {"webhook", "create", "Add an endpoint; its secret is shown once", kHook,
     [](Client& c, const Arguments& a) {
       return tell(client::createWebhook(c, a.url, a.events, a.description), a.json);
     }},
    {"webhook", "delete", "Remove an endpoint with its delivery log", kId, deleteWebhook},
    {"webhook", "deliveries", "Deliveries of an endpoint, newest first", kId,
     [](Client& c, const Arguments& a) { return tell(client::listDeliveries(c, a.id, a.state, a.cursor), a.json); }},
    {"webhook", "replay", "Send one event, or all since an instant, once more", kId, replay},
};

void addOptions(CLI::App& command, const Row& row, Arguments& given) {
  if (row.has & kId) command.add_option("ID", given.id, "Its id")->required();
  if (row.has & kParty) command.add_option("PARTY", given.party, "The party's name")->required();
  if (row.has & kOut) command.add_option("--out", given.out, "File to write")->required();
  if (row.has & kReason) command.add_option("--reason", given.reason, "Told to the parties")->required();
  if (row.has & kFilter) {
    command.add_option("--state", given.state, "Of this state alone");
    command.add_option("--batch", given.batch, "Of this batch alone");
  }
  if (row.has & kPage) {
    command.add_option("--after", given.cursor, "The `next` of the page before");
    command.add_option("--limit", given.limit, "Items at most")->capture_default_str();
  }
  if (row.has & kHook) {
    command.add_option("URL", given.url, "https address")->required();
    command.add_option("--event", given.events, "Types of events, envelope.* or *; several may be given")
        ->required()
        ->allow_extra_args(false);
    command.add_option("--description", given.description, "For people");
  }
  if (row.run == replay) {
    command.add_option("--event", given.event, "Id of an event");
    command.add_option("--since", given.since, "An instant, 2026-01-31T08:00:00+08:00");
  }
  if (std::string_view(row.name) == "deliveries") {
    command.add_option("--state", given.state, "pending, delivered or dead");
    command.add_option("--after", given.cursor, "The `next` of the page before");
  }
  addServerOptions(command, given.server);
  command.add_flag("--json", given.json, "One JSON object on standard output");
}

}  // namespace

std::vector<Command> addServerCommands(CLI::App& app) {
  app.add_subcommand("batches", "Batches of a service")->require_subcommand(1);
  app.add_subcommand("envelope", "Envelopes of a service")->require_subcommand(1);
  app.add_subcommand("webhook", "Where a service sends its events")->require_subcommand(1);
  std::vector<Command> commands;
  for (const Row& row : kRows) {
    CLI::App* command = app.get_subcommand(row.group)->add_subcommand(row.name, row.help);
    const Given given = std::make_shared<Arguments>();
    addOptions(*command, row, *given);
    commands.push_back({command, [given, run = row.run] {
                          Client service = connect(given->server);
                          return run(service, *given);
                        }});
  }
  return commands;
}

}  // namespace qianda::cli
