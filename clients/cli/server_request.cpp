#include "clients/cli/server_request.h"

#include <Poco/JSON/Parser.h>

#include "clients/cli/output.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "server/outbound/address_policy.h"
#include "server/outbound/http_client.h"

namespace qianda::cli {
namespace {

// What a problem+json says, or the status alone.
std::string reasonOf(const server::HttpAnswer& answer) {
  const std::string status = "the server answers " + std::to_string(answer.status);
  try {
    Poco::JSON::Parser parser;
    const auto object = parser.parse(std::string(core::textOf(answer.body))).extract<JsonObject::Ptr>();
    return status + " " + object->getValue<std::string>("code") + ": " + object->getValue<std::string>("detail");
  } catch (const Poco::Exception&) {
    return status;
  }
}

}  // namespace

void addServerOptions(CLI::App& command, ServerOptions& options) {
  command.add_option("--server", options.url, "Address of the service, https://...")->required();
  command.add_option("--api-key-file", options.keyFile, "File with an API key")->required();
  command.add_option("--server-authorities", options.authorities,
                     "PEM file of the TLS trust anchors of the server (default: the system's)");
}

std::string fetch(const ServerOptions& options, const std::string& path) {
  std::string url = options.url;
  while (url.ends_with('/')) url.pop_back();
  server::OutboundPolicy policy;
  policy.hosts = {server::parseTarget(url).authority};
  policy.privateAddresses = true;  // the user named it
  policy.largestAnswer = std::size_t{2} << 30;
  policy.timeout = std::chrono::minutes(10);
  policy.authorities = options.authorities;
  const std::string key = core::readFile(options.keyFile, 4096);
  const server::HttpClient client(policy);
  const server::HttpAnswer answer =
      client.send({"GET", url + path, {{"Authorization", "Bearer " + std::string(core::trim(key))}}, {}});
  if (answer.status == 200) return std::string(core::textOf(answer.body));
  throw core::Error(
      answer.status >= 400 && answer.status < 500 ? core::ErrorCode::kInvalidInput : core::ErrorCode::kUnavailable,
      reasonOf(answer));
}

}  // namespace qianda::cli
