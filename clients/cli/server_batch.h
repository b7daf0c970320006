// `qianda batch --server`: the same work done by a service. Its exit statuses and its JSON are those of the batch made
// here, as far as the same is meant (docs/cli.md).
#pragma once

#include <string>

#include "clients/cli/server_options.h"

namespace qianda::cli {

struct ServerBatch {
  ServerOptions server;
  std::string form, roster, sheet, seal, out, idempotencyKey, signingOrder, deadline;
  bool validateOnly = false, json = false, noWait = false;
};

// Exit status. Throws client::Error, core::Error.
int batchOnServer(const ServerBatch& wanted);

// What an end of a batch means for the exit status: 0 every row was made, 1 not every row, 3 the service gave up.
int statusOf(const std::string& state, std::int64_t failed);

}  // namespace qianda::cli
