#include <iostream>

#include "clients/cli/commands.h"
#include "clients/cli/output.h"
#include "clients/cli/services.h"
#include "clients/cli/termination.h"
#include "server/timestamp_server.h"

namespace qianda::cli {
namespace {

struct TsaArguments {
  std::string key, ca, passFile, bind = "127.0.0.1", policy = signing::kBestPracticeTimestampPolicy;
  std::uint16_t port = 3161;
};

int serve(const TsaArguments& arguments) {
  const Termination termination;
  auto identity = arguments.ca.empty()
                      ? signing::openPkcs12(arguments.key, readPassphrase(arguments.key, arguments.passFile))
                      : openAuthority(arguments.ca, arguments.passFile)->timestampKey();
  const server::TimestampServer server(
      std::make_shared<signing::LocalTimestampAuthority>(std::move(identity), arguments.policy), arguments.bind,
      arguments.port);
  std::cout << server.url() << std::endl;
  termination.wait();
  return 0;
}

}  // namespace

std::vector<Command> addTsaCommands(CLI::App& app) {
  CLI::App* group = app.add_subcommand("tsa", "A timestamp authority (RFC 3161)");
  group->require_subcommand(1);
  CLI::App* serving = group->add_subcommand("serve", "Answer timestamp queries over HTTP until SIGTERM");
  auto arguments = std::make_shared<TsaArguments>();
  CLI::Option_group* identity = serving->add_option_group("identity");
  identity->add_option("--key", arguments->key, "PKCS#12 of the timestamp authority");
  identity->add_option("--ca", arguments->ca, "Folder of a certificate authority (`qianda ca`) that certifies its key");
  identity->require_option(1);
  serving->add_option("--pass-file", arguments->passFile,
                      "File with the passphrase; default: `passphrase` beside the key or in the folder");
  serving->add_option("--bind", arguments->bind, "Address to listen on")->capture_default_str();
  serving->add_option("--port", arguments->port, "Port; 0 takes a free one. The URL is printed once it listens")
      ->capture_default_str();
  serving->add_option("--policy", arguments->policy, "Policy identifier of the timestamps")->capture_default_str();
  return {{serving, [arguments] { return serve(*arguments); }}};
}

}  // namespace qianda::cli
