// One request of the command line to a server (`--server URL --api-key-file FILE`), with the key as bearer.
#pragma once

#include <string>

#include "clients/cli/command.h"

namespace qianda::cli {

struct ServerOptions {
  std::string url, keyFile, authorities;
};
void addServerOptions(CLI::App& command, ServerOptions& options);

// The body of a 200 answer to GET. Throws core::Error with what the server said: kInvalidInput for 4xx, kUnavailable
// otherwise.
std::string fetch(const ServerOptions& options, const std::string& path);

}  // namespace qianda::cli
