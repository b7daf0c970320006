#include "templates/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "templates/text_file.h"
#include "tests/unit/templates/sample_forms.h"

namespace qianda::templates {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Split {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::uint64_t> lines;
  std::vector<CsvFault> faults;
};

Split split(std::string_view text, std::size_t chunk = 1 << 16, char delimiter = ',') {
  std::size_t at = 0;
  CsvReader reader(
      [&] {
        const std::string_view part = text.substr(at, chunk);
        at += part.size();
        return part;
      },
      delimiter);
  Split result;
  std::vector<std::string> cells;
  for (std::uint64_t line = 0; reader.next(cells, line, result.faults);) {
    result.rows.push_back(cells);
    result.lines.push_back(line);
  }
  return result;
}

TEST(Csv, ReadsQuotesDoubledQuotesAndLineBreaksInCells) {
  const std::string_view text = "a,\"b \"\"x\"\", c\",\"d\r\ne\"\r\n,\"\",f\n\"last\"";
  for (std::size_t chunk = 1; chunk <= text.size(); ++chunk) {
    const Split found = split(text, chunk);
    EXPECT_THAT(found.rows,
                ElementsAre(ElementsAre("a", "b \"x\", c", "d\r\ne"), ElementsAre("", "", "f"), ElementsAre("last")))
        << chunk;
    EXPECT_THAT(found.lines, ElementsAre(1, 3, 4));
    EXPECT_THAT(found.faults, IsEmpty());
  }
}

TEST(Csv, SkipsEmptyLinesButNotEmptyCells) {
  const Split found = split("\n\na,b\r\n\r\n,\n\"\"\n\n");
  EXPECT_THAT(found.rows, ElementsAre(ElementsAre("a", "b"), ElementsAre("", ""), ElementsAre("")));
  EXPECT_THAT(found.lines, ElementsAre(3, 5, 6));
}

TEST(Csv, ReadsTheLastLineWithoutItsEnd) {
  EXPECT_THAT(split("a,b").rows, ElementsAre(ElementsAre("a", "b")));
  EXPECT_THAT(split("a,").rows, ElementsAre(ElementsAre("a", "")));
  EXPECT_THAT(split("a\r").rows, ElementsAre(ElementsAre("a")));
  EXPECT_THAT(split("").rows, IsEmpty());
}

TEST(Csv, LeavesOtherDelimitersInTheCell) {
  EXPECT_THAT(split("a;b\tc,d").rows, ElementsAre(ElementsAre("a;b\tc", "d")));
  EXPECT_THAT(split("a;b\tc,d", 9, ';').rows, ElementsAre(ElementsAre("a", "b\tc,d")));
}

TEST(Csv, KeepsExcelTextForms) {
  EXPECT_THAT(split("=\"0123\",\"=\"\"0123\"\"\",x").rows, ElementsAre(ElementsAre("=\"0123\"", "=\"0123\"", "x")));
  EXPECT_THAT(split("=\"0123\",x").faults, IsEmpty());
}

TEST(Csv, NamesTheLineOfEveryMalformation) {
  const struct {
    const char* what;
    std::string text;
    std::uint64_t line;
    std::size_t column;
    const char* message;
  } cases[]{{"unclosed quote", "a,b\nc,\"d\ne\nf", 4, 2, "the quote opened on line 2 is never closed"},
            {"stray quote", "a,b\nc,d\"e\n", 2, 2, "a quote inside a cell"},
            {"text after quote", "a,b\n\"c\"d,e\n", 2, 1, "text after the closing quote"},
            {"delimiter of another kind after quote", "\"c\";d\n", 1, 1, "text after the closing quote"},
            {"NUL", std::string("a,b\nc,d\0e\n", 10), 2, 2, "NUL"},
            {"unclosed Excel text", "a\n=\"1", 2, 1, "opened on line 2"}};
  for (const auto& expected : cases) {
    for (std::size_t chunk : {std::size_t{1}, expected.text.size()}) {
      const Split found = split(expected.text, chunk);
      ASSERT_EQ(found.faults.size(), 1u) << expected.what;
      EXPECT_EQ(found.faults[0].line, expected.line) << expected.what;
      EXPECT_EQ(found.faults[0].column, expected.column) << expected.what;
      EXPECT_THAT(found.faults[0].en, HasSubstr(expected.message));
    }
  }
}

TEST(Csv, ReadsOnAfterAFaultyRow) {
  EXPECT_THAT(split("a,b\"\"b\nc,d\n").rows, ElementsAre(ElementsAre("a", "b\"\"b"), ElementsAre("c", "d")));
}

TEST(Csv, StopsAtARecordWithoutEnd) {
  const std::string text = "a\n\"" + std::string(3 * CsvReader::kLongestRecord, 'x');
  const Split found = split(text);
  ASSERT_EQ(found.faults.size(), 1u);
  EXPECT_THAT(found.faults[0].en, HasSubstr("longer than 1 MiB"));
  EXPECT_LT(found.rows.back()[0].size(), 2 * CsvReader::kLongestRecord);
}

std::string readAll(std::string_view content, TextEncoding expected) {
  const test::TemporaryFile file(content);
  TextFile text(file.path());
  EXPECT_FALSE(text.fault());
  EXPECT_EQ(text.encoding(), expected);
  std::string all;
  for (std::string_view chunk = text.nextChunk(); !chunk.empty(); chunk = text.nextChunk()) all += chunk;
  return all;
}

EncodingFault faultOf(std::string_view content) {
  const test::TemporaryFile file(content);
  const TextFile text(file.path());
  EXPECT_TRUE(text.fault());
  return text.fault().value_or(EncodingFault{});
}

const std::string kUtf8 = "姓名,地址\n张𠮷,珠海\n";
// 姓名,地址 LF 张 U+20BB7 (four octets in GB 18030), 珠海 LF
const std::string kGb18030 = "\xD0\xD5\xC3\xFB,\xB5\xD8\xD6\xB7\n\xD5\xC5\x95\x34\xB2\x35,\xD6\xE9\xBA\xA3\n";

TEST(TextFile, ReadsUtf8WithAndWithoutMark) {
  EXPECT_EQ(readAll(kUtf8, TextEncoding::kUtf8), kUtf8);
  EXPECT_EQ(readAll("\xEF\xBB\xBF" + kUtf8, TextEncoding::kUtf8), kUtf8);
  EXPECT_EQ(readAll("", TextEncoding::kUtf8), "");
}

TEST(TextFile, ReadsGb18030IncludingFourOctetForms) { EXPECT_EQ(readAll(kGb18030, TextEncoding::kGb18030), kUtf8); }

TEST(TextFile, ReadsGb18030AcrossBuffers) {
  std::string gb, utf8;
  for (int i = 0; i < 40000; ++i) {
    gb += i % 7 == 0 ? "," + kGb18030 : kGb18030;
    utf8 += i % 7 == 0 ? "," + kUtf8 : kUtf8;
  }
  EXPECT_TRUE(readAll(gb, TextEncoding::kGb18030) == utf8);
}

TEST(TextFile, LetsTheWholeFileDecide) {
  std::string ascii(600000, 'a');
  EXPECT_TRUE(readAll(ascii + kGb18030, TextEncoding::kGb18030) == ascii + kUtf8);
}

TEST(TextFile, PointsAtTheFirstIllFormedOctet) {
  const EncodingFault marked = faultOf("\xEF\xBB\xBF" + kUtf8 + "\xB0\xA1");
  EXPECT_EQ(marked.line, 3u);
  EXPECT_EQ(marked.octet, 3 + kUtf8.size() + 1);
  const EncodingFault gb = faultOf(kGb18030 + kGb18030 + "a\xFF\n");
  EXPECT_EQ(gb.line, 5u);
  EXPECT_EQ(gb.octet, 2 * kGb18030.size() + 2);
  EXPECT_THAT(gb.en, HasSubstr("Line 5"));
  const EncodingFault truncated = faultOf(kGb18030 + "\xD0");
  EXPECT_EQ(truncated.octet, kGb18030.size() + 1);
}

TEST(TextFile, DoesNotReadDamagedUtf8AsGb18030) {
  // Without one octet of the first character the text is still a run of pairs that GB 18030 allows.
  std::string damaged = "名";
  for (int i = 0; i < 30; ++i) damaged += "姓名";
  damaged.insert(3, "\xD0\xD5");
  Gb18030Decoder decoder;
  std::string out;
  ASSERT_TRUE(decoder.decode(damaged.substr(0, damaged.size() - damaged.size() % 2), true, out));
  const EncodingFault fault = faultOf(damaged);
  EXPECT_EQ(fault.octet, 4u);
  EXPECT_THAT(fault.en, HasSubstr("UTF-8"));
}

TEST(TextFile, RefusesUtf16ByName) {
  using namespace std::string_literals;
  for (const std::string& content : {"\xFF\xFE"s + "a\0,\0"s, "\xFE\xFF"s + "\0a\0,"s, "a\0b\0,\0c\0d\0\n\0"s}) {
    EXPECT_THAT(faultOf(content).en, HasSubstr("UTF-16"));
  }
}

TEST(TextFile, AgreesWithTheTableOfWellFormedUtf8) {
  const struct {
    const char* octets;
    bool good;
  } cases[]{{"\xC2\x80", true},          {"\xC1\xBF", false},         {"\xE0\xA0\x80", true},
            {"\xE0\x9F\xBF", false},     {"\xED\x9F\xBF", true},      {"\xED\xA0\x80", false},
            {"\xF0\x90\x80\x80", true},  {"\xF0\x8F\xBF\xBF", false}, {"\xF4\x8F\xBF\xBF", true},
            {"\xF4\x90\x80\x80", false}, {"\xE4\xBD", false},         {"\x80", false}};
  for (const auto& expected : cases) {
    for (const std::string prefix : {"", "abcdefghij"}) {
      Utf8Scanner scanner;
      for (char c : prefix + expected.octets) scanner.feed({&c, 1});
      scanner.finish();
      EXPECT_EQ(scanner.invalid() == 0, expected.good);
      Utf8Scanner whole;
      whole.feed(prefix + expected.octets);
      whole.finish();
      EXPECT_EQ(whole.invalid(), scanner.invalid());
    }
  }
}

}  // namespace
}  // namespace qianda::templates
