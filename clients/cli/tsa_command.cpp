#include <iostream>

#include <signal.h>

#include "clients/cli/commands.h"
#include "clients/cli/output.h"
#include "server/timestamp_server.h"

namespace qianda::cli {
namespace {

struct TsaArguments {
  std::string key, passFile, bind = "127.0.0.1", policy = signing::kBestPracticeTimestampPolicy;
  std::uint16_t port = 3161;
};

int serve(const TsaArguments& arguments) {
  // Blocked before any thread starts, so that the signal reaches sigwait() alone.
  sigset_t ends;
  ::sigemptyset(&ends);
  ::sigaddset(&ends, SIGTERM);
  ::sigaddset(&ends, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  auto identity = signing::openPkcs12(arguments.key, readPassphrase(arguments.key, arguments.passFile));
  const server::TimestampServer server(
      std::make_shared<signing::LocalTimestampAuthority>(std::move(identity), arguments.policy), arguments.bind,
      arguments.port);
  std::cout << server.url() << std::endl;
  int signal = 0;
  ::sigwait(&ends, &signal);
  return 0;
}

}  // namespace

std::vector<Command> addTsaCommands(CLI::App& app) {
  CLI::App* group = app.add_subcommand("tsa", "A timestamp authority (RFC 3161)");
  group->require_subcommand(1);
  CLI::App* serving = group->add_subcommand("serve", "Answer timestamp queries over HTTP until SIGTERM");
  auto arguments = std::make_shared<TsaArguments>();
  serving->add_option("--key", arguments->key, "PKCS#12 of the authority")->required();
  serving->add_option("--pass-file", arguments->passFile, "File with its passphrase; default: `passphrase` beside it");
  serving->add_option("--bind", arguments->bind, "Address to listen on")->capture_default_str();
  serving->add_option("--port", arguments->port, "Port; 0 takes a free one. The URL is printed once it listens")
      ->capture_default_str();
  serving->add_option("--policy", arguments->policy, "Policy identifier of the timestamps")->capture_default_str();
  return {{serving, [arguments] { return serve(*arguments); }}};
}

}  // namespace qianda::cli
