// Retention over HTTP (docs/retention.md): rules, what is due, legal holds, orders to erase and their proofs. What
// binds an organisation is a person's doing, never an API key's.
#pragma once

#include "server/http/route.h"
#include "storage/sql/database.h"

namespace qianda::server {

std::vector<Route> retentionRoutes();

// Throws Problem 410 "erased" when the envelope was erased, or is being so.
void refuseErased(storage::Transaction& transaction, const std::string& envelope);

}  // namespace qianda::server
