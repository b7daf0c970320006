// Redis servers of the test's own on ports of 127.0.0.1, where Sentinel and Cluster need them: each with a folder of
// its own, killed at the end of its scope.
#pragma once

#include <csignal>
#include <functional>
#include <memory>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/error.h"
#include "storage/redis/redis.h"
#include "tests/support/process.h"

namespace qianda::test {

inline int freePort() {
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(file, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(file, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(file);
  return ntohs(address.sin_port);
}

inline void awaitRedis(const std::string& what, const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (;;) {
    try {
      if (condition()) return;
    } catch (const core::Error&) {
    }
    ASSERT_LT(std::chrono::steady_clock::now(), end) << "waited in vain for " << what;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

// A server (or Sentinel) on a port of its own, killed at the end of its scope.
class PortRedis {
 public:
  explicit PortRedis(const std::vector<std::string>& settings, bool isSentinel = false) : port_(freePort()) {
    const std::string configuration = (folder_ / "redis.conf").string();
    std::string text = "port " + std::to_string(port_) + "\nbind 127.0.0.1\ndir " + folder_.path().string() + "\n";
    for (const std::string& setting : settings) text += setting + "\n";
    core::writeFile(configuration, text);
    std::vector<std::string> words{"redis-server", configuration};
    if (isSentinel) words.push_back("--sentinel");
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&child_, "redis-server", &actions, nullptr, argv.data(), environ) != 0) child_ = -1;
    posix_spawn_file_actions_destroy(&actions);
    awaitRedis("a server", [&] { return link().command({"PING"}).text == "PONG"; });
  }
  PortRedis(const PortRedis&) = delete;
  PortRedis& operator=(const PortRedis&) = delete;
  ~PortRedis() { kill(); }
  void kill() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = -1;
  }
  storage::RedisConnection link() const {
    return {storage::parseRedisAddress("redis://" + at()), std::chrono::seconds(2)};
  }
  storage::RedisReply ask(const storage::RedisWords& words) const { return link().command(words); }
  std::string at() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string port() const { return std::to_string(port_); }

 private:
  const test::TempFolder folder_;
  const int port_;
  pid_t child_ = -1;
};

// Three masters that share the slots.
class RedisCluster {
 public:
  RedisCluster() {
    const int bounds[] = {0, 5461, 10923, 16384};
    int firstBus = 0;
    for (int i = 0; i < 3; ++i) {
      const int bus = freePort();
      nodes.push_back(std::make_unique<PortRedis>(std::vector<std::string>{
          "cluster-enabled yes", "cluster-node-timeout 2000", "cluster-port " + std::to_string(bus)}));
      nodes.back()->ask({"CLUSTER", "ADDSLOTSRANGE", std::to_string(bounds[i]), std::to_string(bounds[i + 1] - 1)});
      if (i == 0) firstBus = bus;
      if (i > 0) nodes.back()->ask({"CLUSTER", "MEET", "127.0.0.1", nodes[0]->port(), std::to_string(firstBus)});
    }
    awaitRedis("the cluster", [&] {
      for (const auto& node : nodes) {
        if (node->ask({"CLUSTER", "INFO"}).text.find("cluster_state:ok") == std::string::npos) return false;
      }
      return true;
    });
  }
  // One of those it names is no node at all.
  std::string address() const { return "cluster://127.0.0.1:1," + nodes[0]->at(); }
  std::vector<std::unique_ptr<PortRedis>> nodes;
};

}  // namespace qianda::test
