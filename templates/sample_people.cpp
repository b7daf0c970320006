#include "templates/sample_people.h"

#include "templates/identity.h"

namespace qianda::templates {
namespace {

using Text = std::string_view;

constexpr Text kSurnames[] = {"林", "陈", "黄", "梁", "何", "吴", "周", "邓", "叶", "钟", "赖", "温", "邱", "彭", "卢",
                              "潘", "苏", "范", "石", "容", "冼", "简", "麦", "区", "佘", "邝", "阮", "庄", "车", "牟"};
constexpr Text kCompoundSurnames[] = {"欧阳", "司徒", "上官", "诸葛", "令狐", "皇甫", "慕容", "尉迟"};
constexpr Text kGivenCharacters[] = {"安", "博", "晨", "丹", "恩", "芳", "耿", "涵", "佳", "凯", "岚", "铭",
                                     "宁", "沛", "琪", "蓉", "珊", "桐", "文", "晓", "妍", "泽", "志", "梓",
                                     "嘉", "颖", "琳", "峰", "昊", "雅", "俊", "婷", "健", "慧", "然", "思"};
constexpr Text kRareCharacters[] = {"㼆", "䶮", "𠮷", "𬭸", "喆", "珺"};
constexpr Text kFirstPart[] = {"阿依古丽", "努尔兰", "古丽娜尔", "阿卜杜拉", "迪丽拜尔", "艾山江"};
constexpr Text kLastPart[] = {"买买提", "吐尔逊", "库尔班", "阿不都热合曼", "依明江", "沙依提"};

constexpr Text kDistricts[] = {"香洲区", "斗门区", "金湾区", "横琴粤澳深度合作区"};
constexpr Text kRoads[] = {"示例大道", "虚构一路", "虚构二路", "样本路", "假想街", "无名巷", "拟建路", "例证西路"};
constexpr Text kGardens[] = {"虚构花园", "示例雅苑（二期）", "样本新村", "假想湾畔国际社区", "拟名工业园员工生活区"};

constexpr Text kAssembly[] = {"按作业指导书完成零部件装配、焊接与检验，并如实填写生产记录。",
                              "负责本工位设备的日常点检、清洁和简单保养，发现异常立即停机并报告班组长。",
                              "执行5S管理和安全操作规程，正确佩戴劳动防护用品。",
                              "参加班前会、岗位技能培训和应急演练。", "完成与本岗位有关的其他工作任务。"};
constexpr Text kQuality[] = {"负责来料、过程和成品检验，出具检验报告并对数据的真实性负责。",
                             "对不合格品进行标识、隔离和跟踪，参与原因分析与纠正措施的验证。",
                             "维护量具台账，按期送检。", "配合客户审核。"};
constexpr Text kSoftware[] = {"参与业务系统的需求分析、设计、开发、测试和上线，编写并维护技术文档。",
                              "对代码质量、接口兼容性和数据安全负责，按规定参加代码评审（Code Review）。",
                              "在值班期间响应系统告警，必要时与运维人员一同排查故障，并在24小时内提交书面复盘报告。",
                              "跟踪新技术，每季度作一次内部分享。"};
constexpr Text kDriver[] = {"驾驶公司车辆完成市内货物配送，遵守交通法规。", "出车前检查车况并签字确认。"};
constexpr Text kClerk[] = {"负责合同、档案和印章使用登记的日常管理。",
                           "起草通知、会议纪要等公文，核对人员信息并按月汇总考勤。", "接待来访，处理来电来函。"};
constexpr Text kSales[] = {"开发并维护所负责区域的客户，完成年度销售计划。", "按公司价格政策报价、签约和回款。",
                           "收集市场和竞争产品的信息，每月提交分析报告；不得向客户作出超出授权的承诺。"};
constexpr Text kCleaner[] = {"负责指定区域的保洁工作。"};

constexpr SampleJob kJobs[] = {{"装配工", kAssembly}, {"质检员", kQuality}, {"软件工程师", kSoftware},
                               {"配送司机", kDriver}, {"行政专员", kClerk}, {"区域销售代表", kSales},
                               {"保洁员", kCleaner}};

std::string digits(std::uint64_t number, std::size_t width) {
  std::string text = std::to_string(number);
  return text.size() < width ? text.insert(0, width - text.size(), '0') : text;
}

}  // namespace

std::uint64_t SampleRandom::next() {
  std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

std::int64_t SampleRandom::between(std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
}

std::string samplePersonName(SampleRandom& random) {
  if (random.isOneIn(40)) return std::string(random.pick(kFirstPart)) + "·" + std::string(random.pick(kLastPart));
  std::string name(random.isOneIn(20) ? random.pick(kCompoundSurnames) : random.pick(kSurnames));
  if (!random.isOneIn(4)) name += random.pick(kGivenCharacters);
  return name += random.isOneIn(15) ? random.pick(kRareCharacters) : random.pick(kGivenCharacters);
}

std::string sampleAddress(SampleRandom& random) {
  const auto number = [&random](std::int64_t most) { return std::to_string(random.between(1, most)); };
  std::string address = random.isOneIn(3) ? "珠海市" : "广东省珠海市";
  address.append(random.pick(kDistricts)).append(random.pick(kRoads)).append(number(999)).append("号");
  if (random.isOneIn(3)) return address;
  address.append(random.pick(kGardens)).append(number(28)).append("栋");
  if (random.isOneIn(2)) address.append(number(4)).append("单元");
  return address.append(number(32)).append("0").append(number(8)).append("房");
}

const SampleJob& sampleJob(SampleRandom& random) { return random.pick(kJobs); }

std::string sampleResidentId(std::uint64_t index, std::uint64_t seed, core::Date today) {
  constexpr std::uint64_t kDays = 27 * 365, kStep = 4099;  // coprime: every day is met once a round
  const std::uint64_t day = (index * kStep + seed % kDays) % kDays, round = index / kDays;
  const std::int64_t youngest = core::toDays(core::addMonths(today, -19 * 12));
  const std::string birth = core::isoDate(core::fromDays(youngest - static_cast<std::int64_t>(day)));
  std::string id = "000000" + birth.substr(0, 4) + birth.substr(5, 2) + birth.substr(8, 2);
  id += digits(1 + index % 2 + 2 * (round % 499), 3);
  return id += residentIdCheckCharacter(id);
}

std::string sampleUscc(std::uint64_t index) {
  std::string code = "91000000MA0" + digits(index % 1000000, 6);
  return code += usccCheckCharacter(code);
}

std::string sampleMobile(std::uint64_t index, std::uint64_t seed) {
  return "1990" + digits((index + seed) % 10000000, 7);
}

}  // namespace qianda::templates
