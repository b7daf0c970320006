#include <charconv>

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include "core/error.h"
#include "storage/redis/redis.h"

namespace qianda::storage {
namespace {

constexpr std::string_view kUnix = "unix:", kRedis = "redis://", kSentinel = "sentinel://", kCluster = "cluster://";
constexpr std::string_view kDatabase = "?database=";
constexpr int kSentinelPort = 26379, kRedisPort = 6379;

[[noreturn]] void refuse(const std::string& reason) {
  throw core::Error(
      core::ErrorCode::kUsage,
      "redis: " + reason +
          "; it is redis://[[user:]password@]host[:port][/database], unix:/path, "
          "sentinel://[[user:]password@]host[:port],.../master or cluster://[[user:]password@]host[:port],...");
}

int numberOf(std::string_view text, int most, const std::string& what) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > most) {
    refuse(what + " is \"" + std::string(text) + "\"");
  }
  return number;
}

std::string decoded(std::string_view text) {
  std::string plain;
  try {
    Poco::URI::decode(std::string(text), plain);
  } catch (const Poco::Exception&) {
    refuse("the name or password is not percent-encoded");
  }
  return plain;
}

void readPerson(RedisAddress& address, std::string_view person) {
  const std::size_t colon = person.find(':');
  if (colon != person.npos) address.user = decoded(person.substr(0, colon));
  address.password = decoded(colon == person.npos ? person : person.substr(colon + 1));
}

std::string_view withoutDatabase(RedisAddress& address, std::string_view text) {
  const std::size_t query = text.find(kDatabase);
  if (query == text.npos) return text;
  address.database = numberOf(text.substr(query + kDatabase.size()), 65535, "the database");
  return text.substr(0, query);
}

RedisNode nodeOf(std::string_view text, int usualPort) {
  RedisNode node{"", usualPort};
  std::string_view host = text;
  const std::size_t colon = text.rfind(':');
  if (colon != text.npos && !text.ends_with(']')) {
    host = text.substr(0, colon);
    node.port = numberOf(text.substr(colon + 1), 65535, "the port");
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find_first_of("/?@ ") != host.npos) refuse("\"" + std::string(text) + "\" is no host");
  node.host = host;
  return node;
}

// host[:port],...: `rest` without the scheme.
void readNodes(RedisAddress& address, std::string_view rest, int usualPort) {
  const std::size_t at = rest.rfind('@');
  if (at != rest.npos) {
    readPerson(address, rest.substr(0, at));
    rest = rest.substr(at + 1);
  }
  for (;;) {
    const std::size_t comma = rest.find(',');
    address.nodes.push_back(nodeOf(rest.substr(0, comma), usualPort));
    if (comma == rest.npos) return;
    rest = rest.substr(comma + 1);
  }
}

RedisAddress sentinelAddress(std::string_view text) {
  RedisAddress address;
  address.kind = RedisAddress::Kind::kSentinel;
  std::string_view rest = withoutDatabase(address, text.substr(kSentinel.size()));
  const std::size_t slash = rest.rfind('/');
  if (slash == rest.npos || slash + 1 == rest.size()) refuse("the Sentinels' name of the master is missing");
  address.master = decoded(rest.substr(slash + 1));
  readNodes(address, rest.substr(0, slash), kSentinelPort);
  return address;
}

RedisAddress serverAddress(const std::string& text) {
  RedisAddress address;
  try {
    const Poco::URI uri(text);
    if (uri.getHost().empty()) refuse("no host is named");
    address.host = uri.getHost();
    if (uri.getPort() != 0) address.port = uri.getPort();
    readPerson(address, uri.getUserInfo());
    if (uri.getPath().size() > 1) address.database = numberOf(uri.getPath().substr(1), 65535, "the database");
  } catch (const Poco::Exception&) {
    refuse("the address cannot be read");
  }
  return address;
}

}  // namespace

std::string RedisAddress::name() const {
  const std::string of = database == 0 ? "" : "/" + std::to_string(database);
  if (kind == Kind::kServer) {
    return socket.empty() ? "redis://" + host + ":" + std::to_string(port) + of : "unix:" + socket + of;
  }
  std::string list;
  for (const RedisNode& node : nodes) list += (list.empty() ? "" : ",") + node.host + ":" + std::to_string(node.port);
  if (kind == Kind::kCluster) return std::string(kCluster) + list;
  return std::string(kSentinel) + list + "/" + master +
         (database == 0 ? "" : std::string(kDatabase) + std::to_string(database));
}

RedisAddress parseRedisAddress(const std::string& text) {
  if (text.starts_with(kUnix)) {
    RedisAddress address;
    address.socket = withoutDatabase(address, text).substr(kUnix.size());
    if (!address.socket.starts_with('/')) refuse("the path of the socket does not begin with /");
    return address;
  }
  if (text.starts_with(kSentinel)) return sentinelAddress(text);
  if (text.starts_with(kCluster)) {
    RedisAddress address;
    address.kind = RedisAddress::Kind::kCluster;
    readNodes(address, std::string_view(text).substr(kCluster.size()), kRedisPort);
    return address;
  }
  if (!text.starts_with(kRedis)) refuse("no address of it begins like this");
  return serverAddress(text);
}

}  // namespace qianda::storage
