// `qianda store check|list|export`: looking into a document store without changing it, also beside a running batch.
#pragma once

#include "clients/cli/command.h"

namespace qianda::cli {

Command addStoreCommand(CLI::App& root);

}  // namespace qianda::cli
