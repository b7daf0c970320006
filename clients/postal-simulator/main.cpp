// qianda-postal-simulator: the simulated partner on the command line. Prints its URL when it listens, ends on SIGTERM.
#include <iostream>

#include <CLI/CLI.hpp>
#include <signal.h>

#include "clients/postal-simulator/simulator.h"
#include "core/error.h"
#include "core/file.h"
#include "delivery/partner/post_text.h"

namespace qianda::postal_simulator {
namespace {

constexpr const char* kOtherwise = "@1h-203.6h-305.12h-954.6h-306.2h-702.3h-704[本人;证件]";

struct Arguments {
  std::string partners, script, otherwise = kOtherwise, epoch;
  int retryMs = 200;
  SimulatorOptions options;
};

int serve(Arguments& arguments) {
  // Blocked before any thread starts, so that the signal reaches sigwait() alone. A peer that is gone is an error.
  sigset_t ends;
  ::sigemptyset(&ends);
  ::sigaddset(&ends, SIGTERM);
  ::sigaddset(&ends, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  SimulatorOptions& options = arguments.options;
  if (!(options.book.speed > 0)) throw core::Error(core::ErrorCode::kUsage, "--speed: a number above 0 is needed");
  if (!arguments.epoch.empty()) {
    options.book.epoch = delivery::parseIsoInstant(arguments.epoch);
    if (!options.book.epoch) throw core::Error(core::ErrorCode::kUsage, "--epoch: such as 2026-03-02T09:00:00+08:00");
  }
  options.retry = std::chrono::milliseconds(arguments.retryMs);
  options.otherwise = parseScript(arguments.otherwise, "--default");
  if (!arguments.script.empty()) {
    options.rules = ScriptRules::parse(core::readFile(arguments.script), arguments.script);
  }
  const Simulator simulator(delivery::parsePartners(core::readFile(arguments.partners), arguments.partners), options);
  std::cout << simulator.url() << std::endl;
  int signal = 0;
  ::sigwait(&ends, &signal);
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app("A postal partner that does what a script says (docs/postal-simulator.md)", "qianda-postal-simulator");
  Arguments arguments;
  SimulatorOptions& options = arguments.options;
  app.add_option("--partners", arguments.partners, "The partners it plays, as the service's own file names them")
      ->required();
  app.add_option("--push", options.pushTarget, "Where events are told, with {partner} in it");
  app.add_option("--state", options.book.state, "Journal: what is in it outlives the process");
  app.add_option("--script", arguments.script, "Lines of a pattern of order numbers and a script");
  app.add_option("--default", arguments.otherwise, "Script of every other parcel")->capture_default_str();
  app.add_option("--speed", options.book.speed, "How many seconds of a script pass in one")->capture_default_str();
  app.add_option("--epoch", arguments.epoch, "Scripts begin at this instant: events are told with its times");
  app.add_option("--faults", options.faults, "JSON of faults, as POST /control takes it");
  app.add_option("--first-number", options.book.firstNumber, "Waybills are numbered from here on");
  app.add_flag("--s10", options.book.isS10, "Waybills such as LZ290346175CN instead of thirteen digits");
  app.add_option("--bind", options.bind, "Address to listen on")->capture_default_str();
  app.add_option("--port", options.port, "Port; 0 takes a free one")->capture_default_str();
  app.add_option("--threads", options.threads, "Connections served at once")->capture_default_str();
  app.add_option("--pushers", options.pushers, "Pushes sent at once")->capture_default_str();
  app.add_option("--retry-ms", arguments.retryMs, "Pause before a push is tried again, growing")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return serve(arguments);
}

}  // namespace
}  // namespace qianda::postal_simulator

int main(int argc, char** argv) {
  try {
    return qianda::postal_simulator::run(argc, argv);
  } catch (const qianda::core::Error& error) {
    std::cerr << "qianda-postal-simulator: " << error.what() << "\n";
    using Code = qianda::core::ErrorCode;
    return error.code() == Code::kUsage                                          ? 2
           : error.code() == Code::kUnavailable || error.code() == Code::kSystem ? 3
                                                                                 : 1;
  } catch (const std::exception& error) {
    std::cerr << "qianda-postal-simulator: " << error.what() << "\n";
    return 3;
  }
}
