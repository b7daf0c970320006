#include "clients/cli/server_options.h"

#include <algorithm>

#include "core/error.h"

namespace qianda::cli {

void addServerOptions(CLI::App& command, ServerOptions& options, bool isRequired) {
  command.add_option("--server", options.url, "Address of a service, https://...")->required(isRequired);
  command.add_option("--api-key-file", options.keyFile, "File with an API key, for its owner alone (mode 0600)")
      ->required(isRequired);
  command.add_option("--server-authorities", options.authorities,
                     "PEM file of the TLS trust anchors of the server (default: the system's)");
}

void checkServerUse(const CLI::App& command, const std::vector<std::string>& allowed) {
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_name();
    const bool isServers = name == "--server" || name == "--api-key-file" || name == "--server-authorities";
    if (option->count() == 0 || isServers || std::find(allowed.begin(), allowed.end(), name) != allowed.end()) continue;
    throw core::Error(core::ErrorCode::kUsage, name + " means nothing with --server: the service has its own");
  }
}

client::Client connect(const ServerOptions& options, bool needsKey) {
  if (needsKey && options.keyFile.empty()) {
    throw core::Error(core::ErrorCode::kUsage, "--server needs --api-key-file");
  }
  client::ClientOptions found;
  found.server = options.url;
  if (!options.keyFile.empty()) found.apiKey = client::readApiKey(options.keyFile);
  found.authorities = options.authorities;
  return client::Client(std::move(found));
}

int statusOf(const client::Error& error) {
  if (error.code() == "argument") return 2;
  if (error.code() == "key_file") return 1;
  return error.status() >= 400 && error.status() < 500 ? 1 : 3;
}

std::string describe(const client::Error& error) {
  std::string text = error.code() + ": " + error.what();
  if (error.status() != 0) text = "the server answers " + std::to_string(error.status()) + " " + text;
  if (!error.requestId().empty()) text += " (request " + error.requestId() + ")";
  for (const client::Fault& fault : error.faults()) {
    text += "\n  " + (fault.pointer.empty() ? "row " + std::to_string(fault.row) : fault.pointer) +
            (fault.column > 0 ? ", column " + std::to_string(fault.column) : "") +
            (fault.field.empty() ? "" : " (" + fault.field + ")") + ": " + fault.code + ": " + fault.messageEn;
  }
  const auto told = static_cast<std::int64_t>(error.faults().size());
  if (error.details().faultCount > told) {
    text += "\n  and " + std::to_string(error.details().faultCount - told) + " more";
  }
  return text;
}

}  // namespace qianda::cli
