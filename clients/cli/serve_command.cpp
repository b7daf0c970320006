#include <csignal>
#include <iostream>
#include <thread>

#include "clients/cli/commands.h"
#include "clients/cli/service_settings.h"
#include "clients/cli/termination.h"
#include "server/application.h"

namespace qianda::cli {
namespace {

int serve(const server::Configuration& configuration) {
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

}  // namespace

std::vector<Command> addServeCommands(CLI::App& app) {
  CLI::App* serving = app.add_subcommand("serve", "The service: its API over HTTPS until SIGTERM");
  const auto settings = std::make_shared<ServiceSettings>(*serving);
  const auto print = std::make_shared<bool>(false);
  serving->add_flag("--print-config", *print, "Print what would be used, and where it comes from");
  return {{serving, [settings, print] {
             const server::Configuration configuration = settings->read();
             if (!*print) return serve(configuration);
             std::cout << configuration.print();
             return 0;
           }}};
}

}  // namespace qianda::cli
