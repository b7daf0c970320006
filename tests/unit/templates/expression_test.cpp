#include "templates/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/templates/sample_forms.h"

namespace qianda::templates {
namespace {

using T = FieldType;

std::shared_ptr<Template> form() {
  return test::makeForm(LawProfile::kNone, {{"kind",
                                             T::kChoice,
                                             "",
                                             "",
                                             "",
                                             false,
                                             "",
                                             "",
                                             "",
                                             "",
                                             "",
                                             {{"fixed", "固定期限", ""}, {"open", "无固定期限", ""}}},
                                            {"pay", T::kMoney, "", "", "", false},
                                            {"hours", T::kDecimal, "", "", "", false},
                                            {"day", T::kDate, "", "", "", false},
                                            {"secret", T::kBoolean, "", "", "", false},
                                            {"note", T::kText, "", "", "", false},
                                            {"span", T::kPeriod, "", "", "", false}});
}

using Values = std::vector<std::pair<std::string, std::string>>;

bool holds(const std::string& source, const Values& values) {
  const auto shape = form();
  std::vector<Fault> faults;
  const Record record = parseValues(*shape, values, faults);
  EXPECT_TRUE(faults.empty());
  const auto parsed = parseExpression(source, shape->fields);
  EXPECT_TRUE(std::holds_alternative<Expression>(parsed)) << source;
  return std::get<Expression>(parsed).holds(record);
}

TEST(Expression, ComparesByTheTypeOfTheField) {
  const Values values{
      {"kind", "fixed"}, {"pay", "8500.50"}, {"hours", "7.5"}, {"day", "2026-01-31"}, {"note", "远程 办公"}};
  for (const char* source : {"kind == fixed", "kind == 固定期限", "kind == \"固定期限\"", "kind != open",
                             "pay >= 8500.5", "pay<8,500.51", "hours < 8", "hours == 7.50", "day > 2026-01-30",
                             "day <= 2026/1/31", "note == \"远程 办公\"", "note != '其他'", "note"}) {
    EXPECT_TRUE(holds(source, values)) << source;
  }
  for (const char* source :
       {"kind == open", "pay > 8500.50", "hours >= 8", "day == 2026-02-01", "note == \"远程\"", "secret", "span"}) {
    EXPECT_FALSE(holds(source, values)) << source;
  }
}

TEST(Expression, TreatsAnAbsentValueAsNeverEqual) {
  EXPECT_FALSE(holds("kind == fixed", {}));
  EXPECT_TRUE(holds("kind != fixed", {}));
  EXPECT_FALSE(holds("pay >= 0", {}));
  EXPECT_TRUE(holds("not pay", {}));
}

TEST(Expression, HoldsForABooleanOnlyWhenTrue) {
  EXPECT_TRUE(holds("secret", {{"secret", "是"}}));
  EXPECT_FALSE(holds("secret", {{"secret", "否"}}));
  EXPECT_TRUE(holds("secret == false", {{"secret", "否"}}));
  EXPECT_TRUE(holds("note", {{"note", "false"}}));
}

TEST(Expression, BindsNotTighterThanAndTighterThanOr) {
  const Values values{{"note", "x"}};
  EXPECT_TRUE(holds("note or secret and secret", values));
  EXPECT_FALSE(holds("(note or secret) and secret", values));
  EXPECT_TRUE(holds("not secret and note", values));
  EXPECT_FALSE(holds("not (secret or note)", values));
  EXPECT_TRUE(holds("not not note", values));
  EXPECT_TRUE(holds("secret or (secret or (note and (not secret)))", values));
}

TEST(Expression, NamesTheFieldsItReads) {
  const auto parsed = parseExpression("note or kind == open and not note", form()->fields);
  EXPECT_THAT(std::get<Expression>(parsed).fields(), testing::ElementsAre(0, 5));
}

TEST(Expression, PointsAtItsMistakes) {
  const struct {
    std::string source;
    std::size_t offset;
    const char* message;
  } cases[]{{"", 0, "empty"},
            {"kind == fixd", 8, "not a choice of kind"},
            {"note and wages", 9, "unknown field \"wages\""},
            {"note and", 8, "expected a field name, found the end"},
            {"(note", 5, "expected \")\""},
            {"note)", 4, "expected \"and\", \"or\" or the end"},
            {"note secret", 5, "expected \"and\", \"or\" or the end"},
            {"kind = fixed", 5, "not an operator"},
            {"kind < fixed", 7, "only be compared by == and !="},
            {"note == word", 8, "not a quoted text"},
            {"note == \"word", 8, "not closed"},
            {"day == soon", 7, "not a date"},
            {"pay > much", 6, "not an amount"},
            {"span == 2026-01-01", 8, "tested for presence"},
            {"secret == 是", 10, "true or false"},
            {"pay >", 5, "expected a value"},
            {"or note", 0, "expected a field name"},
            {std::string(200, '(') + "note", 25, "nests too deeply"}};
  for (const auto& expected : cases) {
    const auto parsed = parseExpression(expected.source, form()->fields);
    ASSERT_TRUE(std::holds_alternative<ExpressionError>(parsed)) << expected.source;
    EXPECT_EQ(std::get<ExpressionError>(parsed).offset, expected.offset) << expected.source;
    EXPECT_THAT(std::get<ExpressionError>(parsed).message, testing::HasSubstr(expected.message)) << expected.source;
  }
}

TEST(Expression, KeepsItsStackAtTheDeepestNesting) {
  std::string source = "note";
  for (int i = 0; i < 24; ++i) source = "secret or note and (" + source + ")";
  EXPECT_TRUE(holds(source, {{"note", "x"}}));
  EXPECT_FALSE(holds(source, {}));
}

}  // namespace
}  // namespace qianda::templates
