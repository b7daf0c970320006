#include "storage/redis/redis_signal.h"

#include <condition_variable>
#include <thread>

#include "core/error.h"

namespace qianda::storage {
namespace {

constexpr std::chrono::milliseconds kTick{200}, kTimeout{1000};
constexpr std::chrono::seconds kPause{1};

// A thread that can be told to end, and says once what is wrong.
class Worker {
 public:
  explicit Worker(SignalChannel channel) : channel_(std::move(channel)), connection_(channel_.address, kTimeout) {}

  void start(std::function<void()> loop) { thread_ = std::thread(std::move(loop)); }
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      isStopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  void want() {
    {
      const std::lock_guard lock(mutex_);
      isWanted_ = true;
    }
    changed_.notify_all();
  }
  // False: to end.
  bool awaitWish() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return isWanted_ || isStopping_; });
    isWanted_ = false;
    return !isStopping_;
  }
  bool rest(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, time, [this] { return isStopping_; });
  }
  // False when Redis did not do it; the reason was told.
  bool attempt(const std::function<void(RedisConnection&)>& work) {
    try {
      work(connection_);
      isFaulty_ = false;
      return true;
    } catch (const core::Error& error) {
      if (!isFaulty_ && channel_.onFault) channel_.onFault(error.what());
      isFaulty_ = true;
      return false;
    }
  }
  const SignalChannel& channel() const { return channel_; }

 private:
  const SignalChannel channel_;
  RedisConnection connection_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool isWanted_ = false, isStopping_ = false;
  bool isFaulty_ = false;  // of the thread
  std::thread thread_;
};

}  // namespace

struct SignalSender::State {
  Worker worker;
  void run() {
    while (worker.awaitWish()) {
      const bool isSent = worker.attempt([this](RedisConnection& connection) {
        connection.command({"PUBLISH", worker.channel().name, worker.channel().self});
      });
      if (!isSent && !worker.rest(kPause)) return;
    }
  }
};

SignalSender::SignalSender(SignalChannel channel) : state_(new State{Worker(std::move(channel))}) {
  state_->worker.start([state = state_.get()] { state->run(); });
}
SignalSender::~SignalSender() { state_->worker.stop(); }
void SignalSender::send() noexcept { state_->worker.want(); }

struct SignalListener::State {
  Worker worker;
  std::function<void()> onSignal;
  bool isSubscribed = false;

  void listen(RedisConnection& connection) {
    if (!isSubscribed) {
      connection.command({"SUBSCRIBE", worker.channel().name});
      isSubscribed = true;
      onSignal();
    }
    const auto told = connection.next(kTick);
    const bool isMessage = told && told->list.size() == 3 && told->list[0].text == "message";
    if (isMessage && told->list[2].text != worker.channel().self) onSignal();
  }
  void run() {
    while (worker.rest(std::chrono::milliseconds(0))) {
      if (worker.attempt([this](RedisConnection& connection) { listen(connection); })) continue;
      isSubscribed = false;
      if (!worker.rest(kPause)) return;
    }
  }
};

SignalListener::SignalListener(SignalChannel channel, std::function<void()> onSignal)
    : state_(new State{Worker(std::move(channel)), std::move(onSignal)}) {
  state_->worker.start([state = state_.get()] { state->run(); });
}
SignalListener::~SignalListener() { state_->worker.stop(); }

}  // namespace qianda::storage
