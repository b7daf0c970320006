#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>

#include <openssl/sha.h>

#include "clients/cli/commands.h"
#include "clients/cli/credential.h"
#include "clients/cli/output.h"
#include "clients/cli/patience.h"
#include "clients/cli/server_batch.h"
#include "clients/cli/services.h"
#include "contracts/batch.h"
#include "contracts/batches/batch_intake.h"
#include "contracts/roster_snapshot.h"
#include "core/bytes.h"
#include "core/error.h"
#include "core/file.h"
#include "signing/keys/signing_key.h"
#include "storage/segment_document_store.h"
#include "templates/template.h"

namespace qianda::cli {
namespace {

struct BatchArguments : ServerBatch {
  std::string passFile, data, verificationAddress, level = "B-B";
  unsigned threads = 0;
  signing::Patience patience;
  ServiceOptions services;
  bool real = false;
};

std::string sha256(core::BytesView octets) {
  core::Bytes digest(SHA256_DIGEST_LENGTH);
  SHA256(octets.data(), octets.size(), digest.data());
  return core::toHex(digest);
}

// Refused: every fault is listed, and nothing was created.
int refuse(const contracts::RosterVerdict& verdict, bool json) {
  for (const templates::Fault& fault : verdict.faults) std::cerr << contracts::describe(fault) << "\n";
  std::cerr << "qianda: the roster has " << grouped(verdict.faults.size()) << " faults; nothing was created\n";
  if (json) {
    JsonObject::Ptr object = newObject();
    object->set("valid", false);
    object->set("rows", verdict.rows);
    object->set("contracts", 0);
    object->set("created", 0);
    object->set("faults", toJson(verdict.faults));
    object->set("warnings", toJson(verdict.warnings));
    printJson(object);
  }
  return 1;
}

int accept(const contracts::RosterVerdict& verdict, bool json) {
  std::cerr << grouped(verdict.rows) << " rows, no faults, " << grouped(verdict.warnings.size()) << " warnings\n";
  if (json) {
    JsonObject::Ptr object = newObject();
    object->set("valid", true);
    object->set("rows", verdict.rows);
    object->set("faults", newArray());
    object->set("warnings", toJson(verdict.warnings));
    printJson(object);
  }
  return 0;
}

void warn(const contracts::RosterVerdict& verdict) {
  constexpr std::size_t kShown = 20;
  for (std::size_t i = 0; i < verdict.warnings.size() && i < kShown; ++i) {
    std::cerr << "warning: " << contracts::describe(verdict.warnings[i]) << "\n";
  }
  if (verdict.warnings.size() > kShown) {
    std::cerr << "warning: and " << grouped(verdict.warnings.size() - kShown) << " more (--json lists all)\n";
  }
}

bool report(const std::vector<storage::Damage>& damages) {
  for (const storage::Damage& damage : damages) {
    std::cerr << "damage: " << damage.segment << " at " << damage.offset << ": " << damage.problem << "; "
              << damage.affected.size() << " documents affected\n";
    for (const storage::DocumentRow& row : damage.affected) {
      std::cerr << "  document " << row.id.text() << " (batch " << row.batchId << ", row " << row.row << ")\n";
    }
  }
  return !damages.empty();
}

bool isPending(const contracts::BatchOutcome& outcome) { return outcome.batch.state.starts_with("pending_"); }

void printOutcome(const BatchArguments& arguments, const contracts::BatchOutcome& outcome,
                  const contracts::ExportOutcome& exported, const contracts::RosterVerdict& verdict,
                  std::uint64_t storedOctets, const std::vector<storage::Damage>& damages) {
  const double rate = outcome.seconds > 0 ? static_cast<double>(outcome.created) / outcome.seconds : 0;
  std::cerr << grouped(outcome.contracts) << " contracts (" << grouped(outcome.created) << " made now in "
            << outcome.seconds << " s, " << grouped(outcome.existing) << " before), " << grouped(exported.octets)
            << " octets in " << arguments.out << "\n";
  if (isPending(outcome)) {
    std::cerr << "qianda: " << grouped(verdict.rows - outcome.contracts) << " contracts wait (" << outcome.batch.state
              << "): " << outcome.batch.waitReason << "\nNothing was made at a lower level than " << outcome.batch.level
              << ". Run the same command again to make them.\n";
  }
  if (!arguments.json) return;
  JsonObject::Ptr object = newObject();
  object->set("valid", true);
  object->set("batch_id", outcome.batch.id);
  object->set("idempotency_key", outcome.batch.idempotencyKey);
  object->set("state", outcome.batch.state);
  object->set("level", outcome.batch.level);
  object->set("pending", verdict.rows - outcome.contracts);
  object->set("reason", outcome.batch.waitReason);
  object->set("template", outcome.batch.templateId);
  object->set("template_version", outcome.batch.templateVersion);
  object->set("seal", arguments.seal);
  object->set("rows", verdict.rows);
  object->set("contracts", outcome.contracts);
  object->set("created", outcome.created);
  object->set("existing", outcome.existing);
  object->set("seconds", outcome.seconds);
  object->set("contracts_per_second", rate);
  object->set("bytes", exported.octets);
  object->set("stored_bytes", storedOctets);
  object->set("out", arguments.out);
  object->set("exported", exported.files);
  object->set("faults", newArray());
  object->set("warnings", toJson(verdict.warnings));
  JsonArray::Ptr damaged = newArray();
  for (const std::string& sentence : exported.damaged) damaged->add(sentence);
  for (const storage::Damage& damage : damages) damaged->add(damage.segment + ": " + damage.problem);
  object->set("damage", damaged);
  printJson(object);
}

constexpr unsigned kWaitingWorkers = 16;

// Null at B-B, which needs nobody.
std::unique_ptr<Services> outsideOf(const BatchArguments& arguments, signing::Level level) {
  if (level == signing::Level::kB) return nullptr;
  auto services = std::make_unique<Services>(arguments.services, std::vector{arguments.seal});
  if (!services->time()) {
    throw core::Error(core::ErrorCode::kUnavailable,
                      "level " + arguments.level + " needs a timestamp authority: --tsa URL, or a development PKI");
  }
  return services;
}

// Nothing for CSV.
std::optional<contracts::CheckedRoster> readWorkbook(const templates::FrozenTemplate& frozen,
                                                     const contracts::RosterSnapshot& snapshot,
                                                     const std::string& sheet, core::Date today, unsigned threads) {
  std::string head(8, '\0');
  std::ifstream(snapshot.path(), std::ios::binary).read(head.data(), static_cast<std::streamsize>(head.size()));
  if (!templates::looksLikeWorkbook(head)) return std::nullopt;
  return contracts::checkRosterOctets(frozen, core::readFile(snapshot.path()), sheet, today, threads);
}

int batch(const BatchArguments& arguments) {
  const auto form = templates::getTemplate(arguments.form);
  const contracts::RosterSnapshot snapshot(arguments.roster);
  const auto credential = loadCredential(arguments.seal, arguments.passFile);
  const std::string signerSha256 = sha256(credential.certificate);
  contracts::PressOptions options;
  options.seal.ownerName = credential.subjectName;
  options.seal.demo = !arguments.real;
  if (!arguments.verificationAddress.empty()) options.verificationAddress = arguments.verificationAddress;
  options.level = signing::levelNamed(arguments.level);
  const auto outside = outsideOf(arguments, options.level);
  std::optional<contracts::BatchServices> services;
  signing::CadesOptions cades;
  if (outside) {
    services.emplace(outside->longTerm(), arguments.patience);
    options.services = services->longTerm();
    cades.time = services->time();
  }
  contracts::Press press(form, std::make_shared<signing::CadesSigner>(credential, cades), options);

  const unsigned threads = arguments.threads ? arguments.threads : coreCount();
  const core::Date today = core::chinaDate(core::now());
  const auto workbook = readWorkbook(press.frozen(), snapshot, arguments.sheet, today, threads);
  const std::filesystem::path roster = workbook ? workbook->csv.path() : snapshot.path();
  const contracts::RosterVerdict verdict =
      workbook ? workbook->verdict : contracts::checkRoster(press.frozen(), roster, today, threads);
  if (!verdict.passes()) return refuse(verdict, arguments.json);
  if (arguments.validateOnly) return accept(verdict, arguments.json);
  warn(verdict);
  press.prepareFonts(verdict.characters);

  storage::SegmentDocumentStore store(arguments.data);
  report(store.damage());
  contracts::BatchRequest request;
  request.form = form;
  request.roster = roster;
  request.rosterSha256 = snapshot.sha256();
  request.signerSha256 = signerSha256;
  request.rows = verdict.rows;
  request.idempotencyKey = arguments.idempotencyKey;
  // Workers that wait for a key or an authority far away leave the cores to the others.
  const bool isTimeFar = outside && arguments.services.tsa != "local";
  request.threads =
      arguments.threads ? threads : std::max({threads, credential.key->concurrency(), isTimeFar ? kWaitingWorkers : 0});
  request.services = services ? &*services : nullptr;
  contracts::BatchOutcome outcome;
  {
    ProgressBar bar("sealing");
    request.progress = [&](std::uint64_t done, std::uint64_t all) { bar.show(done, all); };
    outcome = contracts::runBatch(store, press, request);
  }
  contracts::ExportOutcome exported;
  {
    ProgressBar bar("exporting");
    exported = contracts::exportBatch(store, outcome.batch.id, arguments.out,
                                      [&](std::uint64_t done, std::uint64_t all) { bar.show(done, all); });
  }
  for (const std::string& sentence : exported.damaged) std::cerr << "damaged: " << sentence << "\n";
  printOutcome(arguments, outcome, exported, verdict, store.storedOctets(), store.damage());
  return exported.damaged.empty() && store.damage().empty() && !isPending(outcome) ? 0 : 3;
}

int chosen(const BatchArguments& arguments, const CLI::App& command) {
  if (arguments.server.isGiven()) {
    checkServerUse(command, {"--template", "--roster", "--sheet", "--seal", "--out", "--validate-only",
                             "--idempotency-key", "--json", "--signing-order", "--deadline", "--no-wait"});
    return batchOnServer(arguments);
  }
  if (arguments.seal.empty()) throw core::Error(core::ErrorCode::kUsage, "--seal is required");
  if (arguments.out.empty()) throw core::Error(core::ErrorCode::kUsage, "--out is required");
  return batch(arguments);
}

}  // namespace

std::vector<Command> addBatchCommands(CLI::App& app) {
  CLI::App* command = app.add_subcommand("batch", "A sealed contract for every row of a roster, each exactly once");
  auto arguments = std::make_shared<BatchArguments>();
  const char* data = std::getenv("QIANDA_DATA");
  arguments->data = data ? data : "var/data";
  command->add_option("--template", arguments->form, "Template id or path")->required();
  command->add_option("--roster", arguments->roster, "CSV (UTF-8 or GB18030) or an Excel workbook (.xlsx)")->required();
  command->add_option("--sheet", arguments->sheet, "Of a workbook; default: the first visible one");
  command->add_option("--seal", arguments->seal, std::string(kKeyHelp) + "; with --server the id of a seal");
  command->add_option("--pass-file", arguments->passFile, kPassFileHelp);
  command->add_option("--out", arguments->out, "Folder for the PDFs; with --server the zip to write");
  command->add_option("--data", arguments->data, "Folder of the document store")->capture_default_str();
  command->add_flag("--validate-only", arguments->validateOnly, "Check the roster and stop");
  command->add_option("--idempotency-key", arguments->idempotencyKey,
                      "The same key is the same batch; default: derived from template, roster and seal");
  command->add_option("--threads", arguments->threads, "Workers; default: one per core");
  command->add_option("--verification-address", arguments->verificationAddress,
                      "Upper-case address in the QR code, before the document's number");
  command->add_flag("--registered-seal", arguments->real, "The seal is a registered one: leave out 示例");
  command->add_option("--level", arguments->level, "B-B, B-T, B-LT or B-LTA (ETSI EN 319 142-1)")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "One JSON object on standard output");
  addServiceOptions(*command, arguments->services);
  addPatienceOptions(*command, arguments->patience);
  addServerOptions(*command, arguments->server, false);
  for (CLI::Option* option : {
           command->add_option("--signing-order", arguments->signingOrder, "employer_first (usual) or employer_last"),
           command->add_option("--deadline", arguments->deadline, "Last day to sign, 2026-12-31"),
           command->add_flag("--no-wait", arguments->noWait, "Leave when the service has taken the batch"),
       }) {
    option->needs("--server");
  }
  return {{command, [arguments, command] { return chosen(*arguments, *command); }}};
}

}  // namespace qianda::cli
