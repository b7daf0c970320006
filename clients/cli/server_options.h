// A command that speaks to a service: `--server URL --api-key-file FILE`, by the client library (docs/sdk.md).
#pragma once

#include <string>

#include <qianda/client/client.h>
#include <qianda/client/error.h>

#include "clients/cli/command.h"

namespace qianda::cli {

struct ServerOptions {
  std::string url, keyFile, authorities;
  bool isGiven() const { return !url.empty(); }
};
// The service is optional where a command works without one as well.
void addServerOptions(CLI::App& command, ServerOptions& options, bool isRequired = true);

// Throws core::Error kUsage when options are given that mean nothing to a service: those of the command but `allowed`
// and the server's own.
void checkServerUse(const CLI::App& command, const std::vector<std::string>& allowed);

// Throws client::Error. `needsKey`: kUsage without a key.
client::Client connect(const ServerOptions& options, bool needsKey = true);

// The exit status that an Error of the client library stands for, and what is said of it.
int statusOf(const client::Error& error);
std::string describe(const client::Error& error);

}  // namespace qianda::cli
