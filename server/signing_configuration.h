// What the configuration (config/settings.h) says of signing. Functions, at the start.
#pragma once

#include "contracts/seals/seal_cabinet.h"
#include "server/config/configuration.h"
#include "server/signing_services.h"

namespace qianda::server {

SigningSettings signingSettings(const Configuration& configuration);
// Keys of `seal-keys` are opened when a seal first needs them. Throws kUsage for one that names no token or service.
contracts::CabinetOptions cabinetOptions(const Configuration& configuration, storage::Database& database,
                                         const SigningServices& signing);

}  // namespace qianda::server
