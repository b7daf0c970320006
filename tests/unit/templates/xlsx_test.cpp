// Rosters as Excel workbooks (PEERS.md pains 28 and 30). The workbooks are made and judged by openpyxl.
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "templates/roster.h"
#include "templates/xlsx/cell_text.h"
#include "templates/xlsx/roster.h"
#include "templates/xlsx/writer.h"
#include "tests/support/error_of.h"
#include "tests/support/process.h"
#include "tests/support/stored_zip.h"

namespace qianda::templates {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string python(const std::string& script, const std::string& file) {
  const test::Output done = test::run({"/usr/bin/python3", "-c", "import sys, datetime, openpyxl\n" + script, file});
  if (done.status != 0) throw std::runtime_error(done.err);
  return done.out;
}

struct Converted {
  XlsxRoster roster;
  std::string csv;
  std::string faults() const {
    std::string all;
    for (const Fault& fault : roster.faults) all += fault.cell + " " + fault.rule + ": " + fault.messageEn + "\n";
    return all;
  }
};

class XlsxTest : public testing::Test {
 protected:
  std::string file() const { return folder_ / "book.xlsx"; }
  // `cells`: Python that fills the sheet `s` of the book `b`.
  Converted made(const std::string& cells, const std::string& sheet = "") {
    python("b = openpyxl.Workbook(); s = b.active; s.title = '员工'\n" + cells + "\nb.save(sys.argv[1])", file());
    return converted(sheet);
  }
  Converted converted(const std::string& sheet = "") const {
    std::ostringstream csv;
    XlsxRoster roster = convertXlsx(file(), csv, sheet);
    return {std::move(roster), csv.str()};
  }
  Converted ofXml(const std::string& sheetXml, const std::string& styles = "", const std::string& strings = "") {
    core::writeFile(file(), test::storedWorkbook(sheetXml, styles, strings));
    return converted();
  }
  std::string refusal(const std::string& octets) {
    core::writeFile(file(), octets);
    return test::messageOf([&] { converted(); }, core::ErrorCode::kInvalidInput);
  }
  const test::TempFolder folder_;
};

TEST_F(XlsxTest, ReadsTextNumbersDatesAndTruth) {
  const Converted got = made(R"(
s.append(['姓名', '入职日期', '月工资', '试用', '比例', '工号', '备注'])
s.append(['张"三', datetime.date(2026, 1, 31), 8500.1, True, 0.15, 12, '两\n行'])
s['E2'].number_format = '0.00%'; s['F2'].number_format = '0000')");
  EXPECT_EQ(got.csv,
            "\"姓名\",\"入职日期\",\"月工资\",\"试用\",\"比例\",\"工号\",\"备注\"\n"
            "\"张\"\"三\",\"2026-01-31\",\"8500.1\",\"是\",\"15%\",\"0012\",\"两\n行\"\n");
  EXPECT_EQ(got.roster.sheet, "员工");
  EXPECT_EQ(got.faults(), "");
}

TEST_F(XlsxTest, ReadsDatesOfBothEpochs) {
  const std::string cells = "s.append(['d']); s.append([datetime.date(2026, 1, 31)])";
  EXPECT_THAT(made(cells).csv, HasSubstr("2026-01-31"));
  EXPECT_THAT(made("b.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904\n" + cells).csv, HasSubstr("2026-01-31"));
}

TEST_F(XlsxTest, ReadsEveryDateFormatAndNoPhantomDay) {
  struct Case {
    const char *code, *serial, *text;
  };
  for (const Case& one : std::initializer_list<Case>{{"yyyy\"年\"m\"月\"d\"日\"", "46053", "2026-01-31"},
                                                     {"[$-804]aaaa;yyyy/m/d", "46053", "46053"},
                                                     {"m/d/yy h:mm", "46053.5", "2026-01-31 12:00"},
                                                     {"h:mm:ss", "0.25", "06:00"},
                                                     {"0.00", "46053.25", "46053.25"},
                                                     {"\"day\"0", "46053", "46053"},
                                                     {"yyyy-mm-dd", "59", "1900-02-28"},
                                                     {"yyyy-mm-dd", "61", "1900-03-01"}}) {
    xlsx::Workbook book;
    book.formats = {xlsx::formatOf(one.code)};
    std::string text;
    EXPECT_FALSE(xlsx::readCell({"", 0, one.serial, false}, book, text)) << one.code;
    EXPECT_EQ(text, one.text) << one.code;
  }
  xlsx::Workbook book;
  book.formats = {xlsx::formatOf("yyyy-mm-dd")};
  std::string text;
  EXPECT_TRUE(xlsx::readCell({"", 0, "60", false}, book, text));
  EXPECT_TRUE(xlsx::readCell({"", 0, "-1", false}, book, text));
  EXPECT_TRUE(xlsx::readCell({"", 0, "2958466", false}, book, text));
}

TEST_F(XlsxTest, RefusesNumbersThatExcelHasCutNamingTheCell) {
  const Converted got = made(
      "s.append(['姓名', '身份证号']); s.append(['甲', '000000199001011234'])\n"
      "s.append(['乙', 110101199001011234]); s.append(['丙', 123456789012345])");
  EXPECT_THAT(got.faults(),
              HasSubstr("B3 xlsx: Cell B3 (身份证号) of sheet \"员工\" is a number of more than 15 digits"));
  EXPECT_EQ(got.roster.faults.size(), 1u);
  EXPECT_EQ(got.roster.faults[0].row, 2u);
  EXPECT_THAT(got.csv, HasSubstr("\"123456789012345\""));
  EXPECT_THAT(got.csv, HasSubstr("\"000000199001011234\""));
}

TEST_F(XlsxTest, TakesAFormulasLastResultAndRefusesOneWithout) {
  const Converted got = ofXml(
      "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"str\"><v>a</v></c></row>"
      "<row r=\"2\"><c r=\"A2\"><f>1+1</f><v>2</v></c></row><row r=\"3\"><c r=\"A3\"><f>1+1</f></c></row>"
      "<row r=\"4\"><c r=\"A4\" t=\"e\"><v>#REF!</v></c></row></sheetData></worksheet>");
  EXPECT_THAT(got.csv, HasSubstr("\"a\"\n\"2\"\n"));
  EXPECT_THAT(got.faults(), HasSubstr("A3 xlsx: Cell A3 (a) of sheet \"表\" is a formula without a result"));
  EXPECT_THAT(got.faults(), HasSubstr("A4 xlsx: Cell A4 (a) of sheet \"表\" holds the error #REF!"));
}

TEST_F(XlsxTest, ReadsRichAndSharedTextsWithoutTheirPronunciation) {
  const Converted got = ofXml(
      "<x:worksheet xmlns:x=\"u\"><x:sheetData><x:row><x:c t=\"s\"><x:v>0</x:v></x:c><x:c t=\"inlineStr\"><x:is>"
      "<x:r><x:t>甲</x:t></x:r><x:r><x:t>乙</x:t></x:r></x:is></x:c></x:row></x:sheetData></x:worksheet>",
      "", "<sst><si><r><t>张</t></r><r><t>三_x000A_</t></r><rPh sb=\"0\" eb=\"1\"><t>zhang</t></rPh></si></sst>");
  EXPECT_EQ(got.csv, "\"张三\n\",\"甲乙\"\n");
}

TEST_F(XlsxTest, NamesMergedHiddenAndHeaderlessCells) {
  const Converted got = made(R"(
s.append(['姓名', '部门', '岗位']); s.append(['甲', '产线', '工', '多']); s.append(['乙', None, '工']); s.append(['丙', '仓', '工'])
s.merge_cells('B2:B3'); s.row_dimensions[4].hidden = True; s.column_dimensions['C'].hidden = True)");
  EXPECT_THAT(got.faults(), HasSubstr("B2 merged: Cell B2 (部门) of sheet \"员工\" is merged (B2:B3)"));
  EXPECT_THAT(got.faults(), HasSubstr("A4 hidden: "));
  EXPECT_THAT(got.faults(),
              HasSubstr("D2 column: Cell D2 of sheet \"员工\" has a value, but its column has no header"));
  EXPECT_THAT(got.faults(), HasSubstr("C1 hidden: Cell C1 (岗位)"));
  EXPECT_EQ(got.roster.faults.back().severity, Severity::kWarn);
}

TEST_F(XlsxTest, TakesTheFirstVisibleSheetOrTheNamedOne) {
  const std::string cells = R"(
s.sheet_state = 'hidden'; s.append(['hidden'])
v = b.create_sheet('看'); v.append(['visible']); b.create_sheet('二').append(['second']); b.active = 1)";
  EXPECT_EQ(made(cells).csv, "\"visible\"\n");
  EXPECT_EQ(made(cells, "二").csv, "\"second\"\n");
  EXPECT_EQ(made(cells, "员工").csv, "\"hidden\"\n");
  EXPECT_THAT(test::messageOf([&] { converted("三"); }, core::ErrorCode::kInvalidInput),
              HasSubstr("no sheet \"三\"; it has 员工, 看, 二"));
}

TEST_F(XlsxTest, PassesOverEmptyRowsAndKeepsTheSheetsNumbers) {
  const Converted got = made("s['B3'] = 'h'; s['B6'] = 'x'; s['B9'] = 'y'; s['B12'] = '  '");
  EXPECT_EQ(got.csv, "\"\",\"h\"\n\"\",\"x\"\n\"\",\"y\"\n");
  EXPECT_THAT(got.roster.rows, ElementsAre(6u, 9u));
  std::vector<Fault> faults(3);
  faults[0].row = 2;
  faults[0].column = 2;
  faults[1].column = 2;
  faults[2].row = 1;
  nameCells(got.roster, faults);
  EXPECT_EQ(faults[0].cell, "B9");
  EXPECT_EQ(faults[1].cell, "B3");
  EXPECT_EQ(faults[2].cell, "6:6");
}

TEST_F(XlsxTest, NamesWhatIsNoWorkbook) {
  std::string encrypted = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
  EXPECT_THAT(refusal(encrypted), HasSubstr("old kind (.xls)"));
  for (const char c : std::string("EncryptedPackage")) encrypted += {c, '\0'};
  EXPECT_THAT(refusal(encrypted), HasSubstr("encrypted"));
  EXPECT_THAT(refusal("a,b\n"), HasSubstr("no XLSX workbook"));
  EXPECT_THAT(refusal(test::storedZip({{"content.xml", "<x/>"}})), HasSubstr("OpenDocument"));
  EXPECT_THAT(refusal(test::storedZip({{"xl/workbook.bin", ""}})), HasSubstr("xlsb"));
  EXPECT_THAT(refusal(test::storedZip({{"a.txt", "x"}})), HasSubstr("no xl/workbook.xml"));
  std::string cut = test::storedWorkbook("<worksheet/>");
  EXPECT_THAT(refusal(cut.substr(0, cut.size() / 2)), HasSubstr("damaged"));
}

TEST_F(XlsxTest, RefusesBombs) {
  EXPECT_THAT(refusal(test::storedWorkbook("<!DOCTYPE a [<!ENTITY b \"x\">]><worksheet>&b;</worksheet>")),
              HasSubstr("document type declaration"));
  std::string deep = "<worksheet>";
  for (int i = 0; i < 100; ++i) deep += "<a>";
  EXPECT_THAT(refusal(test::storedWorkbook(deep)), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal(test::storedWorkbook("<worksheet><a b=\"" + std::string(2u << 20, 'x') + "\"/></worksheet>")),
              HasSubstr("too long"));
  EXPECT_THAT(
      refusal(test::storedWorkbook("<worksheet><sheetData><row r=\"2\"/><row r=\"1\"/></sheetData></worksheet>")),
      HasSubstr("not in order"));
  std::vector<std::pair<std::string, std::string>> many;
  for (int i = 0; i < 2001; ++i) many.emplace_back("p" + std::to_string(i), "");
  EXPECT_THAT(refusal(test::storedZip(many)), HasSubstr("more than 2000 parts"));
}

TEST_F(XlsxTest, RefusesWhatUnpacksToMoreThanTheLimit) {
  python(
      "import zipfile\nz = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)\n"
      "z.writestr('xl/workbook.xml', '<workbook>' + ' ' * (3 << 20) + '</workbook>')",
      file());
  struct Nothing : xlsx::XmlHandler {
    void start(std::string_view, const Attributes&) override {}
    void end(std::string_view) override {}
    void text(std::string_view) override {}
  } nothing;
  xlsx::Package(file(), 4u << 20).parse("xl/workbook.xml", nothing);
  EXPECT_THAT(test::messageOf([&] { xlsx::Package(file(), 2u << 20).parse("xl/workbook.xml", nothing); },
                              core::ErrorCode::kInvalidInput),
              HasSubstr("more than 2 MiB"));
}

TEST_F(XlsxTest, TheRosterTemplateExplainsItselfAndComesBack) {
  const auto form = getTemplate("labour-general");
  writeRosterTemplate(*form, file());
  const std::string told = python(
      "b = openpyxl.load_workbook(sys.argv[1]); s = b['花名册']\n"
      "print(b.sheetnames, b['选项'].sheet_state, s.max_column, b['填写说明'].max_row)\n"
      "print(len(s.data_validations.dataValidation), s['B2'].number_format)",
      file());
  const std::string count = std::to_string(form->fields.size());
  EXPECT_THAT(told, HasSubstr("['花名册', '填写说明', '选项'] hidden " + count + " " +
                              std::to_string(form->fields.size() + 1)));
  std::ofstream csv(folder_ / "out.csv");
  EXPECT_EQ(convertXlsx(file(), csv).rows.size(), 0u);
  csv.close();
  const RosterReader reader(form, folder_ / "out.csv");
  EXPECT_TRUE(reader.faults().empty());
  for (std::size_t i = 0; i < form->fields.size(); ++i) EXPECT_EQ(reader.columnOf(i), i + 1);
}

TEST_F(XlsxTest, TablesKeepTextsAndNumbersAsTheyAre) {
  XlsxTable table(file(), "结果", {"行", "证件号码"}, {8, 24});
  table.add({"1", "000000199001011234"});
  table.add({"2", "=1+1"}, true);
  table.finish();
  EXPECT_EQ(python("s = openpyxl.load_workbook(sys.argv[1])['结果']\n"
                   "print(s['B2'].value, s['B3'].value, s['B3'].data_type, s['B3'].font.color.rgb)",
                   file()),
            "000000199001011234 =1+1 s FFFF0000\n");
  EXPECT_EQ(converted().csv, "\"行\",\"证件号码\"\n\"1\",\"000000199001011234\"\n\"2\",\"=1+1\"\n");
}

TEST(CsvRecord, QuotesAndDisarms) {
  EXPECT_EQ(csvRecord({"a", "b,c", "d\"e", "=1+1", "-5", ""}), "a,\"b,c\",\"d\"\"e\",\"'=1+1\",-5,\r\n");
}

}  // namespace
}  // namespace qianda::templates
