// `qianda ca issue`: a certificate for a request somebody made, or for a key drawn here, from an authority of ours or
// from one outside behind a command (signing/ca/command_issuer.h).
#pragma once

#include "clients/cli/command.h"

namespace qianda::cli {

Command addCaIssueCommand(CLI::App& group);

}  // namespace qianda::cli
