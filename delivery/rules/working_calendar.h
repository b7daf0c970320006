// Which days are rest days in China, by versioned data: Saturdays and Sundays, the holidays of 全国年节及纪念日放假办法
// (2024-11-10) and the State Council's yearly 调休 arrangement. A year that has no arrangement yet is computed from the
// fixed holidays and marked as provisional. Shipped as delivery/rules/holidays.yaml; a court may give a newer file.
// Immutable; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/time.h"

namespace qianda::delivery {

enum class DayKind {
  kWorking,
  kWeekend,
  kHoliday,
  kMakeUp
};  // kMakeUp: a Saturday or Sunday that is worked (调休上班)

class WorkingCalendar {
 public:
  // Throws kInvalidInput with file, line and field.
  static WorkingCalendar parse(std::string_view yaml, const std::string& fileName);
  static const WorkingCalendar& shipped();

  const std::string& version() const { return version_; }
  DayKind kindOf(core::Date day) const;
  bool isRestDay(core::Date day) const;             // kWeekend or kHoliday
  bool isProvisional(core::Date day) const;         // its year's arrangement is not in the data
  core::Date nextWorkingDay(core::Date day) const;  // the day itself when it is one
  core::Date addWorkingDays(core::Date day, int days) const;

 private:
  std::string version_;
  std::map<std::int64_t, DayKind> days_;  // exceptions, by core::toDays
  std::map<int, bool> years_;             // whether the arrangement is known
};

}  // namespace qianda::delivery
