// The templates there are, their fields, and the roster a person fills in for each.
#pragma once

#include "server/http/route.h"

namespace qianda::server {

std::vector<Route> templateRoutes();

}  // namespace qianda::server
