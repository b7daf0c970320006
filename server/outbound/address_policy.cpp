#include "server/outbound/address_policy.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <future>
#include <thread>

#include <Poco/Net/DNS.h>
#include <Poco/String.h>
#include <Poco/URI.h>
#include <arpa/inet.h>

#include "core/error.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;
using Poco::Net::IPAddress;
using Octets = std::array<std::uint8_t, 16>;

struct Range {
  const char* network;
  int bits;
};

constexpr Range kPrivate4[] = {
    {"0.0.0.0", 8},       // this network
    {"10.0.0.0", 8},      // RFC 1918
    {"100.64.0.0", 10},   // shared by carriers
    {"127.0.0.0", 8},     // loopback
    {"169.254.0.0", 16},  // link-local, cloud metadata
    {"172.16.0.0", 12},   // RFC 1918
    {"192.0.0.0", 24},    // protocol assignments
    {"192.168.0.0", 16},  // RFC 1918
    {"198.18.0.0", 15},   // benchmarks
    {"224.0.0.0", 4},     // multicast
    {"240.0.0.0", 4},     // reserved, broadcast
};
constexpr Range kPrivate6[] = {
    {"::", 127},          // unspecified and loopback
    {"fc00::", 7},        // unique local
    {"fe80::", 10},       // link-local
    {"fec0::", 10},       // site-local
    {"ff00::", 8},        // multicast
    {"100::", 64},        // discard
    {"64:ff9b:1::", 48},  // local NAT64
};
// Prefixes with an IPv4 address after them.
constexpr Range kEmbedding[] = {{"::ffff:0:0", 96}, {"::", 96}, {"64:ff9b::", 96}, {"2002::", 16}};

bool isIn(const std::uint8_t* address, int family, const Range& range) {
  Octets network{};
  ::inet_pton(family, range.network, network.data());
  const auto whole = static_cast<std::size_t>(range.bits / 8);
  if (std::memcmp(address, network.data(), whole) != 0) return false;
  const int rest = range.bits % 8;
  return rest == 0 || (address[whole] ^ network[whole]) >> (8 - rest) == 0;
}

bool isPrivate4(const std::uint8_t* address) {
  return std::any_of(std::begin(kPrivate4), std::end(kPrivate4),
                     [&](const Range& range) { return isIn(address, AF_INET, range); });
}

std::vector<IPAddress> addressesOf(const std::string& host, Deadline deadline) {
  IPAddress literal;
  if (IPAddress::tryParse(host, literal)) return {literal};
  // The resolver knows no time limit: it is waited for in a thread of its own, left behind when it is too slow.
  std::packaged_task<std::vector<IPAddress>()> task([host] { return Poco::Net::DNS::hostByName(host).addresses(); });
  auto answer = task.get_future();
  std::thread(std::move(task)).detach();
  if (answer.wait_until(deadline) != std::future_status::ready) {
    throw Error(ErrorCode::kUnavailable, "the name " + host + " was not resolved in time");
  }
  try {
    return answer.get();
  } catch (const Poco::Exception& error) {
    throw Error(ErrorCode::kUnavailable, "cannot resolve the name " + host + ": " + error.displayText());
  }
}

}  // namespace

bool isPrivate(const IPAddress& address) {
  const auto* octets = static_cast<const std::uint8_t*>(address.addr());
  if (address.family() == IPAddress::IPv4) return isPrivate4(octets);
  const auto holds = [&](const Range& range) { return isIn(octets, AF_INET6, range); };
  if (std::any_of(std::begin(kPrivate6), std::end(kPrivate6), holds)) return true;
  return std::any_of(std::begin(kEmbedding), std::end(kEmbedding),
                     [&](const Range& range) { return holds(range) && isPrivate4(octets + range.bits / 8); });
}

Target parseTarget(const std::string& url) {
  const auto refuse = [](const std::string& reason) { throw Error(ErrorCode::kInvalidInput, reason); };
  if (std::any_of(url.begin(), url.end(), [](char c) { return c <= ' ' || c == 0x7F; })) {
    refuse("a URL with white space, control or non-ASCII characters");
  }
  Target target;
  try {
    const Poco::URI uri(url);
    target.isSecure = uri.getScheme() == "https";
    if (!target.isSecure && uri.getScheme() != "http") refuse("a URL that is neither http nor https");
    if (!uri.getUserInfo().empty()) refuse("a URL with user information");
    target.host = Poco::toLower(uri.getHost());
    if (target.host.size() > 2 && target.host.front() == '[')
      target.host = target.host.substr(1, target.host.size() - 2);
    target.port = uri.getPort();
    target.path = uri.getPathAndQuery();
    if (target.path.empty() || target.path.front() != '/') target.path.insert(0, "/");
    if (target.host.empty() || target.port == 0) refuse("a URL without a host");
    const bool isV6 = target.host.find(':') != std::string::npos;
    target.authority = isV6 ? "[" + target.host + "]" : target.host;
    if (target.port != (target.isSecure ? 443 : 80)) target.authority += ":" + std::to_string(target.port);
    target.shown = uri.getScheme() + "://" + target.authority + target.path.substr(0, target.path.find('?'));
  } catch (const Poco::Exception&) {
    refuse("not a URL");
  }
  return target;
}

void checkHost(const Target& target, const OutboundPolicy& policy) {
  if (policy.hosts.empty()) return;
  const auto names = [&](const std::string& entry) { return Poco::toLower(entry) == target.authority; };
  if (std::any_of(policy.hosts.begin(), policy.hosts.end(), names)) return;
  throw Error(ErrorCode::kUnsupported, target.authority + " is not among the hosts that may be asked");
}

std::vector<Poco::Net::SocketAddress> resolve(const Target& target, const OutboundPolicy& policy, Deadline deadline) {
  std::vector<Poco::Net::SocketAddress> addresses;
  for (const IPAddress& address : addressesOf(target.host, deadline)) {
    if (!policy.privateAddresses && isPrivate(address)) {
      throw Error(ErrorCode::kUnsupported,
                  target.host + " has the address " + address.toString() + ", which is not a public one");
    }
    addresses.emplace_back(address, target.port);
  }
  if (addresses.empty()) throw Error(ErrorCode::kUnavailable, "the name " + target.host + " has no address");
  return addresses;
}

}  // namespace qianda::server
