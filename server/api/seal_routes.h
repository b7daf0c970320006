// Seals, the grants to use them, and their uses (docs/seal-grants.md). What binds an organisation (making a seal,
// granting, approving, withdrawing) is a person's doing, never an API key's.
#pragma once

#include "server/http/route.h"

namespace qianda::server {

std::vector<Route> sealRoutes();

}  // namespace qianda::server
