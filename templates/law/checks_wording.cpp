// Unlawful agreements in the free text of a record ("other terms" and the like), found clause by clause by their usual
// wording. A clause that forbids the thing ("不得收取押金") is not one that agrees it.
#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "templates/law/checks.h"

namespace qianda::templates::law {
namespace {

constexpr std::size_t kWords = 14;
using Words = std::array<std::string_view, kWords>;  // unused places are empty

// A clause is caught that has one of `any`, one of `with` (where there are some) and none of `unless`.
struct Wording {
  Words any, with, unless;
};

constexpr Words kForbidding{"不得", "禁止", "严禁", "无需", "无须", "不收取", "不要求", "不予收取", "不以"};

constexpr Wording kInsurance[] = {
    {{"不参保", "不缴社保", "不缴纳社保", "不缴纳社会保险", "不参加社会保险", "不买社保", "无社保"}, {}, kForbidding},
    {{"自愿放弃", "自动放弃", "放弃缴纳", "放弃参加"}, {"社保", "社会保险", "保险", "参保", "公积金"}, kForbidding},
    {{"折现", "折算为工资", "现金补贴代替", "补贴代替", "随工资发放", "计入工资发放"},
     {"社保", "社会保险"},
     kForbidding}};

constexpr Wording kPenalty[] = {{{"乙方", "劳动者", "员工"},
                                 {"违约金", "赔偿金"},
                                 {"不得", "禁止", "服务期", "培训", "保密", "商业秘密", "竞业", "向乙方", "向劳动者",
                                  "向员工", "甲方应", "甲方须", "甲方支付"}}};

constexpr Wording kDeposit[] = {{{"押金", "保证金", "扣押", "代为保管", "质押", "抵押", "扣留"},
                                 {"押金", "保证金", "身份证", "证件", "学历证", "毕业证", "护照", "资格证"},
                                 {"不得", "禁止", "严禁", "无需", "无须", "不收取", "不要求", "不予收取", "不以",
                                  "农民工工资保证金", "工资保证金"}},
                                {{"担保人", "提供担保", "连带保证", "保证人"}, {}, kForbidding}};

constexpr Wording kWaiver[] = {
    {{"工伤自负", "伤亡自负", "生死自负", "工伤概不", "后果自负", "概不负责", "概不承担", "责任自负"}, {}, {}},
    {{"已含", "已包含", "包括", "包含"}, {"全部加班费", "所有加班费", "一切加班", "加班费已"}, kForbidding},
    {{"放弃"}, {"加班费", "经济补偿", "年休假", "双倍工资", "工伤"}, kForbidding}};

constexpr Wording kTermination[] = {{{"结婚", "怀孕", "生育", "生孩子", "哺乳", "恋爱"},
                                     {"解除", "终止", "辞退", "开除", "离职", "不得"},
                                     {"甲方不得", "不解除", "不终止", "不因", "不以"}},
                                    {{"末位淘汰", "末位"}, {"淘汰", "解除", "终止", "辞退"}, kForbidding}};

constexpr Wording kOneSided[] = {{{"随时", "单方", "有权", "无条件服从"},
                                  {"调岗", "降薪", "调整岗位", "调整工作岗位", "降低工资", "调整薪"},
                                  {"不得", "协商"}}};

bool hasOneOf(std::string_view clause, const Words& words) {
  return std::any_of(words.begin(), words.end(), [clause](std::string_view word) {
    return !word.empty() && clause.find(word) != std::string_view::npos;
  });
}

bool isCaught(std::string_view clause, std::span<const Wording> wordings) {
  return std::any_of(wordings.begin(), wordings.end(), [clause](const Wording& wording) {
    return hasOneOf(clause, wording.any) && (wording.with[0].empty() || hasOneOf(clause, wording.with)) &&
           !hasOneOf(clause, wording.unless);
  });
}

std::string_view nextClause(std::string_view& text) {
  static constexpr std::string_view kStops[] = {"。", "；", ";", "\n", "！", "|"};
  std::size_t end = text.size(), stop = 0;
  for (std::string_view mark : kStops) {
    const std::size_t at = text.find(mark);
    if (at < end) end = at, stop = mark.size();
  }
  const std::string_view clause = text.substr(0, end);
  text.remove_prefix(end + stop);
  return clause;
}

void find(const Facts& facts, Findings& findings, std::span<const Wording> wordings) {
  for (const auto& [field, text] : facts.freeTexts()) {
    for (std::string_view rest = text; !rest.empty();) {
      const std::string_view clause = nextClause(rest);
      if (!isCaught(clause, wordings)) continue;
      const Measure quote{"“" + std::string(clause) + "”", "\"" + std::string(clause) + "\""};
      findings.push_back({Known("other_terms"), quote, {}, field});
    }
  }
}

}  // namespace

void checkInsuranceWaiver(const Facts& facts, Findings& findings) { find(facts, findings, kInsurance); }
void checkWorkerPenalty(const Facts& facts, Findings& findings) { find(facts, findings, kPenalty); }
void checkDeposit(const Facts& facts, Findings& findings) { find(facts, findings, kDeposit); }
void checkDutyWaiver(const Facts& facts, Findings& findings) { find(facts, findings, kWaiver); }
void checkTerminationGrounds(const Facts& facts, Findings& findings) { find(facts, findings, kTermination); }
void checkOneSidedChange(const Facts& facts, Findings& findings) { find(facts, findings, kOneSided); }

}  // namespace qianda::templates::law
