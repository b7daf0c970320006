// The arbitration court's side of a service: cases, documents to serve, and the postal queue (docs/delivery.md). Every
// answer is one JSON object of the API on standard output.
#include <iostream>
#include <sstream>

#include <qianda/client/raw.h>

#include "clients/cli/commands.h"
#include "clients/cli/output.h"
#include "clients/cli/server_options.h"
#include "core/error.h"
#include "core/file.h"
#include "core/id.h"

namespace qianda::cli {
namespace {

using client::Client;
using client::RawCall;
using core::Error;
using core::ErrorCode;

constexpr std::size_t kLargestFile = 8u << 20;

struct Arguments {
  ServerOptions server;
  std::string id, file, state, number, caseId, needs, kind, day, step, seal, method = "auto", key, out, after;
  std::vector<std::string> pairs;
};
using Given = std::shared_ptr<Arguments>;

int tell(Client& service, const RawCall& call) {
  std::cout << client::ask(service, call) << "\n";
  return 0;
}

std::string dump(const JsonObject::Ptr& object) {
  std::ostringstream out;
  object->stringify(out);
  return out.str();
}

// NAME=VALUE, as often as given.
JsonObject::Ptr pairsOf(const std::vector<std::string>& pairs, const char* option) {
  JsonObject::Ptr object = newObject();
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(ErrorCode::kUsage, std::string(option) + " must be NAME=VALUE, not " + pair);
    }
    object->set(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return object;
}

RawCall getCall(std::vector<std::string> path, std::vector<std::pair<std::string, std::string>> query = {}) {
  return {.method = "GET", .path = std::move(path), .query = std::move(query)};
}

int createCase(Client& service, const Arguments& given) {
  return tell(service, {.method = "POST", .path = {"cases"}, .json = core::readFile(given.file, kLargestFile)});
}

int addEvent(Client& service, const Arguments& given) {
  JsonObject::Ptr body = newObject();
  body->set("kind", given.kind);
  body->set("day", given.day);
  body->set("details", pairsOf(given.pairs, "--detail"));
  return tell(service, {.method = "POST", .path = {"cases", given.id, "events"}, .json = dump(body)});
}

// A key of its own unless one is given: then the same command is safe to repeat.
int serveDocuments(Client& service, const Arguments& given) {
  const std::string key = given.key.empty() ? core::DocumentId::random().text() : given.key;
  if (!given.file.empty()) {
    return tell(service, {.method = "POST",
                          .path = {"issued-steps"},
                          .json = core::readFile(given.file, kLargestFile),
                          .idempotencyKey = key});
  }
  if (given.caseId.empty() || given.step.empty() || given.seal.empty()) {
    throw Error(ErrorCode::kUsage, "give either --file, or --case, --step and --seal");
  }
  JsonObject::Ptr body = newObject();
  body->set("seal", given.seal);
  body->set("step", given.step);
  body->set("method", given.method);
  body->set("values", pairsOf(given.pairs, "--value"));
  return tell(service,
              {.method = "POST", .path = {"cases", given.caseId, "steps"}, .json = dump(body), .idempotencyKey = key});
}

int download(Client& service, const Arguments& given) {
  const std::string record = client::ask(service, getCall({"service-records", given.id}));
  const client::Download done = client::download(service, {"service-records", given.id, "proof"}, given.out);
  std::cerr << done.file.string() << ": " << grouped(done.octets) << " octets\n";
  std::cout << record << "\n";
  return 0;
}

enum Has : unsigned { kNone = 0, kId = 1, kFile = 2, kList = 4, kEvent = 8, kRecords = 16, kOut = 32 };

struct Row {
  const char *group, *name, *help;
  unsigned has;
  int (*run)(Client&, const Arguments&);
};

const Row kRows[] = {
    {"case", "list", "Cases, or the one of a number", kList,
     [](Client& c, const Arguments& a) {
       return tell(c, getCall({"cases"}, {{"state", a.state}, {"number", a.number}, {"cursor", a.after}}));
     }},
    {"case", "get", "A case with its parties, addresses and events", kId,
     [](Client& c, const Arguments& a) {
       return tell(c, getCall({"cases", a.id}));
     }},
    {"case", "create", "Register a case from a JSON file (createCase in openapi.yaml)", kFile, createCase},
    {"case", "event", "Add what happened in a case", kId | kEvent, addEvent},
    {"case", "clock", "The statutory deadlines of a case", kId,
     [](Client& c, const Arguments& a) {
       return tell(c, getCall({"cases", a.id, "clock"}));
     }},
    {"case", "deadlines", "Deadlines of open cases that are near or over", kList,
     [](Client& c, const Arguments& a) {
       return tell(c, getCall({"deadline-alarms"}, {{"state", a.state.empty() ? "overdue" : a.state}}));
     }},
    {"case", "steps", "What can be issued, with the values each step asks for", kNone,
     [](Client& c, const Arguments&) { return tell(c, getCall({"case-steps"})); }},
    {"service", "list", "Service records", kRecords,
     [](Client& c, const Arguments& a) {
       return tell(c, getCall({"service-records"},
                              {{"case", a.caseId}, {"state", a.state}, {"needs", a.needs}, {"cursor", a.after}}));
     }},
    {"service", "get", "A service record with attempts, evidence, decisions and the ruling", kId,
     [](Client& c, const Arguments& a) {
       return tell(c, getCall({"service-records", a.id}));
     }},
    {"service", "proof", "The sealed report of service", kId | kOut, download},
    {"queue", "status", "The postal queue: tasks, lag, deaf workers, breakers", kNone,
     [](Client& c, const Arguments&) { return tell(c, getCall({"postal-queue"})); }},
    {"queue", "dead", "Tasks that were given up", kList,
     [](Client& c, const Arguments& a) {
       return tell(c, getCall({"postal-queue", "dead"}, {{"cursor", a.after}}));
     }},
    {"queue", "replay", "Try a dead task again", kId,
     [](Client& c, const Arguments& a) {
       return tell(c, {.method = "POST", .path = {"postal-queue", "dead", a.id, "replay"}});
     }},
};

void addOptions(CLI::App& command, const Row& row, Arguments& given) {
  if (row.has & kId) command.add_option("ID", given.id, "Its id")->required();
  if (row.has & kFile) command.add_option("FILE", given.file, "JSON file")->required()->check(CLI::ExistingFile);
  if (row.has & kOut) command.add_option("--out", given.out, "File to write")->required();
  if (row.has & kEvent) {
    command.add_option("KIND", given.kind, "What happened, such as mediation_ended")->required();
    command.add_option("--day", given.day, "Day, 2026-01-31")->required();
    command.add_option("--detail", given.pairs, "NAME=VALUE; several may be given")->allow_extra_args(false);
  }
  if (row.has & (kList | kRecords)) {
    command.add_option("--state", given.state, "Of this state alone");
    command.add_option("--after", given.after, "The `next` of the page before");
  }
  if (row.has & kList) command.add_option("--number", given.number, "Number of a case");
  if (row.has & kRecords) {
    command.add_option("--case", given.caseId, "Of this case alone");
    command.add_option("--needs", given.needs, "confirmation or review");
  }
  addServerOptions(command, given.server);
}

Command serveDocsCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "serve-docs", "Issue the documents of a step to the right parties: filled, sealed, and their service begun");
  const Given given = std::make_shared<Arguments>();
  command->add_option("--case", given->caseId, "Id of the case");
  command->add_option("--step", given->step, "Name of the step, such as accept (qianda case steps)");
  command->add_option("--seal", given->seal, "Id of the court's seal");
  command->add_option("--value", given->pairs, "NAME=VALUE of the step; several may be given")->allow_extra_args(false);
  command->add_option("--method", given->method, "auto, electronic, postal or none")->capture_default_str();
  command->add_option("--file", given->file, "JSON file with many steps (issueManySteps in openapi.yaml)")
      ->check(CLI::ExistingFile);
  command->add_option("--key", given->key, "Idempotency key: the same command again issues nothing twice");
  addServerOptions(*command, given->server);
  return {command, [given] {
            Client service = connect(given->server);
            return serveDocuments(service, *given);
          }};
}

}  // namespace

std::vector<Command> addCourtCommands(CLI::App& app) {
  app.add_subcommand("case", "Cases of labour arbitration")->require_subcommand(1);
  app.add_subcommand("service", "Service of documents: records and proofs")->require_subcommand(1);
  app.add_subcommand("queue", "The postal queue")->require_subcommand(1);
  std::vector<Command> commands = {serveDocsCommand(app)};
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
