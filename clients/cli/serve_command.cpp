#include <csignal>
#include <iostream>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "clients/cli/commands.h"
#include "clients/cli/termination.h"
#include "core/error.h"
#include "server/application.h"
#include "server/config/configuration.h"

namespace qianda::cli {
namespace {

struct ServeArguments {
  std::string file;
  bool print = false;
  std::vector<std::pair<const server::Setting*, std::string>> flags;
};

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> all;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) all.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return all;
}

int serve(const CLI::App& app, const ServeArguments& arguments) {
  server::Configuration::Sources sources;
  if (!arguments.file.empty()) sources.file = arguments.file;
  sources.environment = environment();
  for (const auto& [setting, value] : arguments.flags) {
    if (app.count("--" + setting->name) > 0) sources.flags[setting->name] = value;
  }
  std::string stray;
  for (const std::string& argument : app.remaining()) {  // what CLI11 does not know: the table names the nearest
    if (argument.starts_with("--")) {
      sources.flags[argument.substr(2, argument.find('=') - 2)];
    } else {
      stray = argument;
    }
  }
  const server::Configuration configuration(sources);
  if (!stray.empty()) throw core::Error(core::ErrorCode::kUsage, "serve does not know the argument " + stray);
  if (arguments.print) {
    std::cout << configuration.print();
    return 0;
  }
  std::signal(SIGPIPE, SIG_IGN);  // a peer that is gone is an error, not the end
  const Termination termination;
  server::Application application(configuration);
  std::cout << "{\"listening\":\"" << application.url() << "\"}" << std::endl;
  termination.wait();
  std::thread([&termination] {  // a second signal ends at once
    termination.wait();
    std::_Exit(3);
  })
      .detach();
  if (application.stop()) return 0;
  std::_Exit(3);  // a handler that does not return must not keep the process
}

std::string helpOf(const server::Setting& setting) {
  return fmt::format("{} [{}{}]", setting.help, server::environmentName(setting.name),
                     setting.value.empty() ? std::string() : ", " + setting.value);
}

}  // namespace

std::vector<Command> addServeCommands(CLI::App& app) {
  CLI::App* serving = app.add_subcommand("serve", "The service: its API over HTTPS until SIGTERM");
  auto arguments = std::make_shared<ServeArguments>();
  serving->allow_extras();
  serving->add_option("--config", arguments->file, "YAML file of settings; the environment and flags go over it");
  serving->add_flag("--print-config", arguments->print, "Print what would be used, and where it comes from");
  arguments->flags.reserve(server::settings().size());
  for (const server::Setting& setting : server::settings()) {
    auto& flag = arguments->flags.emplace_back(&setting, "");
    serving->add_option("--" + setting.name, flag.second, helpOf(setting));
  }
  return {{serving, [serving, arguments] { return serve(*serving, *arguments); }}};
}

}  // namespace qianda::cli
