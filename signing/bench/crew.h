// Lets several threads share a number of equal pieces of work and says how long that took.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "signing/keys/bare_rate.h"

namespace qianda::signing {

struct CrewTime {
  double seconds = 0;     // from the first call to the end of the last
  double cpuSeconds = 0;  // of all threads together
  Pace paceOf(std::uint64_t count, unsigned threads) const {
    return {static_cast<double>(count) / seconds / threads, static_cast<double>(count) / cpuSeconds};
  }
};

// Calls once(i) for every i from 0 to count - 1, each from one of `threads` threads. What a call throws is thrown here
// when all threads have ended.
template <typename Once>
CrewTime runCrew(unsigned threads, std::uint64_t count, Once once) {
  std::atomic<std::uint64_t> next = 0;
  std::exception_ptr failure;
  CrewTime time;
  std::mutex mutex;
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> crew;
  for (unsigned i = 0; i < threads; ++i) {
    crew.emplace_back([&] {
      try {
        for (std::uint64_t at; (at = next++) < count;) once(at);
        const std::lock_guard lock(mutex);
        time.cpuSeconds += threadCpuSeconds();
      } catch (...) {
        const std::lock_guard lock(mutex);
        failure = std::current_exception();
        next = count;
      }
    });
  }
  for (std::thread& member : crew) member.join();
  const auto end = std::chrono::steady_clock::now();
  if (failure) std::rethrow_exception(failure);
  time.seconds = std::chrono::duration<double>(end - start).count();
  return time;
}

// How many of `all` belong to round `round` of `rounds`.
inline std::uint64_t shareOf(std::uint64_t all, std::uint64_t round, std::uint64_t rounds) {
  return all * (round + 1) / rounds - all * round / rounds;
}

}  // namespace qianda::signing
