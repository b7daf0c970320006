// Passwords, kept as Argon2id (RFC 9106) in its encoded form, which carries salt and cost: a hash of a lower cost is
// still checked and then made anew. Hashing takes memory on purpose, so only `parallel` run at once; others wait for a
// bounded time. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace qianda::server {

struct PasswordCost {
  std::uint32_t memoryKib = 64 * 1024;
  std::uint32_t passes = 3;
  int parallel = 4;  // hashings at once: 256 MiB at most
};

class PasswordHasher {
 public:
  explicit PasswordHasher(PasswordCost cost = {});

  // Throws kUnavailable when no turn comes within ten seconds.
  std::string hash(const std::string& password);
  // Nothing to compare with (no such account, no password set) costs as much as a wrong password.
  bool isRight(const std::string& password, const std::optional<std::string>& encoded);
  // Made with less than the present cost.
  bool isOutdated(const std::string& encoded) const;

 private:
  class Turn;
  PasswordCost cost_;
  std::string nobody_;  // the hash of a password nobody has
  std::mutex mutex_;
  std::condition_variable free_;
  int running_ = 0;
};

// Why a new password is refused, as a code ("too_short", "too_long", "not_utf8", "own_name", "too_common"); nothing
// when it is good. At least 12 characters, without the account's own names, none of the commonest (NIST SP 800-63B
// 5.1.1.2: no rules about kinds of characters).
std::optional<std::string> findPasswordFault(const std::string& password, const std::string& login,
                                             const std::string& name);
// For people to read.
std::string describePasswordFault(const std::string& fault);

}  // namespace qianda::server
