#include <iostream>

#include "clients/cli/commands.h"
#include "clients/cli/output.h"
#include "clients/cli/service_settings.h"
#include "server/accounts/first_operator.h"
#include "server/places.h"

namespace qianda::cli {
namespace {

struct AdminArguments {
  std::string organisation, uscc, login, name, passwordFile;
  bool json = false;
};

int createOperator(const server::Configuration& configuration, const AdminArguments& arguments) {
  server::FirstOperator first{arguments.organisation, arguments.uscc, arguments.login, arguments.name, std::nullopt};
  if (!arguments.passwordFile.empty()) first.password = readPassphrase("", arguments.passwordFile);
  storage::Database database(server::databaseAddress(configuration));
  server::Accounts accounts(database, {}, core::now);
  const server::CreatedOperator made = server::createFirstOperator(accounts, first);
  std::cerr << database.name() << ": operator " << made.organisation << ", administrator " << made.user << "\n";
  if (arguments.json) {
    JsonObject::Ptr object = newObject();
    object->set("organisation", made.organisation);
    object->set("user", made.user);
    if (!first.password) object->set("one_time_password", made.password);
    printJson(object);
  } else if (!first.password) {
    std::cout << made.password << "\n";
  }
  return 0;
}

}  // namespace

std::vector<Command> addAdminCommands(CLI::App& app) {
  CLI::App* group = app.add_subcommand("admin", "What is done beside the service, on its database");
  group->require_subcommand(1);
  CLI::App* command = group->add_subcommand(
      "create-operator", "The operator's organisation and its first administrator; prints a one-time password");
  auto arguments = std::make_shared<AdminArguments>();
  const auto settings = std::make_shared<ServiceSettings>(*command);
  command->add_option("--organisation", arguments->organisation, "Name of the organisation")->required();
  command->add_option("--uscc", arguments->uscc, "Its unified social credit code")->required();
  command->add_option("--login", arguments->login, "Login of the administrator")->required();
  command->add_option("--name", arguments->name, "Name of the administrator")->required();
  command->add_option("--password-file", arguments->passwordFile,
                      "File with the administrator's own password, instead of a one-time one");
  command->add_flag("--json", arguments->json, "One JSON object on standard output");
  return {{command, [settings, arguments] { return createOperator(settings->read(), *arguments); }}};
}

}  // namespace qianda::cli
