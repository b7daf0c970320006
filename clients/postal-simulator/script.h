// What happens to a simulated parcel: `@5s-203.5s-702.2s-704[本人;证件]`, steps of a pause and a code of China Post
// (delivery/post/mail_event.h). An epoch may come first: `@2026-03-02T09:00:00/1d-203`, China's time. R before a code
// is the signed receipt's own way back (返单), W takes the last such event back. In brackets, separated by `;`: words
// (who signed, or why not), 证件 (the ID number is on the receipt), name= office= deliver= attempt= text= image=scan,
// none or unreadable. Values; errors are kInvalidInput and name the column.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace qianda::postal_simulator {

struct Step {
  std::chrono::milliseconds after{0};  // since the step before
  std::string code;
  bool isReceipt = false, withdraws = false, hasIdNumber = false;
  std::string words;
  std::map<std::string, std::string> details;
};

struct Script {
  std::string text;  // as written
  std::optional<core::Instant> epoch;
  std::vector<Step> steps;
};

// `where` opens the message of an error.
Script parseScript(std::string_view text, const std::string& where);
// The directive inside a street or a title: from '@' and a digit to the next white space outside brackets, or "".
std::string directiveIn(std::string_view text);

// Lines of a pattern (of order numbers, `*` and `?`) and a script; the first that fits counts. # begins a comment.
class ScriptRules {
 public:
  static ScriptRules parse(std::string_view text, const std::string& fileName);
  const Script* find(const std::string& orderNo) const;

 private:
  struct Rule {
    std::string pattern;
    Script script;
  };
  std::vector<Rule> rules_;
};

}  // namespace qianda::postal_simulator
