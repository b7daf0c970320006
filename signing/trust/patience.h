// How long a service that does not answer is waited for: it is asked a bounded number of times with a wait that doubles
// in between. Header only; callable from any thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/error.h"

namespace qianda::signing {

struct Patience {
  unsigned attempts = 3;                 // at least 1
  std::chrono::milliseconds wait{1000};  // before the second attempt
};
inline constexpr std::chrono::milliseconds kLongestWait{30'000};

// What `ask` returns. When it throws kUnavailable and attempts are left, `isWorthIt(attempt, error, wait)` decides
// whether to wait and ask again; otherwise the error goes on, as any other does at once.
template <typename Ask, typename IsWorthIt>
auto askPatiently(const Patience& patience, Ask ask, IsWorthIt isWorthIt) {
  std::chrono::milliseconds wait = patience.wait;
  for (unsigned attempt = 1;; ++attempt) {
    try {
      return ask();
    } catch (const core::Error& error) {
      const bool isLast = error.code() != core::ErrorCode::kUnavailable || attempt >= patience.attempts;
      if (isLast || !isWorthIt(attempt, error, wait)) throw;
    }
    std::this_thread::sleep_for(wait);
    wait = std::min(2 * wait, kLongestWait);
  }
}

}  // namespace qianda::signing
