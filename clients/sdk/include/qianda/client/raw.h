// Any operation of the API (openapi.yaml), for what has no function of its own: JSON in, JSON out, as text. The rules
// of a Client hold: the key, verified TLS, Errors; reading is repeated, anything else only when `idempotencyKey` makes
// it safe.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "qianda/client/client.h"

namespace qianda::client {

struct RawCall {
  std::string method = "GET";
  std::vector<std::string> path = {};  // segments behind /api/v1: {"cases", id, "clock"}
  std::vector<std::pair<std::string, std::string>> query = {};
  std::string json = {};  // body; empty: none
  std::string idempotencyKey = {};
};
// The body of the answer. Throws Error.
std::string ask(Client& client, const RawCall& call);
Download download(Client& client, const std::vector<std::string>& path, const std::filesystem::path& file);

}  // namespace qianda::client
