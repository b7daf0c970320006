// qianda-remote-signer: the reference server on the command line. Prints its URL when it listens, ends on SIGTERM.
#include <filesystem>
#include <iostream>
#include <map>

#include <CLI/CLI.hpp>
#include <signal.h>

#include "clients/remote-signer/signer_server.h"
#include "core/error.h"
#include "core/file.h"

namespace qianda::remote_signer {
namespace {

struct Arguments {
  std::string keys, passFile, tokenFile;
  SignerOptions options;
};

std::string readLine(const std::filesystem::path& path) {
  constexpr std::size_t kLongest = 4096;
  std::string text = core::readFile(path, kLongest);
  text.erase(std::min(text.size(), text.find_first_of("\r\n")));
  return text;
}

// Every *.p12 of the folder by its name without the ending.
std::map<std::string, signing::Credential> loadKeys(const Arguments& arguments) {
  const std::filesystem::path folder = arguments.keys;
  const std::string passphrase =
      readLine(arguments.passFile.empty() ? folder / "passphrase" : std::filesystem::path(arguments.passFile));
  std::map<std::string, signing::Credential> credentials;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".p12") continue;
    credentials.emplace(entry.path().stem(), signing::loadPkcs12(entry.path(), passphrase));
  }
  if (credentials.empty()) throw core::Error(core::ErrorCode::kInvalidInput, arguments.keys + " holds no *.p12 file");
  return credentials;
}

int serve(Arguments& arguments) {
  // Blocked before any thread starts, so that the signal reaches sigwait() alone. A peer that is gone is an error.
  sigset_t ends;
  ::sigemptyset(&ends);
  ::sigaddset(&ends, SIGTERM);
  ::sigaddset(&ends, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  arguments.options.token = readLine(arguments.tokenFile);
  if (arguments.options.token.empty()) throw core::Error(core::ErrorCode::kUsage, "the token is empty");
  const SignerServer server(loadKeys(arguments), arguments.options);
  std::cout << server.url() << std::endl;
  int signal = 0;
  ::sigwait(&ends, &signal);
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app("Signs digests for those who hold the token (docs/remote-signer.md)", "qianda-remote-signer");
  Arguments arguments;
  app.add_option("--keys", arguments.keys, "Folder: NAME.p12 is the credential NAME")->required();
  app.add_option("--pass-file", arguments.passFile, "File with their passphrase; default: `passphrase` beside them");
  app.add_option("--token-file", arguments.tokenFile, "File with the bearer token callers must know")->required();
  auto* certificate = app.add_option("--tls-certificate", arguments.options.certificate, "PEM; without: plain HTTP");
  app.add_option("--tls-key", arguments.options.key, "PEM of its key")->needs(certificate);
  app.add_option("--bind", arguments.options.bind, "Address to listen on")->capture_default_str();
  app.add_option("--port", arguments.options.port, "Port; 0 takes a free one")->capture_default_str();
  app.add_option("--threads", arguments.options.threads, "Connections served at once")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return serve(arguments);
}

}  // namespace
}  // namespace qianda::remote_signer

int main(int argc, char** argv) {
  try {
    return qianda::remote_signer::run(argc, argv);
  } catch (const qianda::core::Error& error) {
    std::cerr << "qianda-remote-signer: " << error.what() << "\n";
    using Code = qianda::core::ErrorCode;
    return error.code() == Code::kUsage                                          ? 2
           : error.code() == Code::kUnavailable || error.code() == Code::kSystem ? 3
                                                                                 : 1;
  } catch (const std::exception& error) {
    std::cerr << "qianda-remote-signer: " << error.what() << "\n";
    return 3;
  }
}
