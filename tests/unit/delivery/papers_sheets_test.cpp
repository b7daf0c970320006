// 送达回证 and 送达报告.
#include "tests/unit/delivery/papers_cases.h"

namespace qianda::delivery {
namespace {

using templates::Fault;

core::Instant at(const std::string& day, int hour, int minute, int second) {
  using namespace std::chrono;
  return core::Instant(sys_days(test::dateOf(day))) + hours(hour - 8) + minutes(minute) + seconds(second);
}

SheetHead head() {
  SheetHead made;
  made.court = "珠海示例劳动人事争议仲裁委员会";
  made.caseNumber = "珠示劳人仲案字〔2026〕000001号";
  made.cause = "追索劳动报酬";
  made.recipient = "𠮷示例";
  made.standing = "applicant";
  made.issuedOn = test::dateOf("2026-07-08");
  return made;
}

std::vector<ServedDocument> documents() {
  return {{"受理通知书", "00000000000000000000000011", std::string(64, 'a'), 2},
          {"开庭通知书", "00000000000000000000000012", std::string(32, '0') + std::string(32, 'f'), 1}};
}

ServiceReceiptSheet receipt() {
  ServiceReceiptSheet sheet;
  sheet.head = head();
  sheet.documents = documents();
  sheet.method = "直接送达";
  sheet.place = "广东省珠海市香洲区示例路1号";
  sheet.issuer = "陈示例";
  sheet.server = "周示例、吴示例";
  return sheet;
}

ServiceReportSheet report() {
  ServiceReportSheet sheet;
  sheet.head = head();
  sheet.recordId = "00000000000000000000000009";
  sheet.state = "已送达";
  sheet.documents = documents();
  ReportedAttempt first;
  first.number = 1;
  first.method = "邮寄送达";
  first.address = "广东省珠海市香洲区示例路1号（送达地址确认书）";
  first.waybill = "1200000000001";
  first.result = "退回：无人签收";
  first.begunAt = at("2026-07-04", 16, 0, 0);
  first.events = {{at("2026-07-05", 9, 1, 2), "收寄", "示例营业部", ""},
                  {at("2026-07-06", 9, 0, 0), "未妥投", "示例投递部", "无人；电话未接"}};
  ReportedAttempt second = first;
  second.number = 2;
  second.result = "E1 本人签收";
  second.events = {{at("2026-07-08", 23, 59, 59), "妥投", "示例投递部", "本人签收"}};
  second.evidence = {{"签收回执影像", at("2026-07-08", 23, 59, 59), std::string(64, 'b')},
                     {"办理人员说明", at("2026-07-09", 8, 0, 0), ""}};
  sheet.attempts = {first, second};
  sheet.ending = "E1 受送达人本人签收";
  sheet.legalDate = test::dateOf("2026-07-08");
  sheet.rule = "法院专递规定第九条、民事诉讼法第九十一条";
  sheet.reason = "邮件由受送达人本人签收，以签收日期为送达日期。";
  sheet.confirmedBy = "周示例";
  sheet.confirmedAt = at("2026-07-09", 9, 5, 7);
  sheet.rulesVersion = "2026.1";
  sheet.calendarVersion = "2026.2";
  sheet.factsSha256 = std::string(64, 'c');
  return sheet;
}

test::ReadDocument read(const templates::Record& record, const std::string& form) {
  return test::readDocument(test::documentPdf(record, form));
}

template <typename Sheet, typename Fill>
std::vector<std::string> faultyFields(const Sheet& sheet, Fill fill) {
  std::vector<Fault> faults;
  fill(sheet, faults);
  std::vector<std::string> fields;
  for (const Fault& fault : faults) fields.push_back(fault.field);
  return fields;
}

void expectWords(const std::string& text, const std::vector<std::string>& words) {
  for (const std::string& word : words) EXPECT_NE(text.find(word), std::string::npos) << word << "\n" << text;
}

}  // namespace

TEST(ServiceSheets, AReceiptIsPrintedWithBlanksOrFilledAfterwards) {
  std::vector<Fault> faults;
  const auto blank = read(fillReturnReceipt(receipt(), faults), "court-return-receipt");
  ASSERT_TRUE(faults.empty()) << faults[0].messageEn;
  expectWords(blank.text, {"珠示劳人仲案字〔2026〕000001号", "𠮷示例（申请人）", "直接送达", "受理通知书", "开庭通知书",
                           "00000000000000000000000012", std::string(64, 'a')});
  EXPECT_EQ(blank.text.find("时签"), std::string::npos);
  EXPECT_LE(blank.pages, 2);
  ServiceReceiptSheet sheet = receipt();
  sheet.receivedAt = at("2026-07-08", 10, 59, 59);
  sheet.signer = "褚示例";
  sheet.signerRelation = "同住成年家属";
  sheet.witnesses = "卫示例";
  sheet.remarks = "当面签收。\n出示了证件。";
  const auto filled = read(fillReturnReceipt(sheet, faults), "court-return-receipt");
  ASSERT_TRUE(faults.empty()) << faults[0].messageEn;
  expectWords(filled.text, {"2026年7月8日10时", "褚示例", "同住成年家属", "卫示例", "出示了证件。"});
  EXPECT_EQ(blank.text.find("褚示例"), std::string::npos);
}

TEST(ServiceSheets, AReportTellsAttemptsEventsEvidenceAndHowTheDateFollows) {
  std::vector<Fault> faults;
  const auto told = read(fillServiceReport(report(), faults), "court-service-report");
  ASSERT_TRUE(faults.empty()) << faults[0].messageEn;
  expectWords(told.text, {"已送达", "2026年7月8日", "E1受送达人本人签收", "法院专递规定第九条", "1200000000001",
                          "2026年7月8日23:59:59", "无人；电话未接", "签收回执影像", std::string(64, 'b'),
                          std::string(64, 'c'), "周示例2026年7月9日09:05:07", "2026.1", "2026.2"});
  EXPECT_LE(told.pages, 3);
  ServiceReportSheet open = report();
  open.legalDate.reset();
  open.ending.clear();
  open.confirmedBy.clear();
  open.confirmedAt.reset();
  open.state = "送达中";
  open.recalledRules = {"e16.lien.days", "clock.suspension"};
  const auto undecided = read(fillServiceReport(open, faults), "court-service-report");
  ASSERT_TRUE(faults.empty()) << faults[0].messageEn;
  expectWords(undecided.text, {"没有可以认定的送达日期", "e16.lien.days、clock.suspension"});
  EXPECT_EQ(undecided.text.find("E1受送达人"), std::string::npos);
}

TEST(ServiceSheets, ManyEventsRunOverPagesAndNoneIsLost) {
  ServiceReportSheet sheet = report();
  sheet.attempts[1].events.clear();
  for (int i = 0; i < 150; ++i)
    sheet.attempts[1].events.push_back(
        {at("2026-07-08", 10, i % 60, i / 60), "事件" + std::to_string(i), "示例投递部", "|；\""});
  std::vector<Fault> faults;
  const auto told = read(fillServiceReport(sheet, faults), "court-service-report");
  ASSERT_TRUE(faults.empty()) << faults[0].messageEn;
  for (int i = 0; i < 150; ++i) expectWords(told.text, {"事件" + std::to_string(i) + "示例投递部"});
}

TEST(ServiceSheets, EqualSheetsGiveEqualOctetsAndAnyChangeOthers) {
  std::vector<Fault> faults;
  const auto pdf = [&](const ServiceReportSheet& sheet) {
    return test::documentPdf(fillServiceReport(sheet, faults), "court-service-report");
  };
  const std::string first = pdf(report());
  EXPECT_EQ(first, pdf(report()));
  ServiceReportSheet other = report();
  other.attempts[1].evidence[0].sha256[63] = 'a';
  EXPECT_NE(first, pdf(other));
}

TEST(ServiceSheets, WhatIsMissingOrNoDigestIsNamed) {
  ServiceReceiptSheet sheet = receipt();
  sheet.server.clear();
  EXPECT_EQ(faultyFields(sheet, fillReturnReceipt), std::vector<std::string>{"server"});
  sheet = receipt();
  sheet.documents.clear();
  EXPECT_EQ(faultyFields(sheet, fillReturnReceipt), std::vector<std::string>{"documents"});
  sheet = receipt();
  sheet.documents[0].sha256 = "abc";
  EXPECT_EQ(faultyFields(sheet, fillReturnReceipt), std::vector<std::string>{"documents.sha256"});
  sheet = receipt();
  sheet.documents[1].pages = 0;
  EXPECT_EQ(faultyFields(sheet, fillReturnReceipt), std::vector<std::string>{"documents"});
  ServiceReportSheet told = report();
  told.rulesVersion.clear();
  EXPECT_EQ(faultyFields(told, fillServiceReport), std::vector<std::string>{"rules_version"});
  told = report();
  told.attempts.clear();
  EXPECT_EQ(faultyFields(told, fillServiceReport), std::vector<std::string>{"attempts"});
  told = report();
  told.attempts[0].events[0].details = "a\x01z";
  EXPECT_EQ(faultyFields(told, fillServiceReport), std::vector<std::string>{"events"});
  told = report();
  told.attempts[1].evidence[0].sha256 = std::string(64, 'G');
  EXPECT_EQ(faultyFields(told, fillServiceReport), std::vector<std::string>{"evidence.sha256"});
}

}  // namespace qianda::delivery
