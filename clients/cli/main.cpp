#include <iostream>

#include "clients/cli/commands.h"
#include "clients/cli/server_options.h"
#include "core/error.h"

namespace {

// The exit status that an error stands for.
int statusOf(qianda::core::ErrorCode code) {
  using qianda::core::ErrorCode;
  switch (code) {
    case ErrorCode::kUsage:
      return 2;
    case ErrorCode::kUnavailable:
    case ErrorCode::kCorrupt:
    case ErrorCode::kSystem:
      return 3;
    default:
      return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  using namespace qianda;
  CLI::App app("Qianda 签达: labour contracts from a template and a roster, sealed by the thousand, and verified",
               "qianda");
  app.require_subcommand(1);
  app.set_version_flag("--version", "qianda 0.1.0");
  std::vector<cli::Command> commands;
  for (auto* add : cli::kCommands) {
    for (cli::Command& command : add(app)) commands.push_back(std::move(command));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    for (const cli::Command& command : commands) {
      if (command.app->parsed()) return command.run();
    }
    return 2;
  } catch (const client::Error& error) {
    std::cerr << "qianda: " << cli::describe(error) << "\n";
    return cli::statusOf(error);
  } catch (const core::Error& error) {
    std::cerr << "qianda: " << error.what() << "\n";
    return statusOf(error.code());
  } catch (const std::exception& error) {
    std::cerr << "qianda: " << error.what() << "\n";
    return 3;
  }
}
