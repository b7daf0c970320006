// The first outside service of a batch that could not be had, for all its workers: nobody starts another contract then,
// and the batch waits. Thread-safe.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "contracts/batch_services.h"
#include "core/error.h"
#include "storage/document_store.h"

namespace qianda::contracts {

class Outage {
 public:
  explicit Outage(const BatchServices* services) : services_(services) {}
  bool exists() const { return exists_; }
  const std::string& reason() const { return reason_; }

  // What `make` returns, or nullopt during an outage of a service that can be waited for.
  template <typename Make>
  std::optional<storage::NewDocument> unless(Make make) {
    if (exists_) return std::nullopt;
    try {
      return make();
    } catch (const core::Error& error) {
      if (error.code() != core::ErrorCode::kUnavailable || !services_ || services_->waitingFor().empty()) throw;
      const std::lock_guard lock(mutex_);
      if (!exists_) reason_ = error.what();
      exists_ = true;
      return std::nullopt;
    }
  }

 private:
  const BatchServices* services_;
  std::mutex mutex_;
  std::atomic<bool> exists_ = false;
  std::string reason_;
};

}  // namespace qianda::contracts
