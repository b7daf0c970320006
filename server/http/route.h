// One line of the service's table: which requests, whom they need, how much they may carry, who answers. The whole
// table is in server/api/routes.cpp; server/api/openapi.yaml describes the same operations (tests hold them together).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "server/http/exchange.h"

namespace qianda::server {

struct Services;  // server/services.h

enum class Access {
  kPublic,    // anybody
  kAccount,   // a user's session or an API key with the route's permission
  kUserOnly,  // a user's session with the route's permission: what an API key may never do
  kCeremony,  // the bearer of a signing link
};

using Handler = Response (*)(Services&, const Request&);

struct Route {
  std::string method;
  std::string pattern;    // "/api/v1/envelopes/{envelope}"; a name stands for one whole segment
  std::string operation;  // operationId in openapi.yaml
  Access access = Access::kAccount;
  std::string permission = {};  // "envelopes:read"; empty: any account
  Handler handler = nullptr;
  std::size_t largestBody = 1u << 20;  // octets
  bool always = false;                 // answered when no thread is free, too: health and metrics
};

std::vector<Route> routes();

}  // namespace qianda::server
