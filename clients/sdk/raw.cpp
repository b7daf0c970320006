#include "qianda/client/raw.h"

#include "clients/sdk/transport.h"

namespace qianda::client {

std::string ask(Client& client, const RawCall& call) {
  Call wire{.method = call.method, .path = pathOf(call.path), .query = call.query};
  if (!call.json.empty()) {
    wire.mediaType = "application/json";
    wire.body = call.json;
  }
  if (!call.idempotencyKey.empty()) wire.headers.emplace_back("Idempotency-Key", call.idempotencyKey);
  wire.isRepeatable = call.method == "GET" || !call.idempotencyKey.empty();
  return client.transport().ask(wire).body;
}

Download download(Client& client, const std::vector<std::string>& path, const std::filesystem::path& file) {
  return client.transport().download(pathOf(path), file);
}

}  // namespace qianda::client
