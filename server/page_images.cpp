#include "server/page_images.h"

#include "core/child_process.h"
#include "core/digest.h"
#include "core/error.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;

constexpr std::uint32_t kTallest = 10;  // times the width: no phone shows more

std::uint32_t bigEndian(std::string_view octets) {
  std::uint32_t value = 0;
  for (const char octet : octets) value = value << 8 | static_cast<unsigned char>(octet);
  return value;
}

// What poppler cannot paint for its size is a picture of one pixel, without an error (PNG 11.2.2: width and height).
bool isShown(std::string_view png) {
  return png.size() > 24 && bigEndian(png.substr(16, 4)) == PageImages::kWidth &&
         bigEndian(png.substr(20, 4)) <= kTallest * PageImages::kWidth;
}

}  // namespace

PageImages::PageImages(const Limits& limits, std::function<core::Instant()> clock)
    : limits_(limits), clock_(std::move(clock)), gate_(limits.atOnce, limits.waiting, limits.patience) {}

std::string PageImages::picture(const std::string& subject, std::string_view pdf, std::size_t page) {
  static const std::vector<std::string> kCommand = {
      "pdftoppm", "-png", "-cropbox", "-scale-to-x", std::to_string(kWidth), "-scale-to-y", "-1", "-"};
  std::string png = make(subject, kCommand, pdf, page);
  if (!isShown(png)) {
    throw Error(ErrorCode::kUnavailable, "page " + std::to_string(page) + " cannot be painted");
  }
  return png;
}

std::string PageImages::text(const std::string& subject, std::string_view pdf, std::size_t page) {
  static const std::vector<std::string> kCommand = {"pdftotext", "-enc", "UTF-8", "-nopgbrk", "-cropbox", "-", "-"};
  return make(subject, kCommand, pdf, page);
}

std::string PageImages::make(const std::string& subject, const std::vector<std::string>& command, std::string_view pdf,
                             std::size_t page) {
  const std::string number = std::to_string(page);
  const std::string key = subject + '\n' + core::sha256Hex(pdf) + '\n' + command.front() + '\n' + number;
  {
    const std::lock_guard lock(mutex_);
    const core::Instant now = clock_();
    dropOld(now);
    if (const auto found = byKey_.find(key); found != byKey_.end()) {
      kept_.splice(kept_.begin(), kept_, found->second);
      found->second->used = now;
      return found->second->octets;
    }
    ++made_;
  }
  const Gate::Pass pass(gate_);
  if (!pass) throw Error(ErrorCode::kUnavailable, "too many pages are being made at once");
  // A file from elsewhere may be made to exhaust who shows it.
  std::vector<std::string> arguments = {
      "prlimit", "--as=1500000000", "--cpu=20", "--core=0", command.front(), "-f", number, "-l", number};
  arguments.insert(arguments.end(), command.begin() + 1, command.end());
  const core::ChildAnswer answer = core::runChild({arguments, {}, pdf, limits_.timeout, limits_.largest});
  if (answer.said.find("Wrong page range") != std::string::npos) {
    throw Error(ErrorCode::kNotFound, "there is no page " + number);
  }
  if (answer.status != 0) {
    throw Error(ErrorCode::kUnavailable, command.front() + " of page " + number + " ended with " +
                                             std::to_string(answer.status) + ": " + answer.said);
  }
  const std::lock_guard lock(mutex_);
  if (answer.output.size() <= limits_.kept && !byKey_.contains(key)) {
    kept_.push_front({key, answer.output, clock_()});
    byKey_[key] = kept_.begin();
    weight_ += answer.output.size();
    while (weight_ > limits_.kept) drop(std::prev(kept_.end()));
  }
  return answer.output;
}

void PageImages::forget(const std::string& subject) {
  const std::lock_guard lock(mutex_);
  const std::string begin = subject + '\n';
  for (auto one = byKey_.lower_bound(begin); one != byKey_.end() && one->first.starts_with(begin);) {
    const auto kept = (one++)->second;
    drop(kept);
  }
}

std::size_t PageImages::made() const {
  const std::lock_guard lock(mutex_);
  return made_;
}

std::size_t PageImages::weight() const {
  const std::lock_guard lock(mutex_);
  return weight_;
}

void PageImages::dropOld(core::Instant now) {
  while (!kept_.empty() && kept_.back().used + limits_.keptFor <= now) drop(std::prev(kept_.end()));
}

void PageImages::drop(std::list<Kept>::iterator one) {
  weight_ -= one->octets.size();
  byKey_.erase(one->key);
  kept_.erase(one);
}

}  // namespace qianda::server
