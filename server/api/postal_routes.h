// Handlers of the post: parcels, the queue and its dead tasks, what partners sent, and the way in of their pushes
// (delivery/post, delivery/queue, delivery/callbacks).
#pragma once

#include "server/http/route.h"

namespace qianda::server {

std::vector<Route> postalRoutes();
// What recipients of electronic service open.
std::vector<Route> servedRoutes();

}  // namespace qianda::server
