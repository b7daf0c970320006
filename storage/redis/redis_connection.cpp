#include <algorithm>
#include <array>
#include <cctype>

#include "core/error.h"
#include "storage/redis/redis.h"
#include "storage/redis/redis_link.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;
using std::chrono::milliseconds;

constexpr int kMostMoves = 5;
constexpr int kSlots = 16384;
constexpr milliseconds kSentinelTimeout{1000};
// Errors after which the server may be the wrong one, or serves nobody for now.
constexpr std::array<std::string_view, 4> kUnserving{"READONLY ", "LOADING ", "MASTERDOWN ", "CLUSTERDOWN "};

bool isUnserving(const RedisReply& reply) {
  return reply.kind == RedisReply::Kind::kError &&
         std::any_of(kUnserving.begin(), kUnserving.end(), [&](auto prefix) { return reply.text.starts_with(prefix); });
}

bool isError(const RedisReply& reply, std::string_view prefix) {
  return reply.kind == RedisReply::Kind::kError && reply.text.starts_with(prefix);
}

// "MOVED 3999 127.0.0.1:6381": where to; the host may be missing when it is the one that was asked.
RedisNode redirectionOf(const RedisReply& reply, const RedisNode& asked) {
  const std::size_t space = reply.text.rfind(' '), colon = reply.text.rfind(':');
  if (space == std::string::npos || colon == std::string::npos || colon < space) {
    throw Error(ErrorCode::kSystem, "Redis: unreadable redirection: " + reply.text);
  }
  RedisNode node{reply.text.substr(space + 1, colon - space - 1), std::atoi(reply.text.c_str() + colon + 1)};
  if (node.host.empty()) node.host = asked.host;
  return node;
}

std::string nameOf(const RedisNode& node) { return node.host + ":" + std::to_string(node.port); }

}  // namespace

std::string_view keyOf(const RedisWords& words) {
  if (words.size() < 2) return {};
  std::string verb = words[0];
  std::transform(verb.begin(), verb.end(), verb.begin(), [](unsigned char c) { return std::toupper(c); });
  const auto at = [&](std::size_t position) {
    return words.size() > position ? std::string_view(words[position]) : "";
  };
  if (verb == "EVAL" || verb == "EVALSHA") return at(2) == "0" ? "" : at(3);
  if (verb == "XGROUP" || verb == "XINFO" || verb == "OBJECT" || verb == "MEMORY") return at(2);
  if (verb == "XREADGROUP" || verb == "XREAD") {
    const auto streams = std::find_if(words.begin(), words.end(),
                                      [](const std::string& word) { return word == "STREAMS" || word == "streams"; });
    return streams == words.end() || streams + 1 == words.end() ? std::string_view() : std::string_view(streams[1]);
  }
  for (const char* without : {"PING", "ECHO", "INFO", "AUTH", "CONFIG", "CLIENT", "CLUSTER", "SCRIPT", "PUBLISH",
                              "SUBSCRIBE", "DEBUG", "FLUSHALL", "ROLE", "WAIT"}) {
    if (verb == without) return {};
  }
  return at(1);
}

int clusterSlot(std::string_view key) {
  const std::size_t open = key.find('{');
  if (open != key.npos) {
    const std::size_t close = key.find('}', open + 1);
    if (close != key.npos && close > open + 1) key = key.substr(open + 1, close - open - 1);
  }
  unsigned crc = 0;
  for (const char c : key) {
    crc ^= static_cast<unsigned>(static_cast<unsigned char>(c)) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
    crc &= 0xffff;
  }
  return static_cast<int>(crc % kSlots);
}

struct RedisConnection::Links {
  const RedisAddress& address;
  const milliseconds timeout;
  std::unique_ptr<RedisLink> only = nullptr;     // of kServer and kSentinel
  std::map<std::string, RedisLink> byNode = {};  // of kCluster
  std::map<int, RedisNode> owners = {};          // of slots, as far as they were told
  std::size_t firstNode = 0;                     // which of the named nodes answered last

  void drop() {
    only.reset();
    byNode.clear();
    owners.clear();
  }

  [[noreturn]] void refuse(const RedisReply& reply) {
    if (isUnserving(reply)) {
      drop();
      throw Error(ErrorCode::kUnavailable, address.name() + ": " + reply.text);
    }
    throw Error(ErrorCode::kSystem, "Redis: " + reply.text);
  }

  void greet(RedisLink& link) {
    const auto tell = [&](const RedisWords& words) {
      const RedisReply reply = link.ask(words);
      if (reply.kind == RedisReply::Kind::kError) refuse(reply);
    };
    if (!address.password.empty()) {
      tell(address.user.empty() ? RedisWords{"AUTH", address.password}
                                : RedisWords{"AUTH", address.user, address.password});
    }
    if (address.database != 0) tell({"SELECT", std::to_string(address.database)});
  }

  RedisLink greeted(RedisLink link) {
    greet(link);
    return link;
  }

  // Whom the Sentinels call master, if it agrees.
  RedisLink toMaster() {
    std::string reasons;
    for (std::size_t i = 0; i < address.nodes.size(); ++i) {
      const std::size_t which = (firstNode + i) % address.nodes.size();
      try {
        RedisLink sentinel = RedisLink::toNode(address.nodes[which], std::min(timeout, kSentinelTimeout));
        const RedisReply told = sentinel.ask({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", address.master});
        if (told.list.size() != 2) {
          reasons += "; " + nameOf(address.nodes[which]) + " knows no master " + address.master;
          continue;
        }
        RedisLink link = greeted(RedisLink::toNode({told.list[0].text, std::atoi(told.list[1].text.c_str())}, timeout));
        const RedisReply role = link.ask({"ROLE"});
        if (role.kind == RedisReply::Kind::kError) refuse(role);
        if (role.list.empty() || role.list[0].text != "master") {
          reasons += "; " + told.list[0].text + ":" + told.list[1].text + " is no master";
          continue;
        }
        firstNode = which;
        return link;
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kUnavailable) throw;
        reasons += std::string("; ") + error.what();
      }
    }
    throw Error(ErrorCode::kUnavailable, address.name() + ": no master" + reasons);
  }

  RedisLink& onlyLink() {
    if (only) return *only;
    if (address.kind == RedisAddress::Kind::kSentinel) {
      only = std::make_unique<RedisLink>(toMaster());
    } else {
      only = std::make_unique<RedisLink>(greeted(address.socket.empty()
                                                     ? RedisLink::toNode({address.host, address.port}, timeout)
                                                     : RedisLink::toSocket(address.socket, timeout)));
    }
    return *only;
  }

  RedisLink& linkTo(const RedisNode& node) {
    const auto found = byNode.find(nameOf(node));
    if (found != byNode.end()) return found->second;
    return byNode.emplace(nameOf(node), greeted(RedisLink::toNode(node, timeout))).first->second;
  }

  // Of a key's slot, or any of the named ones that answers.
  RedisNode nodeFor(std::string_view key) {
    if (!key.empty()) {
      const auto owner = owners.find(clusterSlot(key));
      if (owner != owners.end()) return owner->second;
    }
    std::string reasons;
    for (std::size_t i = 0; i < address.nodes.size(); ++i) {
      const std::size_t which = (firstNode + i) % address.nodes.size();
      try {
        linkTo(address.nodes[which]);
        firstNode = which;
        return address.nodes[which];
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kUnavailable) throw;
        reasons += std::string("; ") + error.what();
      }
    }
    throw Error(ErrorCode::kUnavailable, address.name() + ": no node answers" + reasons);
  }

  // Runs `ask` on the node of the key; what it returns first tells of a redirection.
  template <typename Answer, typename Ask, typename First>
  Answer routed(std::string_view key, const Ask& ask, const First& first) {
    RedisNode node = nodeFor(key);
    bool isAsking = false;
    for (int move = 0; move <= kMostMoves; ++move) {
      RedisLink& link = linkTo(node);
      Answer answer = ask(link, isAsking);
      const RedisReply* redirection = first(answer);
      if (redirection == nullptr) return answer;
      isAsking = isError(*redirection, "ASK ");
      node = redirectionOf(*redirection, node);
      if (!isAsking) owners[clusterSlot(key)] = node;
    }
    drop();
    throw Error(ErrorCode::kUnavailable, address.name() + ": sent from node to node");
  }

  RedisReply routedCommand(const RedisWords& words, milliseconds patience) {
    return routed<RedisReply>(
        keyOf(words),
        [&](RedisLink& link, bool isAsking) {
          if (isAsking) link.ask({"ASKING"});
          return link.ask(words, patience);
        },
        [](const RedisReply& reply) { return isError(reply, "MOVED ") || isError(reply, "ASK ") ? &reply : nullptr; });
  }

  // A socket that failed once is never used again: whoever asked does not know what was done.
  template <typename Work>
  auto guarded(const Work& work) {
    try {
      return work();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kUnavailable) drop();
      throw;
    }
  }
};

RedisConnection::RedisConnection(RedisAddress address, milliseconds timeout)
    : address_(std::move(address)), links_(new Links{address_, timeout}) {}

RedisConnection::~RedisConnection() = default;

RedisReply RedisConnection::command(const RedisWords& words, milliseconds patience) {
  RedisReply reply = links_->guarded([&] {
    return address_.kind == RedisAddress::Kind::kCluster ? links_->routedCommand(words, patience)
                                                         : links_->onlyLink().ask(words, patience);
  });
  if (reply.kind == RedisReply::Kind::kError) links_->refuse(reply);
  return reply;
}

std::vector<RedisReply> RedisConnection::pipeline(const std::vector<RedisWords>& commands) {
  if (commands.empty()) return {};
  std::vector<RedisReply> replies = links_->guarded([&] {
    if (address_.kind != RedisAddress::Kind::kCluster) return links_->onlyLink().askAll(commands);
    return links_->routed<std::vector<RedisReply>>(
        keyOf(commands[0]),
        [&](RedisLink& link, bool isAsking) {
          if (!isAsking) return link.askAll(commands);
          std::vector<RedisReply> one;
          for (const RedisWords& words : commands) {
            link.ask({"ASKING"});
            one.push_back(link.ask(words));
          }
          return one;
        },
        // All are of one slot: when the first one is sent away, so are the others.
        [](const std::vector<RedisReply>& all) {
          return isError(all[0], "MOVED ") || isError(all[0], "ASK ") ? &all[0] : nullptr;
        });
  });
  for (const RedisReply& reply : replies) {
    if (isUnserving(reply) || isError(reply, "MOVED ") || isError(reply, "ASK ")) {
      links_->drop();
      throw Error(ErrorCode::kUnavailable, address_.name() + ": " + reply.text);
    }
  }
  return replies;
}

std::vector<RedisReply> RedisConnection::transaction(const std::vector<RedisWords>& commands) {
  if (commands.empty()) return {};
  std::vector<RedisWords> all{{"MULTI"}};
  all.insert(all.end(), commands.begin(), commands.end());
  all.push_back({"EXEC"});
  std::vector<RedisReply> replies = links_->guarded([&] {
    if (address_.kind != RedisAddress::Kind::kCluster) return links_->onlyLink().askAll(all);
    return links_->routed<std::vector<RedisReply>>(
        keyOf(commands[0]),
        [&](RedisLink& link, bool isAsking) {
          if (isAsking) link.ask({"ASKING"});
          return link.askAll(all);
        },
        [](const std::vector<RedisReply>& told) {
          return isError(told[1], "MOVED ") || isError(told[1], "ASK ") ? &told[1] : nullptr;
        });
  });
  for (const RedisReply& reply : replies) {
    if (reply.kind == RedisReply::Kind::kError && !isError(reply, "EXECABORT")) links_->refuse(reply);
  }
  if (replies.back().kind != RedisReply::Kind::kList) {
    throw Error(ErrorCode::kSystem, "Redis: a transaction was not executed: " + replies.back().text);
  }
  for (const RedisReply& reply : replies.back().list) {
    if (reply.kind == RedisReply::Kind::kError) links_->refuse(reply);
  }
  return std::move(replies.back().list);
}

std::optional<RedisReply> RedisConnection::next(milliseconds patience) {
  RedisLink* link = links_->only.get();
  if (address_.kind == RedisAddress::Kind::kCluster && !links_->byNode.empty()) link = &links_->byNode.begin()->second;
  if (link == nullptr) throw Error(ErrorCode::kUnavailable, address_.name() + ": not connected");
  std::optional<RedisReply> reply = links_->guarded([&] { return link->next(patience); });
  if (reply && reply->kind == RedisReply::Kind::kError) links_->refuse(*reply);
  return reply;
}

}  // namespace qianda::storage
