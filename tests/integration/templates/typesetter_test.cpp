// Whole documents of small templates, read back by outside programs.
#include "templates/typesetter.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/file.h"
#include "templates/roster.h"
#include "tests/support/process.h"

namespace qianda::templates {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

struct Read {
  std::string text;  // pdftotext -raw
  int pages = 0;
};

std::string source(const std::string& body) {
  return "---\nid: t\nversion: 1.0.0\ntitle: 标题\nparties: {employer: {label: 甲方}, worker: {label: 乙方}}\nfields:\n"
         "  name: {type: text, label: 姓名, max: 2000}\n"
         "  kind: {type: choice, label: 类型, choices: {a: 甲类, b: 乙类}}\n"
         "  pay: {type: money, label: 工资, required: false}\n"
         "  list: {type: list, label: 表, required: false, columns: {one: 一, two: 二}}\n"
         "---\n" +
         body +
         "\n\n{{noindent}}{{name|plain}}{{kind|label|plain}}{{pay|plain}}\n\n{{#if list}}\n\n| 一 | 二 |\n|---|---|\n| "
         "{{list.one}} | "
         "{{list.two}} |\n\n{{/if}}\n";
}

Read readBack(const std::string& pdf) {
  const test::TempFolder folder;
  core::writeFile(folder / "t.pdf", pdf);
  const test::Output check = test::run({"qpdf", "--check", folder / "t.pdf"});
  EXPECT_EQ(check.status, 0) << check.out << check.err;
  EXPECT_EQ(check.err.find("WARNING"), std::string::npos) << check.err;
  const std::string info = test::run({"pdfinfo", folder / "t.pdf"}).out;
  return {test::run({"pdftotext", "-raw", folder / "t.pdf", "-"}).out, std::stoi(info.substr(info.find("Pages:") + 6))};
}

std::string compose(const std::string& text, const Values& values) {
  const Compilation compiled = compile(text, "t.md");
  EXPECT_TRUE(compiled.compiled) << (compiled.diagnostics.empty() ? "" : compiled.diagnostics[0].message);
  std::vector<Fault> faults;
  const Record record = parseValues(*compiled.compiled, values, faults);
  const auto frozen = std::make_shared<FrozenTemplate>(compiled.compiled, FreezeOptions{});
  frozen->checkGlyphs(record, faults);
  EXPECT_TRUE(faults.empty()) << (faults.empty() ? "" : faults[0].messageEn);
  CharacterSet characters;
  characters.add(record);
  Composer composer(frozen, std::make_shared<FieldFonts>(frozen, characters));
  Composition composition;
  composer.compose(record, {core::DocumentId::random(), core::now(), {}}, composition);
  // A second composition from the kept texts gives the same tail but for the document's number and time.
  Composition again;
  composer.compose(record, {core::DocumentId::random(), core::now(), {}}, again);
  EXPECT_EQ(again.pages, composition.pages);
  return frozen->prefix() + again.tail;
}

std::string joined(std::string text) {
  std::erase_if(text, [](char c) { return c == '\n' || c == '\f' || c == ' '; });
  return text;
}

}  // namespace

TEST(Typesetter, RareCharactersComeBackAsTheyWere) {
  const Read read = readBack(compose(
      source("# 标题"), {{"name", "㼆䶮𠮷𬭸喆珺淼玥昇堃𪚥阿依古丽·买买提"}, {"kind", "a"}}));
  EXPECT_NE(joined(read.text).find("㼆䶮𠮷𬭸喆珺淼玥昇堃𪚥阿依古丽·买买提甲类"),
            std::string::npos)
      << read.text;
}

TEST(Typesetter, ChoicesKeepTheirTicksInTheText) {
  const Read read = readBack(compose(source("类型：{{kind}}；{{box:kind=a}}甲。"), {{"name", "x"}, {"kind", "b"}}));
  EXPECT_NE(joined(read.text).find("类型：☐甲类☑乙类；☐甲。"), std::string::npos) << read.text;
}

TEST(Typesetter, LongValuesReflowOverPagesAndLoseNothing) {
  std::string name;
  for (int i = 0; i < 150; ++i) name += "第" + std::to_string(i) + "项约定内容较长，";
  std::string clauses;
  for (int i = 0; i < 60; ++i) clauses += "本条款用于检验分页，姓名{{name|plain}}。\n\n";
  const Read shortOne = readBack(compose(source(clauses), {{"name", "甲"}, {"kind", "a"}}));
  const Read longOne =
      readBack(compose(source("{{name}}\n\n" + std::string("本条款用于检验分页。")), {{"name", name}, {"kind", "a"}}));
  EXPECT_GE(shortOne.pages, 2);
  EXPECT_GE(longOne.pages, 2);
  EXPECT_NE(joined(longOne.text).find("第60项约定内容较长，第61项"), std::string::npos);
}

TEST(Typesetter, ListsRepeatTheirRowOverPages) {
  std::string rows;
  for (int i = 0; i < 90; ++i) rows += (i ? ";项" : "项") + std::to_string(i) + "|值" + std::to_string(i);
  const Read read = readBack(compose(source("# 标题"), {{"name", "甲"}, {"kind", "a"}, {"list", rows}}));
  const std::string text = joined(read.text);
  for (int i = 0; i < 90; ++i)
    EXPECT_NE(text.find("项" + std::to_string(i) + "值" + std::to_string(i)), std::string::npos) << i;
  EXPECT_GE(read.pages, 2);
}

TEST(Typesetter, ACharacterNoFontHasIsNamed) {
  const Compilation compiled = compile(source("# 标题"), "t.md");
  std::vector<Fault> faults;
  const Record record = parseValues(*compiled.compiled, {{"name", "甲\U00013000"}, {"kind", "a"}}, faults);
  FrozenTemplate(compiled.compiled, {}).checkGlyphs(record, faults);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].field, "name");
  EXPECT_NE(faults[0].messageEn.find("U+13000"), std::string::npos);
  // And in a template's own text.
  const Compilation other = compile(source("# \U00013000"), "t.md");
  ASSERT_TRUE(other.compiled);
  EXPECT_THROW(FrozenTemplate(other.compiled, {}), core::Error);
}

}  // namespace qianda::templates
