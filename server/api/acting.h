// Who asks, as the rooms below and the audit log name them. Functions, any thread.
#pragma once

#include <string>

#include "contracts/actor.h"
#include "server/http/exchange.h"

namespace qianda::server {

struct Services;

// "user:<id>" or "api_key:<id>"
contracts::Actor actorOf(const Request& request);
// The organisation's registered name; throws kNotFound.
std::string organisationName(Services& services, const std::string& organisation);
// ?limit=, 1 to `most`; throws Problem 400.
std::size_t limitOf(const Request& request, std::size_t usual = 100, std::size_t most = 1000);

}  // namespace qianda::server
