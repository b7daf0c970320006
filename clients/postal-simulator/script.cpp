#include "clients/postal-simulator/script.h"

#include <algorithm>
#include <charconv>
#include <set>

#include <fnmatch.h>

#include "core/error.h"
#include "core/text.h"
#include "delivery/partner/post_text.h"

namespace qianda::postal_simulator {
namespace {

constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr std::int64_t kLongestPause = 4000;  // days
const std::set<std::string, std::less<>> kDetails{"name", "office", "deliver", "attempt", "text", "image"};
const std::set<std::string, std::less<>> kImages{"scan", "none", "unreadable"};
constexpr std::string_view kIdNumber = "证件";

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isCodeCharacter(char c) { return isDigit(c) || (c >= 'A' && c <= 'Z') || c == '_'; }

class Reader {
 public:
  Reader(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  Script read() {
    Script script;
    script.text = std::string(text_);
    if (!take('@')) refuse("a script begins with '@'");
    readEpoch(script);
    do {
      script.steps.push_back(readStep());
    } while (take('.'));
    if (at_ != text_.size()) refuse("'.' or the end is expected");
    return script;
  }

 private:
  [[noreturn]] void refuse(const std::string& reason) const {
    throw core::Error(core::ErrorCode::kInvalidInput, where_ + ": column " + std::to_string(at_ + 1) + ": " + reason);
  }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void readEpoch(Script& script) {
    const std::size_t slash = text_.find('/', at_);
    const std::string_view head = text_.substr(at_, std::min(slash, text_.size()) - at_);
    if (slash == std::string_view::npos || head.find_first_of("[.") != std::string_view::npos) return;
    std::string epoch(head);
    if (epoch.size() == 16) epoch += ":00";
    if (epoch.size() == 19) epoch += "+08:00";
    script.epoch = delivery::parseIsoInstant(epoch);
    if (!script.epoch) refuse("an epoch is written 2026-03-02T09:00:00");
    at_ = slash + 1;
  }

  Step readStep() {
    Step step;
    step.after = readPause();
    if (!take('-')) refuse("'-' is expected between pause and code");
    step.isReceipt = take('R');
    step.withdraws = take('W');
    const std::size_t from = at_;
    while (at_ < text_.size() && isCodeCharacter(text_[at_])) ++at_;
    step.code = text_.substr(from, at_ - from);
    if (step.code.size() < 2 || step.code.size() > 8) refuse("a code of two to eight capitals and digits is expected");
    if (take('[')) readWords(step);
    return step;
  }

  std::chrono::milliseconds readPause() {
    std::int64_t number = 0;
    const char* begin = text_.data() + at_;
    const auto [rest, failure] = std::from_chars(begin, text_.data() + text_.size(), number);
    if (failure != std::errc() || number < 0) refuse("a pause such as 5s is expected");
    at_ += static_cast<std::size_t>(rest - begin);
    const std::size_t from = at_;
    while (at_ < text_.size() && text_[at_] >= 'a' && text_[at_] <= 'z') ++at_;
    const std::string_view unit = text_.substr(from, at_ - from);
    const auto* found =
        std::find_if(std::begin(kUnits), std::end(kUnits), [&](auto& one) { return one.first == unit; });
    if (found == std::end(kUnits)) refuse("the unit of a pause is ms, s, m, h or d");
    if (number > kLongestPause * 86'400'000 / found->second) refuse("a pause lasts 4000 days at most");
    return std::chrono::milliseconds(number * found->second);
  }

  void readWords(Step& step) {
    const std::size_t end = text_.find(']', at_);
    if (end == std::string_view::npos) refuse("']' is missing");
    while (at_ <= end) {
      const std::size_t stop = std::min(text_.find(';', at_), end);
      readDetail(step, text_.substr(at_, stop - at_));
      at_ = stop + 1;
    }
  }

  void readDetail(Step& step, std::string_view part) {
    const std::size_t equals = part.find('=');
    if (part == kIdNumber) {
      step.hasIdNumber = true;
    } else if (equals == std::string_view::npos) {
      if (!step.words.empty()) refuse("a second text of words");
      step.words = part;
    } else {
      const std::string key(part.substr(0, equals)), value(part.substr(equals + 1));
      if (!kDetails.contains(key)) refuse("no such detail: " + key);
      if (key == "image" && !kImages.contains(value)) refuse("image is scan, none or unreadable");
      if (!step.details.emplace(key, value).second) refuse(key + " is there twice");
    }
  }

  const std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0;
};

}  // namespace

Script parseScript(std::string_view text, const std::string& where) { return Reader(text, where).read(); }

std::string directiveIn(std::string_view text) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    if (at + 1 >= text.size() || !isDigit(text[at + 1])) continue;
    bool isWords = false;
    std::size_t end = at;
    for (; end < text.size(); ++end) {
      if (text[end] == '[') isWords = true;
      if (text[end] == ']') isWords = false;
      if (!isWords && (text[end] == ' ' || text[end] == '\t')) break;
    }
    return std::string(text.substr(at, end - at));
  }
  return {};
}

ScriptRules ScriptRules::parse(std::string_view text, const std::string& fileName) {
  ScriptRules rules;
  for (std::size_t line = 1; !text.empty(); ++line) {
    std::string_view one = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    one = core::trim(one);
    if (one.empty() || one.front() == '#') continue;
    const std::string where = fileName + ":" + std::to_string(line);
    const std::size_t space = one.find_first_of(" \t");
    if (space == std::string_view::npos) {
      throw core::Error(core::ErrorCode::kInvalidInput, where + ": a pattern and a script are needed");
    }
    rules.rules_.push_back({std::string(one.substr(0, space)), parseScript(core::trim(one.substr(space)), where)});
  }
  return rules;
}

const Script* ScriptRules::find(const std::string& orderNo) const {
  for (const Rule& rule : rules_) {
    if (::fnmatch(rule.pattern.c_str(), orderNo.c_str(), 0) == 0) return &rule.script;
  }
  return nullptr;
}

}  // namespace qianda::postal_simulator
