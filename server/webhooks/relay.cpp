#include "server/webhooks/relay.h"

#include "core/error.h"
#include "core/time.h"
#include "server/webhooks/deliveries.h"

namespace qianda::server {

WebhookRelay::WebhookRelay(storage::Database& database, std::function<void()> relayed,
                           std::function<void(const std::string&)> onFault, std::chrono::milliseconds poll)
    : database_(database), relayed_(std::move(relayed)), onFault_(std::move(onFault)), poll_(poll), thread_([this] {
        run();
      }) {}

WebhookRelay::~WebhookRelay() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void WebhookRelay::run() {
  constexpr int kPauseAfterFault = 20;  // polls
  for (;;) {
    bool isMore = false;
    int polls = 1;
    try {
      // Looking costs no writer its turn.
      const bool any = database_.looked<bool>([](storage::Transaction& look) {
        return look.findRow("SELECT 1 FROM outbox_events WHERE relayed = 0 LIMIT 1").has_value();
      });
      isMore = any && relayEvents(database_, core::now()) > 0;
      if (isMore && relayed_) relayed_();
    } catch (const std::exception& error) {
      if (onFault_) onFault_(error.what());
      polls = kPauseAfterFault;
    }
    std::unique_lock lock(mutex_);
    if (stop_.wait_for(lock, isMore ? std::chrono::milliseconds(0) : polls * poll_, [this] { return stopped_; }))
      return;
  }
}

}  // namespace qianda::server
