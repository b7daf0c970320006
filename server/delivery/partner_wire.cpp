#include "server/delivery/partner_wire.h"

#include <algorithm>
#include <memory>

#include "server/config/configuration.h"
#include "server/outbound/address_policy.h"
#include "server/outbound/http_client.h"

namespace qianda::server {
namespace {

constexpr std::size_t kLargestAnswer = 8u << 20;  // a label, a scanned receipt

}  // namespace

delivery::Wire partnerWire(const Configuration& configuration, const delivery::PartnerSettings& settings) {
  const Target target = parseTarget(settings.address);
  const std::vector<std::string>& allowed = configuration.list("outbound-private");
  OutboundPolicy policy;
  policy.hosts = {target.authority};
  policy.privateAddresses = std::any_of(allowed.begin(), allowed.end(), [&](const std::string& host) {
    return host == target.authority || host == target.host;
  });
  policy.largestAnswer = kLargestAnswer;
  policy.timeout = configuration.duration("postal-timeout");
  policy.authorities = configuration.text("postal-authorities");
  const auto client = std::make_shared<HttpClient>(policy);
  return [client, address = settings.address](const delivery::WireRequest& request) {
    const HttpAnswer answer = client->send({request.method, address + request.path, request.headers, request.body});
    return delivery::WireReply{answer.status, answer.contentType, answer.body};
  };
}

}  // namespace qianda::server
