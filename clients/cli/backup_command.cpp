#include <iostream>

#include "clients/cli/commands.h"
#include "clients/cli/output.h"
#include "clients/cli/service_settings.h"
#include "server/places.h"
#include "storage/backup/backup.h"

namespace qianda::cli {
namespace {

void set(JsonObject& object, const storage::BackupReport& report) {
  object.set("made", report.made);
  object.set("schema", report.schema);
  object.set("files", report.files);
  object.set("octets", report.octets);
}

// Prints what was found; false when something is inconsistent.
bool addConsistency(JsonObject& object, const server::Configuration& configuration) {
  storage::Database database(server::databaseAddress(configuration));
  const auto documents = server::openDocuments(configuration, database, true);
  const storage::ConsistencyReport report = storage::checkConsistency(database, *documents);
  object.set("revisions", report.revisions);
  object.set("audit_entries", report.auditEntries);
  JsonArray::Ptr problems = newArray();
  for (const storage::Inconsistency& found : report.problems) {
    JsonObject::Ptr problem = newObject();
    problem->set("subject", found.subject);
    problem->set("problem", found.problem);
    problems->add(problem);
    std::cerr << "qianda: " << found.subject << ": " << found.problem << "\n";
  }
  object.set("problems", problems);
  return report.problems.empty();
}

struct Arguments {
  std::string folder;
  bool check = true;
};

int backUp(const server::Configuration& configuration, const Arguments& arguments) {
  JsonObject::Ptr object = newObject();
  set(*object, storage::backUp(server::backupPlace(configuration), arguments.folder));
  // Read back from the copy's disk, and the source looked through while it works.
  storage::checkBackup(arguments.folder);
  const bool isConsistent = !arguments.check || addConsistency(*object, configuration);
  printJson(object);
  return isConsistent ? 0 : 3;
}

int restore(const server::Configuration& configuration, const Arguments& arguments) {
  JsonObject::Ptr object = newObject();
  set(*object, storage::restoreBackup(arguments.folder, server::backupPlace(configuration)));
  const bool isConsistent = !arguments.check || addConsistency(*object, configuration);
  printJson(object);
  return isConsistent ? 0 : 3;
}

int check(const server::Configuration& configuration) {
  JsonObject::Ptr object = newObject();
  const bool isConsistent = addConsistency(*object, configuration);
  printJson(object);
  return isConsistent ? 0 : 3;
}

}  // namespace

std::vector<Command> addBackupCommands(CLI::App& app) {
  CLI::App* backing = app.add_subcommand("backup", "Copy everything a service keeps, while it runs");
  CLI::App* restoring = app.add_subcommand("restore", "Put a backup into an empty data folder and database");
  CLI::App* checking =
      app.add_subcommand("check", "Is every revision readable as signed, and every audit stream whole?");
  const auto made = std::make_shared<Arguments>(), taken = std::make_shared<Arguments>();
  const auto from = std::make_shared<ServiceSettings>(*backing), to = std::make_shared<ServiceSettings>(*restoring),
             of = std::make_shared<ServiceSettings>(*checking);
  backing->add_option("--out", made->folder, "Folder to make; keep it as safe as the keys that are in it")->required();
  backing->add_flag("!--no-check", made->check, "Do not read every document and audit stream of the source");
  restoring->add_option("--from", taken->folder, "Folder of the backup")->required();
  restoring->add_flag("!--no-check", taken->check, "Do not read every document and audit stream afterwards");
  return {{backing, [from, made] { return backUp(from->read(), *made); }},
          {restoring, [to, taken] { return restore(to->read(), *taken); }},
          {checking, [of] { return check(of->read()); }}};
}

}  // namespace qianda::cli
