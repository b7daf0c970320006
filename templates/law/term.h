// Terms in months as the law counts them (民法典 202, 1259): a term of whole months begins on its first day and ends on
// the day before the same day number, or on the month's last day where that number does not exist. Months are compared
// with months, never with days: 1 July to 31 August (62 days) is two months, 1 January to 1 March (60 days) is more.
#pragma once

#include "core/time.h"

namespace qianda::templates::law {

// The last day of a term of `months` (at least 1) that begins on `start`.
core::Date lastDayOfTerm(core::Date start, int months);
// Whole months in [start, end], both days included; 0 when end < start.
int wholeMonths(core::Date start, core::Date end);
// Days of [start, end] beyond its whole months.
int daysBeyondMonths(core::Date start, core::Date end);
// Full years of age on the day.
int ageOn(core::Date birth, core::Date day);

enum class TermKind { kFixed, kOpen, kTask };
// 劳动合同法 19: the longest probation in months; `months` counts for a fixed term only.
int longestProbation(TermKind kind, int months);

// Months of age at which the statutory retirement age is reached: 60 years for men, 50 for women, later by steps for
// those born from January 1965 and January 1975 on (关于实施渐进式延迟法定退休年龄的决定, from 2025-01-01). For women
// the earliest age is taken.
int retirementAgeMonths(core::Date birth, bool male, core::Date onDay);

}  // namespace qianda::templates::law
