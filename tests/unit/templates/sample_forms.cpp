#include "tests/unit/templates/sample_forms.h"

#include <atomic>

#include <unistd.h>

namespace qianda::templates::test {
namespace {

using T = FieldType;

const std::vector<Choice> kTerms{{"fixed", "固定期限", "Fixed term"},
                                 {"open", "无固定期限", "Open-ended"},
                                 {"task", "以完成一定工作任务为期限", "By task"}};
const std::vector<Choice> kHours{{"standard", "标准工时制", "Standard"},
                                 {"comprehensive", "综合计算工时制", "Comprehensive"},
                                 {"flexible", "不定时工作制", "Flexible"}};
const std::vector<Choice> kPay{{"monthly", "月薪制", "Monthly"},
                               {"piece", "计件工资制", "Piece rate"},
                               {"base_performance", "基本工资加绩效", "Base and performance"},
                               {"other", "其他", "Other"}};
const std::vector<Choice> kDocuments{{"resident_id", "居民身份证", "Resident identity card"},
                                     {"passport", "护照", "Passport"},
                                     {"hk_macao_permit", "港澳居民来往内地通行证", "Hong Kong and Macao permit"},
                                     {"taiwan_permit", "台湾居民来往大陆通行证", "Taiwan permit"},
                                     {"foreign_pr_card", "外国人永久居留身份证", "Permanent residence card"}};

std::vector<FieldLine> parties() {
  return {
      {"employer_name", T::kText, "用人单位名称", "Employer name", "", true, "", "60"},
      {"employer_uscc", T::kUscc, "统一社会信用代码", "USCC"},
      {"employer_legal_rep", T::kText, "法定代表人", "Legal representative"},
      {"employer_address", T::kAddress, "用人单位地址", "Employer address"},
      {"employer_phone", T::kPhone, "用人单位电话", "Employer phone"},
      {"worker_name", T::kText, "劳动者姓名", "Worker name", "", true, "1", "40"},
      {"worker_id_type", T::kChoice, "证件类型", "Document type", "", true, "", "", "resident_id", "", "", kDocuments},
      {"worker_id_no", T::kIdCard, "证件号码", "Document number", "", true, "", "", "", "", "worker_id_type"},
      {"worker_household_address", T::kAddress, "户籍地址", "Household address", "", false},
      {"worker_address", T::kAddress, "现住址", "Address"},
      {"worker_phone", T::kPhone, "联系电话", "Worker phone"}};
}

std::vector<FieldLine> operator+(std::vector<FieldLine> lines, std::vector<FieldLine> more) {
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

std::vector<FieldLine> term() {
  return {{"term_type", T::kChoice, "合同期限类型", "Term type", "", true, "", "", "", "", "", kTerms},
          {"term_start", T::kDate, "合同起始日期", "Start of term"},
          {"term_end", T::kDate, "合同终止日期", "End of term", "term_type == fixed"},
          {"term_months", T::kInteger, "合同月数", "Months of term", "term_type == fixed", false},
          {"task_description", T::kMultiline, "工作任务", "Task", "term_type == task"},
          {"employment_start", T::kDate, "用工之日", "First working day"},
          {"probation_end", T::kDate, "试用期截止", "End of probation", "", false},
          {"probation_months", T::kInteger, "试用期月数", "Months of probation", "", false},
          {"previous_probation", T::kBoolean, "曾约定试用期", "Earlier probation", "", false},
          {"previous_fixed_terms", T::kInteger, "已订立固定期限次数", "Earlier fixed terms", "", false, "0"},
          {"continuous_years", T::kDecimal, "连续工作年限", "Continuous years", "", false, "0"},
          {"worker_requests_fixed", T::kBoolean, "劳动者要求固定期限", "Worker asks for fixed term", "", false}};
}

std::vector<FieldLine> work() {
  return {
      {"position", T::kText, "岗位", "Position"},
      {"duties", T::kMultiline, "工作内容", "Duties"},
      {"work_place", T::kAddress, "工作地点", "Place of work"},
      {"hours_system", T::kChoice, "工时制度", "Working-time system", "", true, "", "", "", "", "", kHours},
      {"daily_hours", T::kDecimal, "每日工时", "Hours a day", "hours_system == standard", true, "0", "24", "", "小时"},
      {"weekly_hours", T::kDecimal, "每周工时", "Hours a week", "hours_system == standard", true, "0", "168"},
      {"rest_days", T::kInteger, "每周休息日", "Rest days a week", "hours_system == standard", true, "0", "7"},
      {"approval_no", T::kText, "工时审批文号", "Approval number", "hours_system != standard"},
      {"approval_valid_until", T::kDate, "审批有效期至", "Approval valid until", "hours_system != standard"},
      {"overtime_daily", T::kDecimal, "每日加班上限", "Overtime a day", "", false},
      {"overtime_monthly", T::kDecimal, "每月加班上限", "Overtime a month", "", false},
      {"overtime_rate_workday", T::kInteger, "工作日加班费率", "Overtime rate workday", "", false, "", "", "", "%"},
      {"overtime_rate_restday", T::kInteger, "休息日加班费率", "Overtime rate rest day", "", false, "", "", "", "%"},
      {"overtime_rate_holiday", T::kInteger, "法定节假日加班费率", "Overtime rate holiday", "", false, "", "", "",
       "%"}};
}

std::vector<FieldLine> pay() {
  return {{"pay_mode", T::kChoice, "工资形式", "Pay mode", "", true, "", "", "", "", "", kPay},
          {"monthly_pay", T::kMoney, "月工资（元）", "Monthly pay (CNY)", "pay_mode == monthly"},
          {"piece_rate", T::kText, "计件单价", "Piece rate", "pay_mode == piece"},
          {"base_pay", T::kMoney, "基本工资", "Base pay", "pay_mode == base_performance"},
          {"performance_rule", T::kText, "绩效办法", "Performance rule",
           "pay_mode == base_performance or pay_mode == other"},
          {"probation_pay", T::kMoney, "试用期工资", "Probation pay", "probation_end", false},
          {"pay_day", T::kInteger, "发薪日", "Pay day", "", true, "1", "31"},
          {"pay_cycle_days", T::kInteger, "支付周期", "Pay cycle", "", false, "1"},
          {"pay_channel",
           T::kChoice,
           "支付方式",
           "Pay channel",
           "",
           true,
           "",
           "",
           "",
           "",
           "",
           {{"bank", "银行转账", "Bank"}, {"cash", "现金", "Cash"}}},
          {"bank_account", T::kText, "银行账号", "Bank account", "pay_channel == bank", true, "8", "30"}};
}

std::vector<FieldLine> clauses() {
  const std::string agreed = "non_compete";
  return {{"hazard_post", T::kBoolean, "职业病危害岗位", "Hazardous post", "", true, "", "", "否"},
          {"hazard_notice", T::kText, "危害告知书", "Hazard notice", "hazard_post", false},
          {"confidentiality", T::kBoolean, "保密义务", "Confidentiality", "", true, "", "", "否"},
          {"non_compete", T::kBoolean, "竞业限制", "Non-compete", "", true, "", "", "否"},
          {"non_compete_class",
           T::kChoice,
           "竞业限制人员类别",
           "Non-compete class",
           agreed,
           true,
           "",
           "",
           "",
           "",
           "",
           {{"senior_manager", "高级管理人员", "Senior manager"},
            {"senior_technician", "高级技术人员", "Senior technician"},
            {"confidential", "其他负有保密义务的人员", "Confidential"}}},
          {"non_compete_months", T::kInteger, "竞业限制月数", "Non-compete months", agreed, true, "1"},
          {"non_compete_area", T::kText, "竞业限制地域", "Non-compete area", agreed},
          {"non_compete_scope", T::kText, "竞业限制范围", "Non-compete scope", agreed},
          {"non_compete_monthly_pay", T::kMoney, "竞业限制补偿", "Non-compete pay", agreed, false},
          {"non_compete_penalty", T::kMoney, "竞业限制违约金", "Non-compete penalty", agreed, false},
          {"training_bond", T::kMoney, "培训服务期违约金", "Training bond", "", false},
          {"other_terms", T::kMultiline, "双方约定的其他事项", "Other terms", "", false}};
}

}  // namespace

std::shared_ptr<Template> makeForm(LawProfile law, const std::vector<FieldLine>& lines) {
  auto form = std::make_shared<Template>();
  form->id = "by-hand";
  form->law = law;
  const auto optional = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  for (const FieldLine& line : lines) {
    FieldSpec spec;
    spec.name = line.name;
    spec.type = line.type;
    spec.labelZh = line.labelZh;
    spec.labelEn = line.labelEn;
    spec.required = line.required;
    spec.minimum = optional(line.minimum);
    spec.maximum = optional(line.maximum);
    spec.defaultText = optional(line.defaultText);
    spec.unit = line.unit;
    spec.idTypeField = line.idType;
    spec.choices = line.choices;
    if (line.type == T::kList) spec.columns = {{"item", "物品", "Item"}, {"count", "数量", "Count"}};
    form->fields.push_back(std::move(spec));
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].condition.empty()) continue;
    auto parsed = parseExpression(lines[i].condition, form->fields);
    if (auto* error = std::get_if<ExpressionError>(&parsed))
      throw std::logic_error(lines[i].name + ": " + error->message);
    form->fields[i].condition = std::get<Expression>(std::move(parsed));
  }
  return form;
}

std::shared_ptr<Template> generalForm() {
  return makeForm(LawProfile::kGeneral, parties() + term() + work() + pay() + clauses());
}

std::shared_ptr<Template> dispatchForm() {
  std::vector<FieldLine> dispatch{{"user_unit_name", T::kText, "用工单位名称", "User unit"},
                                  {"user_unit_uscc", T::kUscc, "用工单位统一社会信用代码", "User unit USCC"},
                                  {"user_unit_address", T::kAddress, "用工单位地址", "User unit address"},
                                  {"dispatch_start", T::kDate, "派遣起始日期", "Start of dispatch"},
                                  {"dispatch_end", T::kDate, "派遣终止日期", "End of dispatch"},
                                  {"dispatch_post_kind",
                                   T::kChoice,
                                   "岗位性质",
                                   "Kind of post",
                                   "",
                                   true,
                                   "",
                                   "",
                                   "",
                                   "",
                                   "",
                                   {{"temporary", "临时性", "Temporary"},
                                    {"auxiliary", "辅助性", "Auxiliary"},
                                    {"substitute", "替代性", "Substitute"}}},
                                  {"dispatch_licence_no", T::kText, "劳务派遣经营许可证号", "Dispatch licence"},
                                  {"dispatch_licence_valid_until", T::kDate, "许可证有效期至", "Licence valid until"},
                                  {"idle_pay", T::kMoney, "无工作期间报酬", "Idle pay"}};
  return makeForm(LawProfile::kDispatch, parties() + term() + dispatch + work() + pay());
}

std::shared_ptr<Template> partTimeForm() {
  std::vector<FieldLine> lines{
      {"term_type", T::kChoice, "合同期限类型", "Term type", "", false, "", "", "", "", "", kTerms},
      {"term_start", T::kDate, "合同起始日期", "Start of term"},
      {"term_end", T::kDate, "合同终止日期", "End of term", "", false},
      {"probation_end", T::kDate, "试用期截止", "End of probation", "", false},
      {"position", T::kText, "岗位", "Position"},
      {"duties", T::kMultiline, "工作内容", "Duties"},
      {"work_place", T::kAddress, "工作地点", "Place of work"},
      {"daily_hours", T::kDecimal, "每日工时", "Hours a day"},
      {"weekly_hours", T::kDecimal, "每周工时", "Hours a week"},
      {"hourly_pay", T::kMoney, "小时工资", "Hourly pay"},
      {"pay_cycle_days", T::kInteger, "支付周期", "Pay cycle", "", true, "1"}};
  return makeForm(LawProfile::kPartTime, parties() + lines);
}

TemporaryFile::TemporaryFile(std::string_view content, std::string_view suffix) {
  static std::atomic<unsigned> count{0};
  path_ = std::filesystem::temp_directory_path() /
          ("qianda-" + std::to_string(getpid()) + "-" + std::to_string(count++) + std::string(suffix));
  std::ofstream(path_, std::ios::binary) << content;
}

ReadRoster readRoster(const std::shared_ptr<const Template>& form, std::string_view content) {
  const TemporaryFile file(content);
  ReadRoster result;
  std::vector<Fault> rowFaults;
  RosterReader reader(form, file.path());
  for (RosterRow row; reader.next(row);) result.records.push_back(reader.parse(row, rowFaults));
  result.faults = reader.faults();
  result.faults.insert(result.faults.end(), rowFaults.begin(), rowFaults.end());
  return result;
}

std::vector<std::string> outline(const std::vector<Fault>& faults) {
  std::vector<std::string> lines;
  for (const Fault& fault : faults) {
    lines.push_back(std::to_string(fault.row) + ":" + std::to_string(fault.column) + " " + fault.field + " " +
                    fault.rule);
  }
  return lines;
}

}  // namespace qianda::templates::test
