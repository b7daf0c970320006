// The sentences of rulings on single attempts: for each machine word the ending it stands for, the named rule, what it
// does, and why, in both languages. Static table; any thread. Terms: docs/service-of-documents.md.
#pragma once

#include <string_view>
#include <vector>

namespace qianda::delivery {

enum class Effect {
  kNone,      // does not serve
  kServed,    // serves by itself
  kDeemed,    // serves when a named person confirms it
  kByPerson,  // does not serve; a person may find otherwise and name the day
};

struct Verdict {
  std::string_view code, ending, rule;
  Effect effect;
  std::string_view zh, en;
};

const std::vector<Verdict>& verdicts();
const Verdict& verdict(std::string_view code);  // throws kNotFound

}  // namespace qianda::delivery
