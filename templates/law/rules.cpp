#include "core/digest.h"
#include "templates/law/checks.h"

namespace qianda::templates::law {
namespace {

constexpr unsigned kNewContract = kGeneral | kDispatch | kPlatform;
constexpr unsigned kFullTime = kNewContract | kAnnex;
constexpr unsigned kLabour = kFullTime | kPartTime;
constexpr unsigned kEvery = kLabour | kAgreement;
constexpr Severity kBlock = Severity::kBlock, kWarn = Severity::kWarn, kInform = Severity::kInform;

}  // namespace

const std::vector<RuleEntry>& ruleTable() {
  static const std::vector<RuleEntry> kTable{
      {{"LC01", "劳动合同法 17(1)", kBlock, "2008-01-01", "",
        "用人单位的名称、住所、法定代表人和统一社会信用代码应当齐全、有效。",
        "The employer's name, address, legal representative and credit code must be present and valid."},
       kEvery,
       &checkEmployer},
      {{"LC02", "劳动合同法 17(2)", kBlock, "2008-01-01", "", "劳动者的姓名、住址和身份证件号码应当齐全、有效。",
        "The worker's name, address and document number must be present and valid."},
       kEvery,
       &checkWorker},
      {{"LC03", "劳动合同法 12-15, 17(3)", kBlock, "2008-01-01", "", "合同期限不完整或自相矛盾。",
        "The term of the contract is incomplete or contradicts its type."},
       kFullTime,
       &checkTerm},
      {{"LC03", "劳动合同法 12-15, 17(3)", kBlock, "2008-01-01", "", "合同终止日期应当晚于起始日期。",
        "The term must end after it starts."},
       kLabour,
       &checkTermDates},
      {{"LC04", "劳动合同法 17(4)", kBlock, "2008-01-01", "", "应当写明工作内容和工作地点。",
        "Work content and place of work must be stated."},
       kLabour,
       &checkWork},
      {{"LC04", "劳动合同法 17(4)", kWarn, "2008-01-01", "", "工作地点过于宽泛，可能视为约定不明。",
        "The place of work is so wide that it may count as not agreed."},
       kLabour,
       &checkPlaceTooWide},
      {{"LC05", "劳动合同法 17(5); 劳动法 39", kBlock, "2008-01-01", "",
        "综合计算工时制、不定时工作制须有在有效期内的行政许可。",
        "Comprehensive and flexible working time need an approval in force."},
       kFullTime,
       &checkHoursSystem},
      {{"LC06", "劳动法 36, 38; 国务院关于职工工作时间的规定 3", kBlock, "1995-05-01", "",
        "标准工时制每日不超过8小时、每周不超过40小时、每周至少休息一日。",
        "Standard working time is at most 8 hours a day and 40 a week, with a rest day every week."},
       kFullTime,
       &checkStandardHours},
      {{"LC07", "劳动法 41, 44", kBlock, "1995-01-01", "", "加班时间超过法定上限，或加班费低于法定标准。",
        "Agreed overtime exceeds the legal maximum, or its rate is below the legal minimum."},
       kFullTime,
       &checkOvertime},
      {{"LC08", "劳动合同法 17(6); 劳动法 50", kBlock, "2008-01-01", "",
        "应当写明工资数额（或计件办法）、支付日和支付方式，支付周期不超过一个月。",
        "Pay or piece rate, pay day and method must be stated, and pay is due at least monthly."},
       kFullTime,
       &checkPay},
      {{"LC09", "劳动法 48; 劳动合同法实施条例 14", kBlock, "1995-01-01", "", "工资低于工作地点的最低工资标准。",
        "Pay is below the minimum wage at the place of work."},
       kFullTime,
       &checkMinimumWage},
      {{"LC09", "劳动法 48", kWarn, "1995-01-01", "", "基本工资低于最低工资标准，绩效不足时将违法。",
        "Base pay alone is below the minimum wage: unlawful whenever performance pay does not make it up."},
       kFullTime,
       &checkBasePay},
      {{"LC09", "劳动法 48", kInform, "", "", "没有该工作地点的最低工资标准，未核对工资。",
        "No minimum wage on file for this place: pay was not checked."},
       kLabour,
       &checkWageOnFile},
      {{"LC09", "劳动法 48", kInform, "", "", "所用最低工资标准尚未经公告核实，请确认。",
        "The minimum wage used was not read in a public notice: confirm it."},
       kLabour,
       &checkWageConfirmed},
      {{"LC11", "劳动合同法 17(8); 职业病防治法 33", kBlock, "2008-01-01", "", "职业病危害岗位应当附危害告知书。",
        "A post exposed to occupational hazards needs a hazard notice."},
       kGeneral | kDispatch | kPartTime | kPlatform,
       &checkHazardNotice},
      {{"LC10", "劳动合同法 17(7); 最高法解释(二) 19", kBlock, "2008-01-01", "", "放弃社会保险或以现金代替的约定无效。",
        "An agreement to waive social insurance, or to pay cash instead, is void."},
       kLabour,
       &checkInsuranceWaiver},
      {{"LC12", "劳动合同法 19", kBlock, "2008-01-01", "", "试用期超过法定上限。",
        "Probation is longer than the law allows for this term."},
       kFullTime,
       &checkProbationLength},
      {{"LC13", "劳动合同法 19", kBlock, "2008-01-01", "", "该合同期限不得约定试用期。",
        "No probation may be agreed for this term."},
       kFullTime,
       &checkProbationAllowed},
      {{"LC13", "劳动合同法 70", kBlock, "2008-01-01", "", "非全日制用工不得约定试用期。",
        "No probation may be agreed for part-time work."},
       kPartTime,
       &checkPartTimeProbation},
      {{"LC14", "劳动合同法 19", kBlock, "2008-01-01", "", "同一用人单位与同一劳动者只能约定一次试用期。",
        "Probation may be agreed only once between the same employer and worker."},
       kFullTime,
       &checkSecondProbation},
      {{"LC15", "劳动合同法 19", kBlock, "2008-01-01", "", "仅约定试用期的，试用期不成立，该期限即为合同期限。",
        "Where only probation is agreed there is none: that period is the term of the contract."},
       kFullTime,
       &checkProbationOnly},
      {{"LC16", "劳动合同法 20; 实施条例 15", kBlock, "2008-01-01", "",
        "试用期工资不得低于约定工资的80%，也不得低于最低工资标准。",
        "Probation pay must reach 80% of the agreed pay and the minimum wage."},
       kFullTime,
       &checkProbationPay},
      {{"LC17", "劳动合同法 25", kBlock, "2008-01-01", "", "除服务期和竞业限制外，不得约定由劳动者承担违约金。",
        "Except for a training bond and non-compete no penalty may be put on the worker."},
       kLabour,
       &checkWorkerPenalty},
      {{"LC19", "劳动合同法 23, 24", kBlock, "2008-01-01", "", "竞业限制须写明人员类别、期限（不超过二年）和按月补偿。",
        "A non-compete clause needs the class of person, at most two years, and monthly compensation."},
       kLabour,
       &checkNonCompete},
      {{"LC20", "最高法解释(一) 36; 企业实施竞业限制合规指引", kWarn, "2021-01-01", "",
        "竞业限制补偿偏低或违约金偏高。", "Non-compete compensation is low or the penalty is high."},
       kLabour,
       &checkNonCompetePay},
      {{"LC21", "劳动合同法 9, 84", kBlock, "2008-01-01", "", "不得扣押证件，不得要求劳动者提供担保或者收取财物。",
        "No identity papers may be kept, and no deposit or guarantee may be asked of the worker."},
       kLabour,
       &checkDeposit},
      {{"LC22", "劳动合同法 26(2)", kBlock, "2008-01-01", "", "用人单位免除自己法定责任、排除劳动者权利的约定无效。",
        "A term by which the employer is freed of its statutory duties is void."},
       kEvery,
       &checkDutyWaiver},
      {{"LC23", "劳动合同法实施条例 13; 劳动合同法 42", kBlock, "2008-09-18", "",
        "不得约定法定情形以外的解除、终止条件。", "Grounds of termination beyond those of the law must not be agreed."},
       kLabour,
       &checkTerminationGrounds},
      {{"LC24", "劳动合同法 35, 26", kWarn, "2008-01-01", "", "变更岗位、工资须协商一致，单方变更的约定可能无效。",
        "Post and pay change by agreement; a one-sided right to change them may be void."},
       kLabour,
       &checkOneSidedChange},
      {{"LC25", "劳动合同法 10, 82", kWarn, "2008-01-01", "", "用工之日起超过一个月未订立书面合同，应支付双倍工资。",
        "More than a month since the first working day without a written contract: double wages are due."},
       kNewContract,
       &checkLateContract},
      {{"LC26", "劳动合同法 14; 实施条例 7", kWarn, "2008-01-01", "",
        "用工满一年未订立书面合同，视为已订立无固定期限合同。",
        "A year since the first working day without a written contract: it is deemed open-ended."},
       kNewContract,
       &checkDeemedOpenEnded},
      {{"LC27", "劳动合同法 14", kBlock, "2008-01-01", "", "应当订立无固定期限劳动合同，除非劳动者提出固定期限。",
        "An open-ended contract is due unless the worker asks for a fixed term."},
       kFullTime,
       &checkOpenEndedDue},
      {{"LC28", "劳动合同法 16; 电子签名法 5", kWarn, "2008-01-01", "", "合同起始日期早于签署日期。",
        "The term starts before the day of signing."},
       kEvery,
       &checkBackdatedStart},
      {{"LC29", "劳动法 15; 未成年人保护法 61", kBlock, "1995-01-01", "", "不得招用未满十六周岁的未成年人。",
        "Nobody under 16 may be employed."},
       kEvery,
       &checkUnderage},
      {{"LC29", "劳动法 58, 64", kWarn, "1995-01-01", "", "未成年工（十六至十八周岁）不得从事禁忌劳动。",
        "A worker of 16 to 18 must not be given forbidden work."},
       kEvery,
       &checkYoungWorker},
      {{"LC30", "劳动合同法 44(2); 最高法解释(二) 21", kWarn, "2008-01-01", "", "劳动者可能已达到法定退休年龄。",
        "The worker may have reached the statutory retirement age."},
       kGeneral | kDispatch | kPartTime | kPlatform,
       &checkRetirement},
      {{"LC32", "劳动合同法 57, 58", kBlock, "2008-01-01", "",
        "劳务派遣须写明用工单位、派遣期限和岗位，订立二年以上固定期限合同，许可证有效。",
        "Dispatch needs the user unit, period and post, a fixed term of two years or more, and a licence in force."},
       kDispatch,
       &checkDispatch},
      {{"LC33", "劳动合同法 66", kWarn, "2013-07-01", "", "派遣岗位应为临时性（不超过六个月）、辅助性或替代性。",
        "A dispatch post must be temporary (at most six months), auxiliary or substitute."},
       kDispatch,
       &checkDispatchPost},
      {{"LC34", "劳动合同法实施条例 30", kBlock, "2008-09-18", "", "不得以非全日制用工形式招用被派遣劳动者。",
        "Dispatched workers must not be hired part-time."},
       kDispatch | kPartTime,
       &checkDispatchPartTime},
      {{"LC35", "劳动合同法 68-72", kBlock, "2008-01-01", "",
        "非全日制用工每日不超过4小时、每周不超过24小时，支付周期不超过15日，不低于小时最低工资。",
        "Part-time work is at most 4 hours a day and 24 a week, paid within 15 days, at the hourly minimum or more."},
       kPartTime,
       &checkPartTime},
      {{"LC40", "劳动合同法 18", kBlock, "2008-01-01", "", "合同条款之间的日期或期限不一致。",
        "Dates or lengths in the contract contradict each other."},
       kEvery,
       &checkContradictions},
      {{"LC42", "劳动法 44, 48", kWarn, "1995-01-01", "", "按约定工时折算，工资低于最低工资标准（含加班费）。",
        "Divided by the agreed hours, pay is below the minimum wage with overtime."},
       kFullTime,
       &checkHiddenSubMinimum},
  };
  return kTable;
}

const std::vector<Rule>& rules() {
  static const std::vector<Rule> kRules = [] {
    std::vector<Rule> all;
    for (const RuleEntry& entry : ruleTable()) all.push_back(entry.rule);
    return all;
  }();
  return kRules;
}

const std::string& rulesVersion() {
  static const std::string kVersion = [] {
    std::string text;
    for (const Rule& rule : rules()) {
      const std::string severity = std::to_string(static_cast<int>(rule.severity));
      for (std::string_view part : {rule.id, rule.article, std::string_view(severity), rule.effectiveFrom,
                                    rule.effectiveTo, rule.messageZh, rule.messageEn}) {
        text.append(part).push_back('\0');
      }
    }
    return core::sha256Hex(text).substr(0, 16);
  }();
  return kVersion;
}

}  // namespace qianda::templates::law
