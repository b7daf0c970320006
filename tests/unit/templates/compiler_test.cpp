// Every mistake of a template at once, each with its line and column.
#include <algorithm>

#include <gtest/gtest.h>

#include "templates/body.h"
#include "templates/template.h"

namespace qianda::templates {
namespace {

constexpr const char* kHead =
    "---\n"
    "id: t\n"
    "version: 1.0.0\n"
    "title: 标题\n"
    "parties: {employer: {label: 甲方}}\n"
    "fields:\n"
    "  name: {type: text, label: 姓名}\n"
    "  kind: {type: choice, label: 类型, choices: {a: 甲, b: 乙}}\n"
    "---\n";  // the body starts on line 10

std::vector<std::string> mistakes(const std::string& source) {
  std::vector<std::string> out;
  for (const Diagnostic& one : compile(source, "t.md").diagnostics) {
    out.push_back(std::to_string(one.line) + ":" + std::to_string(one.column) + ": " + one.message);
  }
  return out;
}

using Mistakes = std::vector<std::string>;

}  // namespace

TEST(Compiler, AcceptsASoundTemplate) {
  const Compilation compiled = compile(std::string(kHead) + "{{name}} {{kind}}\n", "t.md");
  ASSERT_TRUE(compiled.compiled);
  EXPECT_EQ(compiled.compiled->id, "t");
  EXPECT_EQ(compiled.compiled->fields.size(), 2u);
  EXPECT_EQ(compiled.compiled->body->blocks.size(), 1u);
}

TEST(Compiler, NamesEveryMistakeWithLineAndColumn) {
  EXPECT_EQ(
      mistakes(std::string(kHead) + "姓名{{nam}}，{{name|loud}}{{kind}}\n"
                                    "\n"
                                    "{{name|upper}} {{box:kind=c}} {{seal:nobody}} {{#if kind == z}}x{{/if}}\n"),
      (Mistakes{"10:3: unknown field \"nam\"", "10:11: unknown filter \"loud\"",
                "12:1: filter \"upper\" does not apply to field \"name\"", "12:16: field \"kind\" has no choice \"c\"",
                "12:31: unknown party \"nobody\"", "12:61: \"z\" is not a choice of kind"}));
}

TEST(Compiler, NamesBlocksThatDoNotClose) {
  EXPECT_EQ(mistakes(std::string(kHead) + "{{name}}{{kind}}{{#if name}}x\n\n{{/if}} y\n"),
            (Mistakes{"10:17: {{#if}} is not closed in this paragraph: {{/if}} is missing",
                      "12:1: {{/if}} without {{#if}} in this paragraph"}));
  EXPECT_EQ(mistakes(std::string(kHead) + "{{#if name}}\n\n{{kind}}\n"),
            (Mistakes{"10:1: {{#if}} is not closed: {{/if}} is missing"}));
  EXPECT_EQ(mistakes(std::string(kHead) + "{{name}}{{kind}} {{name\n"),
            (Mistakes{"10:18: the tag opened here is not closed on its line: }} is missing"}));
}

TEST(Compiler, NamesUnusedFieldsAndFrontMatterMistakes) {
  EXPECT_EQ(mistakes(std::string(kHead) + "{{name}}\n"), (Mistakes{"2:1: field \"kind\" is declared but never used"}));
  const std::string broken =
      "---\n"
      "id: T 1\n"
      "version: one\n"
      "titel: x\n"
      "fields:\n"
      "  a: {type: texte, label: 甲}\n"
      "  b: {type: choice, label: 甲}\n"
      "---\n"
      "{{a}}{{b}}\n";
  const Mistakes found = mistakes(broken);
  for (const char* wanted : {"id must be", "version must be", "unknown key \"titel\"", "needs \"title\"",
                             "unknown type \"texte\"", "needs choices", "is also that of"}) {
    EXPECT_TRUE(std::any_of(found.begin(), found.end(), [&](const std::string& one) {
      return one.find(wanted) != std::string::npos;
    })) << wanted;
  }
}

TEST(Compiler, RefusesMarkdownItCannotShow) {
  EXPECT_EQ(mistakes(std::string(kHead) + "{{name}}{{kind}}\n\n<b>x</b>\n\n    code\n").size(),
            3u);  // two inline tags, a code block
  EXPECT_EQ(mistakes("no front matter\n").front(),
            "1:1: a template opens with a front matter: the first line must be ---");
}

TEST(Compiler, ATagIsNeverMarkdown) {
  const Compilation compiled =
      compile(std::string(kHead) + "| x | y |\n|---|---|\n| {{name|plain}} | {{kind}} |\n", "t.md");
  ASSERT_TRUE(compiled.compiled);
  EXPECT_EQ(compiled.compiled->body->blocks.front().rows.at(1).cells.size(), 2u);
}

}  // namespace qianda::templates
