#include "delivery/rules/working_calendar.h"

#include <array>
#include <set>

#include <yaml-cpp/yaml.h>

#include "core/error.h"
#include "delivery/rules/yaml_fields.h"

namespace qianda::delivery {
namespace {

using core::Date;
using core::toDays;

int yearOf(Date date) { return static_cast<int>(date.year()); }

bool isWeekend(Date day) {
  const unsigned weekday = std::chrono::weekday(std::chrono::sys_days(day)).c_encoding();
  return weekday == 0 || weekday == 6;
}

// 放假办法 2 (2024-11-10): the days whose date does not depend on the moon.
bool isFixedHoliday(Date day) {
  const unsigned number = static_cast<unsigned>(day.month()) * 100 + static_cast<unsigned>(day.day());
  static constexpr std::array<unsigned, 6> kFixed{101, 501, 502, 1001, 1002, 1003};
  for (unsigned fixed : kFixed) {
    if (number == fixed) return true;
  }
  return false;
}

class Reader {
 public:
  Reader(const YamlFields& fields, std::map<std::int64_t, DayKind>& days, std::map<int, bool>& years)
      : fields_(fields), days_(days), years_(years) {}

  void readArrangement(const YAML::Node& node) {
    fields_.checkKeys(node, {"year", "source", "off", "worked"});
    const int year = newYear(node);
    fields_.text(node, "source");
    for (const YAML::Node& span : fields_.list(node, "off")) readSpan(span, year);
    for (const YAML::Node& day : fields_.list(node, "worked")) {
      const Date date = fields_.dateOf(day, "worked");
      if (yearOf(date) != year) fields_.fail(day, "worked", "is not in the year of its arrangement");
      if (!isWeekend(date)) fields_.fail(day, "worked", "is neither a Saturday nor a Sunday");
      put(day, "worked", date, DayKind::kMakeUp);
    }
    years_[year] = true;
  }

  void readLunar(const YAML::Node& node) {
    fields_.checkKeys(node, {"year", "spring", "qingming", "duanwu", "mid_autumn"});
    const int year = newYear(node);
    // Holidays may fall together (中秋 on 国庆): then they are one day here.
    for (const char* field : {"spring", "qingming", "duanwu", "mid_autumn"}) {
      const Date date = fields_.date(node, field);
      if (yearOf(date) != year) fields_.fail(node[field], field, "is not in its year");
      const bool isSpring = std::string_view(field) == "spring";
      for (std::int64_t day = toDays(date) - (isSpring ? 1 : 0); day <= toDays(date) + (isSpring ? 2 : 0); ++day) {
        days_[day] = DayKind::kHoliday;
      }
    }
    years_[year] = false;
  }

 private:
  int newYear(const YAML::Node& node) {
    const int year = fields_.number(node, "year");
    if (year < 2000 || year > 2100) fields_.fail(node["year"], "year", "must be from 2000 to 2100");
    if (years_.contains(year)) fields_.fail(node["year"], "year", "appears twice");
    return year;
  }
  void readSpan(const YAML::Node& span, int year) {
    fields_.checkKeys(span, {"from", "to", "name"});
    const Date from = fields_.date(span, "from"), to = fields_.date(span, "to");
    fields_.text(span, "name");
    if (yearOf(from) != year || yearOf(to) != year) fields_.fail(span, "off", "is not in the year of its arrangement");
    if (to < from) fields_.fail(span["to"], "to", "is before from");
    for (std::int64_t day = toDays(from); day <= toDays(to); ++day) {
      put(span, "off", core::fromDays(day), DayKind::kHoliday);
    }
  }
  void put(const YAML::Node& node, const char* field, Date day, DayKind kind) {
    if (!days_.emplace(toDays(day), kind).second) {
      fields_.fail(node, field, core::isoDate(day) + " is already off or worked");
    }
  }

  const YamlFields& fields_;
  std::map<std::int64_t, DayKind>& days_;
  std::map<int, bool>& years_;
};

}  // namespace

WorkingCalendar WorkingCalendar::parse(std::string_view yaml, const std::string& fileName) {
  const YamlFields fields(fileName);
  const YAML::Node root = fields.load(yaml);
  fields.checkKeys(root, {"version", "arrangements", "lunar"});
  WorkingCalendar calendar;
  calendar.version_ = fields.text(root, "version");
  Reader reader(fields, calendar.days_, calendar.years_);
  for (const YAML::Node& node : fields.list(root, "arrangements")) reader.readArrangement(node);
  for (const YAML::Node& node : fields.list(root, "lunar")) reader.readLunar(node);
  return calendar;
}

const WorkingCalendar& WorkingCalendar::shipped() {
  static const WorkingCalendar kShipped = parse(embeddedRule("holidays.yaml"), "holidays.yaml");
  return kShipped;
}

DayKind WorkingCalendar::kindOf(Date day) const {
  if (const auto exception = days_.find(toDays(day)); exception != days_.end()) return exception->second;
  if (isProvisional(day) && isFixedHoliday(day)) return DayKind::kHoliday;
  return isWeekend(day) ? DayKind::kWeekend : DayKind::kWorking;
}

bool WorkingCalendar::isRestDay(Date day) const {
  const DayKind kind = kindOf(day);
  return kind == DayKind::kWeekend || kind == DayKind::kHoliday;
}

bool WorkingCalendar::isProvisional(Date day) const {
  const auto year = years_.find(yearOf(day));
  return year == years_.end() || !year->second;
}

Date WorkingCalendar::nextWorkingDay(Date day) const {
  std::int64_t number = toDays(day);
  while (isRestDay(core::fromDays(number))) ++number;
  return core::fromDays(number);
}

Date WorkingCalendar::addWorkingDays(Date day, int days) const {
  std::int64_t number = toDays(day);
  for (int left = days; left > 0;) {
    if (!isRestDay(core::fromDays(++number))) --left;
  }
  return core::fromDays(number);
}

}  // namespace qianda::delivery
