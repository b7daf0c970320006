// Periods (期间): 民事诉讼法 85, 民诉法解释 125, 民法典 200-204. The day on which a period begins does not count; when
// its last day is a rest day the period ends on the next working day; time in the post does not count. Days are those
// of China (UTC+8): 23:59:59 belongs to its day. Pure; any thread.
#pragma once

#include "core/time.h"
#include "delivery/rules/working_calendar.h"

namespace qianda::delivery {

struct RollRules {
  bool rollsWeekends = true;     // policy: 休息日 roll like 法定休假日
  bool rollsMakeUpDays = false;  // policy: a worked Saturday is a working day
};

struct Period {
  core::Date start;  // the day it begins on, not counted
  int days = 0;
  core::Date nominal;          // start + days
  core::Date last;             // rolled: the last day on which the act is in time
  bool isProvisional = false;  // the calendar of that year is not final
};

// `days` calendar days after `start`.
Period periodOf(core::Date start, int days, const WorkingCalendar& calendar, const RollRules& rules = {});
// The latest day of service for an act `days` full days before `day` (法35: 开庭五日前).
core::Date latestDayBefore(core::Date day, int days);

}  // namespace qianda::delivery
