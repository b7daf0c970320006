#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/text.h"
#include "templates/cell_text.h"
#include "templates/field_value.h"
#include "templates/identity.h"
#include "tests/unit/templates/sample_forms.h"

namespace qianda::templates {
namespace {

using namespace std::chrono_literals;
using test::FieldLine;
using T = FieldType;

constexpr core::Date kToday = 2026y / 1 / 15;

struct Reading {
  std::string text;  // canonical, or empty
  std::string rule;  // of the fault, or empty
  Value value;
  std::string limit;
};

Reading readCell(const FieldLine& line, std::string_view cell, bool anyDocument = false) {
  const auto form = test::makeForm(LawProfile::kNone, {line});
  Value value;
  const auto fault = FieldReader(form->fields[0], kToday).read(cell, value, anyDocument);
  return {value.text, fault ? fault->rule : "", value, fault ? fault->limit : ""};
}

std::string textOf(T type, std::string_view cell) { return readCell({"f", type, "字段", "Field"}, cell).text; }
std::string ruleOf(T type, std::string_view cell) { return readCell({"f", type, "字段", "Field"}, cell).rule; }

const std::string kCheckedId = std::string("00000019900307123") + residentIdCheckCharacter("00000019900307123");

TEST(FieldMoney, AcceptsTheSpellingsPeopleUse) {
  for (const char* cell :
       {"8500", "8,500.00", "￥8500元", "¥ 8500.0", "８５００", "人民币8,500元整", " 8500.00 ", "+8500", "CNY 8500"}) {
    EXPECT_EQ(textOf(T::kMoney, cell), "8500.00") << cell;
  }
  EXPECT_EQ(readCell({"f", T::kMoney, "", ""}, "0.07").value.number, 7);
}

TEST(FieldMoney, RefusesWhatIsNotOneAmount) {
  for (const char* cell : {"8500.005", "85,00", "8.500,00", "一千", "8500/月", "1.2万", "", "元", "8500-9000", ".5",
                           "5.", "--5", "99999999999999999999"}) {
    EXPECT_EQ(ruleOf(T::kMoney, cell), "format") << cell;
  }
  EXPECT_EQ(ruleOf(T::kMoney, "-1"), "bounds");
  EXPECT_EQ(ruleOf(T::kMoney, "10000000000"), "bounds");
}

TEST(FieldInteger, KeepsToItsBoundsAndUnit) {
  const FieldLine line{"f", T::kInteger, "", "", "", true, "1", "31", "", "日"};
  EXPECT_EQ(readCell(line, "31").value.number, 31);
  EXPECT_EQ(readCell(line, "15日").text, "15");
  EXPECT_EQ(readCell(line, "32").rule, "bounds");
  EXPECT_EQ(readCell(line, "32").limit, "1 to 31");
  EXPECT_EQ(readCell(line, "0").rule, "bounds");
  EXPECT_EQ(readCell(line, "1.5").rule, "format");
  EXPECT_EQ(readCell(line, "十五").rule, "format");
}

TEST(FieldDecimal, KeepsFourDecimalsExactly) {
  EXPECT_EQ(textOf(T::kDecimal, "7.50"), "7.5");
  EXPECT_EQ(textOf(T::kDecimal, "-0.0001"), "-0.0001");
  EXPECT_EQ(readCell({"f", T::kDecimal, "", ""}, "7.5").value.number, 75000);
  EXPECT_EQ(ruleOf(T::kDecimal, "1.00001"), "format");
}

TEST(FieldDate, AcceptsFiveSpellingsAndFullWidthDigits) {
  for (const char* cell :
       {"2026-01-31", "2026/1/31", "20260131", "2026年1月31日", "2026.1.31", "２０２６－０１－３１"}) {
    EXPECT_EQ(textOf(T::kDate, cell), "2026-01-31") << cell;
  }
  for (const char* cell : {"2026-02-29", "31/01/2026", "46053", "明天"})
    EXPECT_EQ(ruleOf(T::kDate, cell), "format") << cell;
  EXPECT_EQ(ruleOf(T::kDate, "0206-01-31"), "bounds");
  EXPECT_EQ(readCell({"f", T::kDate, "", "", "", true, "2026-01-01"}, "2025-12-31").rule, "bounds");
}

TEST(FieldPeriod, SplitsAtItsJoinEvenBetweenSlashes) {
  for (const char* cell : {"2026-01-01~2026-12-31", "2026年1月1日至2026年12月31日", "2026/1/1/2026/12/31",
                           "20260101/20261231", "2026-01-01～2026-12-31"}) {
    EXPECT_EQ(textOf(T::kPeriod, cell), "2026-01-01/2026-12-31") << cell;
  }
  EXPECT_EQ(ruleOf(T::kPeriod, "2026-01-01"), "format");
  EXPECT_EQ(ruleOf(T::kPeriod, "2026-12-31~2026-01-01"), "bounds");
}

TEST(FieldChoice, IsFoundByValueOrEitherLabel) {
  const FieldLine line{
      "f", T::kChoice, "", "", "", true,
      "",  "",         "", "", "", {{"fixed", "固定期限", "Fixed term"}, {"open", "无固定期限", "Open-ended"}}};
  for (const char* cell : {"open", "无固定期限", "open-ended", "Open-Ended", " open "}) {
    EXPECT_EQ(readCell(line, cell).text, "open") << cell;
    EXPECT_EQ(readCell(line, cell).value.number, 1);
  }
  EXPECT_EQ(readCell(line, "期限").rule, "choice");
  EXPECT_EQ(readCell(line, "期限").limit, "fixed, open");
}

TEST(FieldBoolean, KnowsEightWords) {
  for (const char* cell : {"是", "true", "1", "yes", "YES", "１"}) EXPECT_EQ(textOf(T::kBoolean, cell), "true") << cell;
  for (const char* cell : {"否", "False", "0", "no"}) EXPECT_EQ(textOf(T::kBoolean, cell), "false") << cell;
  for (const char* cell : {"2", "对", "oui"}) EXPECT_EQ(ruleOf(T::kBoolean, cell), "choice") << cell;
}

TEST(FieldIdCard, ChecksLengthDateAndCheckCharacter) {
  EXPECT_EQ(textOf(T::kIdCard, kCheckedId), kCheckedId);
  EXPECT_EQ(textOf(T::kIdCard, "11010519491231002X"), "11010519491231002X");  // the example of GB 11643
  EXPECT_EQ(textOf(T::kIdCard, "11010519491231002x"), "11010519491231002X");
  EXPECT_EQ(textOf(T::kIdCard, "'11010519491231002X"), "11010519491231002X");
  EXPECT_EQ(textOf(T::kIdCard, "=\"11010519491231002X\""), "11010519491231002X");
  EXPECT_EQ(ruleOf(T::kIdCard, "110105194912310021"), "checksum");
  EXPECT_EQ(readCell({"f", T::kIdCard, "", ""}, "110105194912310021").limit, "X");
  for (const char* cell : {"110105491231002", "1101051949123100", "11010519491331002X", "1101051949123100AX",
                           "4.40106E+17", "110105209912310021"}) {
    EXPECT_EQ(ruleOf(T::kIdCard, cell), "format") << cell;
  }
}

TEST(FieldIdCard, NamesAnExcelNumberForWhatItIs) {
  const auto form = test::makeForm(LawProfile::kNone, {{"f", T::kIdCard, "", ""}});
  Value value;
  const auto fault = FieldReader(form->fields[0], kToday).read("4.40E+17", value);
  ASSERT_TRUE(fault);
  EXPECT_THAT(fault->en, testing::HasSubstr("Excel has destroyed"));
  EXPECT_THAT(fault->zh, testing::HasSubstr("科学计数法"));
}

TEST(FieldIdCard, LetsOtherDocumentsPass) {
  const FieldLine line{"f", T::kIdCard, "", ""};
  EXPECT_EQ(readCell(line, "h1234567890", true).text, "H1234567890");
  EXPECT_EQ(readCell(line, "h1234567890", false).rule, "format");
  EXPECT_EQ(readCell(line, std::string(41, '1'), true).rule, "format");
}

TEST(FieldUscc, ChecksAlphabetAndCheckCharacter) {
  EXPECT_EQ(textOf(T::kUscc, "91350100M000100Y43"), "91350100M000100Y43");  // the example of GB 32100
  EXPECT_EQ(textOf(T::kUscc, "91350100m000100y43"), "91350100M000100Y43");
  EXPECT_EQ(ruleOf(T::kUscc, "91350100M000100Y44"), "checksum");
  EXPECT_EQ(ruleOf(T::kUscc, "91350100M000100Y34"), "checksum");
  EXPECT_EQ(ruleOf(T::kUscc, "91350100I000100Y43"), "format");
  EXPECT_EQ(ruleOf(T::kUscc, "440000000000001"), "format");
  EXPECT_EQ(ruleOf(T::kUscc, "9.135E+17"), "format");
}

TEST(FieldPhone, AcceptsMobilesAndLandlines) {
  for (const char* cell : {"13800000000", "+86 138 0000 0000", "86-13800000000", "0086 13800000000", "138-0000-0000",
                           "１３８００００００００"}) {
    EXPECT_EQ(textOf(T::kPhone, cell), "13800000000") << cell;
  }
  for (const char* cell : {"0756-2222222", "(0756)2222222", "+86 756 2222222", "07562222222"}) {
    EXPECT_EQ(textOf(T::kPhone, cell), "0756-2222222") << cell;
  }
  EXPECT_EQ(textOf(T::kPhone, "010-62222222"), "010-62222222");
  EXPECT_EQ(textOf(T::kPhone, "400-800-0000"), "4008000000");
  EXPECT_EQ(textOf(T::kPhone, "+853 66000000"), "+853-66000000");
  for (const char* cell : {"12800000000", "1380000000", "138000000000", "2222222", "0756-222", "1.38E+10", "电话", "",
                           "+", "0000000000"}) {
    EXPECT_EQ(ruleOf(T::kPhone, cell), "format") << cell;
  }
}

TEST(FieldText, TrimsAndKeepsRareCharacters) {
  EXPECT_EQ(textOf(T::kText, "　李㼆䶮𠮷 "), "李㼆䶮𠮷");
  EXPECT_EQ(textOf(T::kText, "（甲）１号"), "（甲）１号");
}

TEST(FieldText, RefusesControlCharactersLineBreaksAndLostText) {
  for (const char* cell : {"a\x01z", "a\tz", "a\xE2\x80\xAEz", "a\xE2\x80\x8Bz", "a\nz", "4.4E+17"}) {
    EXPECT_EQ(ruleOf(T::kText, cell), "format") << core::trim(cell);
  }
  EXPECT_EQ(ruleOf(T::kText, "a\xEF\xBF\xBDz"), "encoding");
}

TEST(FieldText, CountsCharactersNotOctets) {
  const FieldLine line{"f", T::kText, "", "", "", true, "2", "4"};
  EXPECT_EQ(readCell(line, "𠮷𠮷𠮷𠮷").rule, "");
  EXPECT_EQ(readCell(line, "五个汉字多").rule, "bounds");
  EXPECT_EQ(readCell(line, "一").rule, "bounds");
  std::string longest;
  for (int i = 0; i < 200; ++i) longest += "字";
  EXPECT_EQ(ruleOf(T::kText, longest), "");
  EXPECT_EQ(ruleOf(T::kText, longest + "字"), "bounds");
}

TEST(FieldMultiline, KeepsItsLineBreaks) {
  EXPECT_EQ(textOf(T::kMultiline, "一\r\n二\r三\n四"), "一\n二\n三\n四");
  EXPECT_EQ(ruleOf(T::kMultiline, "一\t二"), "format");
}

TEST(FieldList, SplitsRowsAndCells) {
  const Reading reading = readCell({"f", T::kList, "", ""}, "电脑|1；手机 ｜ 2\n;椅子|");
  EXPECT_THAT(reading.value.rows,
              testing::ElementsAre(testing::ElementsAre("电脑", "1"), testing::ElementsAre("手机", "2"),
                                   testing::ElementsAre("椅子", "")));
  EXPECT_EQ(reading.text, "电脑|1;手机|2;椅子|");
  EXPECT_EQ(ruleOf(T::kList, "电脑|1;手机"), "format");
  EXPECT_EQ(ruleOf(T::kList, "电脑|1|2"), "format");
}

TEST(FieldSpecFaults, AreErrorsOfTheTemplate) {
  EXPECT_THROW(readCell({"f", T::kInteger, "", "", "", true, "many"}, "1"), core::Error);
  EXPECT_THROW(readCell({"f", T::kDate, "", "", "", true, "", "", "soon"}, "2026-01-01"), core::Error);
}

TEST(FieldFixed, RoundTripsItsText) {
  EXPECT_EQ(fixedText(5, 2, 2), "0.05");
  EXPECT_EQ(fixedText(-5, 4, 0), "-0.0005");
  EXPECT_EQ(fixedText(0, 4, 0), "0");
  EXPECT_EQ(fixedText(123450, 4, 0), "12.345");
  EXPECT_EQ(parseFixed("1,234,567.89", 2), 123456789);
  for (const char* text : {"1,23,456", ",123", "1,2345", "1234,567", "1,,234", "12.3.4", "1e5"})
    EXPECT_FALSE(parseFixed(text, 4)) << text;
}

}  // namespace
}  // namespace qianda::templates
