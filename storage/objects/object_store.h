// Immutable octets under names, in a place that many machines share. put() returns when they are durable there; the
// same name is only ever given the same octets. Failures that may pass are kUnavailable, after a few tries. Any thread
// may call any member.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qianda::storage {

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  virtual void put(const std::string& name, std::string_view octets) = 0;
  // Those octets, or all from `start` on; throws kNotFound, or kCorrupt when there are fewer than asked for.
  virtual std::string get(const std::string& name, std::uint64_t start = 0,
                          std::optional<std::uint64_t> length = std::nullopt) = 0;
  virtual void remove(const std::string& name) = 0;  // no error when there is none
  virtual std::string describe() const = 0;          // for logs, without secrets
};

}  // namespace qianda::storage
