#include "delivery/rules/period.h"

namespace qianda::delivery {
namespace {

bool rolls(DayKind kind, const RollRules& rules) {
  switch (kind) {
    case DayKind::kWorking:
      return false;
    case DayKind::kHoliday:
      return true;
    case DayKind::kWeekend:
      return rules.rollsWeekends;
    case DayKind::kMakeUp:
      return rules.rollsMakeUpDays;
  }
  return false;
}

}  // namespace

Period periodOf(core::Date start, int days, const WorkingCalendar& calendar, const RollRules& rules) {
  Period period;
  period.start = start;
  period.days = days;
  period.nominal = core::fromDays(core::toDays(start) + days);
  std::int64_t last = core::toDays(period.nominal);
  period.isProvisional = calendar.isProvisional(period.nominal);
  while (rolls(calendar.kindOf(core::fromDays(last)), rules)) ++last;
  period.last = core::fromDays(last);
  period.isProvisional = period.isProvisional || calendar.isProvisional(period.last);
  return period;
}

core::Date latestDayBefore(core::Date day, int days) { return core::fromDays(core::toDays(day) - days - 1); }

}  // namespace qianda::delivery
