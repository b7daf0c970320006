#include "contracts/evidence/audit_verifier.h"

namespace qianda::contracts {

StreamCheck::StreamCheck(std::string stream, Known known, Report report)
    : stream_(std::move(stream)), known_(std::move(known)), report_(std::move(report)), previous_(64, '0') {}

void StreamCheck::say(const char* code, std::int64_t seq, std::int64_t line, std::string message) {
  report_({code, stream_, seq, 0, line, std::move(message)});
}

void StreamCheck::add(const storage::AuditRecord& entry, std::int64_t line) {
  const std::int64_t expected = count_ + 1;
  if (entry.stream != stream_) {
    return say("entry_misplaced", entry.seq, line, "an entry of the stream " + entry.stream + " stands in this one");
  }
  if (entry.seq != expected) {
    if (entry.seq <= count_) {
      return say("entry_misplaced", entry.seq, line,
                 "entry " + std::to_string(entry.seq) + " stands behind entry " + std::to_string(count_));
    }
    for (std::int64_t seq = expected; seq < entry.seq && seq < expected + 1000; ++seq)
      say("entry_missing", seq, line, "entry " + std::to_string(seq) + " is not at its place");
    if (entry.seq >= expected + 1000) {
      say("entry_missing", entry.seq - 1, line,
          "all entries from " + std::to_string(expected) + " to " + std::to_string(entry.seq - 1) + " are missing");
    }
    previous_.clear();  // unknown: this entry can be compared with the next alone
  }
  if (!previous_.empty() && storage::auditHash(entry, entry.seq, previous_) != entry.hash) {
    say("entry_changed", entry.seq, line,
        "entry " + std::to_string(entry.seq) + " (" + entry.type + ") is not the one whose hash was written");
  }
  previous_ = entry.hash;
  count_ = entry.seq;
  for (auto [at, end] = known_.equal_range(entry.seq); at != end; ++at) {
    if (at->second.first == entry.hash) continue;
    say("history_changed", entry.seq, line,
        "an entry up to number " + std::to_string(entry.seq) + " was changed: " + at->second.second +
            " holds another hash");
  }
}

void StreamCheck::finish(const storage::StreamHead& expected, std::int64_t line) {
  const std::int64_t longest = known_.empty() ? 0 : known_.rbegin()->first;
  if (longest > count_) {
    say("entries_cut", count_ + 1, line,
        "the entries from " + std::to_string(count_ + 1) + " to " + std::to_string(longest) +
            " were cut: " + known_.rbegin()->second.second + " holds them");
  }
  if (expected.length > count_ && expected.length > longest) {
    say("entries_cut", count_ + 1, line,
        "the entries from " + std::to_string(count_ + 1) + " to " + std::to_string(expected.length) + " were cut");
  } else if (expected.length < count_) {
    say("entry_added", expected.length + 1, line,
        "entries from " + std::to_string(expected.length + 1) + " on were added behind the last one");
  } else if (expected.length == count_ && expected.head != (count_ == 0 ? std::string(64, '0') : previous_)) {
    say("head_changed", count_, line, "the last entry is not the one whose hash stands as the stream's head");
  }
}

}  // namespace qianda::contracts
