// Where a request may go: the URL taken apart (RFC 3986), the allow-list, and the addresses of its host. A name is
// resolved once; the caller connects to the addresses returned here and to nothing else, so that a name whose answer
// changes (DNS rebinding) gains nothing. Special-purpose addresses are those of the IANA registries (RFC 6890),
// also inside an IPv4-mapped, 6to4 or NAT64 address.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <Poco/Net/IPAddress.h>
#include <Poco/Net/SocketAddress.h>

#include "server/outbound/http_client.h"

namespace qianda::server {

using Deadline = std::chrono::steady_clock::time_point;

struct Target {
  bool isSecure = false;
  std::string host;  // lower case, an IPv6 address without brackets
  std::uint16_t port = 0;
  std::string path;       // with the query, as sent
  std::string authority;  // host, or host:port of another than the default port; the Host field
  std::string shown;      // the URL without query and user information
};

// Throws kInvalidInput for anything but an http or https URL in ASCII without user information.
Target parseTarget(const std::string& url);
// Throws kUnsupported when the allow-list does not name the target.
void checkHost(const Target& target, const OutboundPolicy& policy);

bool isPrivate(const Poco::Net::IPAddress& address);

// Every address of the host; throws kUnavailable when it cannot be resolved in time, kUnsupported when one of the
// addresses is private and the policy forbids that.
std::vector<Poco::Net::SocketAddress> resolve(const Target& target, const OutboundPolicy& policy, Deadline deadline);

}  // namespace qianda::server
