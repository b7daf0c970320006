#include "templates/law/term.h"

#include <algorithm>

namespace qianda::templates::law {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::months;
using std::chrono::sys_days;
using namespace std::chrono_literals;

constexpr core::Date kDelayFrom = 2025y / 1 / 1;

int monthsBetween(core::Date from, core::Date to) {
  return (static_cast<int>(to.year()) - static_cast<int>(from.year())) * 12 +
         static_cast<int>(static_cast<unsigned>(to.month())) - static_cast<int>(static_cast<unsigned>(from.month()));
}

struct Retirement {
  int years;         // before the delay
  core::Date since;  // born from this month on: delayed
  int step;          // months of birth that add one month
  int most;          // months of delay at most
};
constexpr Retirement kMen{60, 1965y / 1 / 1, 4, 36}, kWomen{50, 1975y / 1 / 1, 2, 60};

}  // namespace

core::Date lastDayOfTerm(core::Date start, int length) {
  const core::Date same = start + months(length);
  if (!same.ok()) return same.year() / same.month() / std::chrono::last;
  return sys_days(same) - days(1);
}

int wholeMonths(core::Date start, core::Date end) {
  int length = std::max(0, monthsBetween(start, end) + 1);
  while (length > 0 && lastDayOfTerm(start, length) > end) --length;
  return length;
}

int daysBeyondMonths(core::Date start, core::Date end) {
  const int whole = wholeMonths(start, end);
  const sys_days covered = whole == 0 ? sys_days(start) - days(1) : sys_days(lastDayOfTerm(start, whole));
  return static_cast<int>((sys_days(end) - covered).count());
}

int ageOn(core::Date birth, core::Date on) {
  const int years = static_cast<int>(on.year()) - static_cast<int>(birth.year());
  const bool isReached = std::pair(on.month(), on.day()) >= std::pair(birth.month(), birth.day());
  return isReached ? years : years - 1;
}

int longestProbation(TermKind kind, int length) {
  if (kind == TermKind::kTask) return 0;
  if (kind == TermKind::kOpen || length >= 36) return 6;
  return length < 3 ? 0 : length < 12 ? 1 : 2;
}

int retirementAgeMonths(core::Date birth, bool male, core::Date onDay) {
  const Retirement& rule = male ? kMen : kWomen;
  const int since = monthsBetween(rule.since, birth);
  if (onDay < kDelayFrom || since < 0) return rule.years * 12;
  return rule.years * 12 + std::min(since / rule.step + 1, rule.most);
}

}  // namespace qianda::templates::law
