// A signal between nodes over a channel of Redis (PUBLISH, SUBSCRIBE): "look now". It may be lost, doubled or late, and
// nobody may rely on it. Sender and listener have a thread each; a Redis that is away is tried again every second. Both
// tell `onFault` why the link broke, once until it stands again.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "storage/redis/redis.h"

namespace qianda::storage {

struct SignalChannel {
  RedisAddress address;
  std::string name;
  std::string self;  // of this node: its own signals are not heard
  std::function<void(const std::string& reason)> onFault = {};
};

class SignalSender {
 public:
  explicit SignalSender(SignalChannel channel);
  ~SignalSender();
  // Cheap, never waits and never throws; signals in quick succession become one. Any thread.
  void send() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class SignalListener {
 public:
  // `onSignal` is called by the listener's thread, also once whenever it begins to listen: for what it did not hear.
  SignalListener(SignalChannel channel, std::function<void()> onSignal);
  ~SignalListener();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianda::storage
