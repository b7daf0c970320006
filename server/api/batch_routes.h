// Batches: one call makes a contract of every row of a roster (docs/batches.md).
#pragma once

#include "server/http/route.h"

namespace qianda::server {

std::vector<Route> batchRoutes();

// What is fetched of a batch as a file (batch_files.cpp).
Response getBatchDocuments(Services& services, const Request& request);  // zip, streamed
Response getBatchResults(Services& services, const Request& request);    // list, CSV or XLSX

}  // namespace qianda::server
