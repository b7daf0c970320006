// Lets several threads share a number of equal pieces of work and says how long that took.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace qianda::signing {

// Calls once(i) for every i from 0 to count - 1, each from one of `threads` threads; seconds from the first to the
// last. What a call throws is thrown here when all threads have ended.
template <typename Once>
double runCrew(unsigned threads, std::uint64_t count, Once once) {
  std::atomic<std::uint64_t> next = 0;
  std::exception_ptr failure;
  std::mutex mutex;
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> crew;
  for (unsigned i = 0; i < threads; ++i) {
    crew.emplace_back([&] {
      try {
        for (std::uint64_t at; (at = next++) < count;) once(at);
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
  return std::chrono::duration<double>(end - start).count();
}

// How many of `all` belong to round `round` of `rounds`.
inline std::uint64_t shareOf(std::uint64_t all, std::uint64_t round, std::uint64_t rounds) {
  return all * (round + 1) / rounds - all * round / rounds;
}

}  // namespace qianda::signing
