// Pages of a PDF as pictures (PNG, kWidth pixels wide) and as text, so that every phone shows a contract the same way
// and a screen reader reads it: poppler's pdftoppm and pdftotext, one child process a page, with limits of time,
// memory and size, few at once. What was made is kept in memory alone, up to a weight and an age, and dropped with the
// ceremony it was made for. Thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "server/http/gate.h"

namespace qianda::server {

class PageImages {
 public:
  static constexpr int kWidth = 1080;

  struct Limits {
    std::size_t atOnce = 2, waiting = 16;
    std::chrono::milliseconds patience{20'000};      // for a place
    std::chrono::milliseconds timeout{20'000};       // of one page
    std::size_t largest = 8u << 20;                  // octets of one page
    std::size_t kept = 32u << 20;                    // octets of all pages
    std::chrono::milliseconds keptFor{10 * 60'000};  // since it was last asked for
  };
  explicit PageImages(std::function<core::Instant()> clock = core::now) : PageImages(Limits(), std::move(clock)) {}
  PageImages(const Limits& limits, std::function<core::Instant()> clock);

  // `page` from 1; `subject`: what it is kept for. Throws kNotFound for a page that is not there, kUnavailable when too
  // many wait or the page cannot be made within the limits.
  std::string picture(const std::string& subject, std::string_view pdf, std::size_t page);
  std::string text(const std::string& subject, std::string_view pdf, std::size_t page);
  void forget(const std::string& subject);

  std::size_t made() const;  // child processes so far
  std::size_t weight() const;

 private:
  struct Kept {
    std::string key, octets;
    core::Instant used;
  };
  std::string make(const std::string& subject, const std::vector<std::string>& command, std::string_view pdf,
                   std::size_t page);
  void dropOld(core::Instant now);
  void drop(std::list<Kept>::iterator one);

  const Limits limits_;
  const std::function<core::Instant()> clock_;
  Gate gate_;
  mutable std::mutex mutex_;
  std::list<Kept> kept_;  // last used first
  std::map<std::string, std::list<Kept>::iterator> byKey_;
  std::size_t weight_ = 0, made_ = 0;
};

}  // namespace qianda::server
