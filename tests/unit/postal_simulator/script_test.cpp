#include "clients/postal-simulator/script.h"

#include <gtest/gtest.h>

#include "clients/postal-simulator/faults.h"
#include "tests/support/error_of.h"

namespace qianda::postal_simulator {
namespace {

using test::errorOf;
using namespace std::chrono_literals;

TEST(Script, IsStepsOfAPauseAndACode) {
  const Script script =
      parseScript("@5s-203.1500ms-702.2h-704[本人;证件;name=张三;office=51900010].1d-R704.0s-W704", "x");
  ASSERT_EQ(script.steps.size(), 5u);
  EXPECT_EQ(script.steps[0].after, 5s);
  EXPECT_EQ(script.steps[1].after, 1500ms);
  EXPECT_EQ(script.steps[2].code, "704");
  EXPECT_EQ(script.steps[2].words, "本人");
  EXPECT_TRUE(script.steps[2].hasIdNumber);
  EXPECT_EQ(script.steps[2].details.at("name"), "张三");
  EXPECT_TRUE(script.steps[3].isReceipt);
  EXPECT_TRUE(script.steps[4].withdraws);
  EXPECT_FALSE(script.epoch);
}

TEST(Script, MayHaveAnEpochOfItsOwn) {
  const Script script = parseScript("@2026-03-02T09:00/1d-203[a/b.c]", "x");
  ASSERT_TRUE(script.epoch);
  EXPECT_EQ(core::isoInstant(*script.epoch), "2026-03-02T09:00:00+08:00");
  EXPECT_EQ(script.steps.at(0).words, "a/b.c");
  EXPECT_TRUE(parseScript("@2026-03-02T09:00:30/1d-203", "x").epoch);
  EXPECT_FALSE(parseScript("@1d-203[a/b]", "x").epoch);
}

TEST(Script, ErrorsNameTheirColumn) {
  const auto said = [](const std::string& text) { return errorOf([&] { parseScript(text, "line"); }); };
  EXPECT_EQ(said("5s-203"), "line: column 1: a script begins with '@'");
  EXPECT_EQ(said("@5x-203"), "line: column 4: the unit of a pause is ms, s, m, h or d");
  EXPECT_EQ(said("@5s203"), "line: column 4: '-' is expected between pause and code");
  EXPECT_EQ(said("@5s-203.702"), "line: column 12: the unit of a pause is ms, s, m, h or d");
  EXPECT_EQ(said("@5s-203 "), "line: column 8: '.' or the end is expected");
  EXPECT_EQ(said("@5s-7"), "line: column 6: a code of two to eight capitals and digits is expected");
  EXPECT_EQ(said("@5s-704[a"), "line: column 9: ']' is missing");
  EXPECT_EQ(said("@5s-704[a;b]"), "line: column 11: a second text of words");
  EXPECT_EQ(said("@5s-704[colour=red]"), "line: column 9: no such detail: colour");
  EXPECT_EQ(said("@5s-704[image=blue]"), "line: column 9: image is scan, none or unreadable");
  EXPECT_EQ(said("@2026-99-02T09:00/1d-203"), "line: column 2: an epoch is written 2026-03-02T09:00:00");
  EXPECT_EQ(said("@5000d-203"), "line: column 7: a pause lasts 4000 days at most");
  EXPECT_EQ(said("@5s-203"), "accepted");
}

TEST(Script, StandsInAStreet) {
  EXPECT_EQ(directiveIn("示例路1号 @5s-203.2s-704[本人 签收] 三楼"), "@5s-203.2s-704[本人 签收]");
  EXPECT_EQ(directiveIn("name@example.cn @5s-203"), "@5s-203");
  EXPECT_EQ(directiveIn("示例路1号"), "");
  EXPECT_EQ(directiveIn("a@b"), "");
}

TEST(ScriptRules, AreLinesOfAPatternAndAScript) {
  const ScriptRules rules = ScriptRules::parse("# comment\n\nQD-1* @1s-203\nQD-?? @2s-704[本人]\n* @3s-711\n", "rules");
  EXPECT_EQ(rules.find("QD-17")->text, "@1s-203");
  EXPECT_EQ(rules.find("QD-27")->text, "@2s-704[本人]");
  EXPECT_EQ(rules.find("other")->text, "@3s-711");
  EXPECT_EQ(ScriptRules::parse("", "rules").find("QD"), nullptr);
  EXPECT_EQ(errorOf([] { ScriptRules::parse("# one\nQD @1s-203\nQD-2 @5y-203\n", "rules"); }),
            "rules:3: column 4: the unit of a pause is ms, s, m, h or d");
  EXPECT_EQ(errorOf([] { ScriptRules::parse("lonely\n", "rules"); }), "rules:1: a pattern and a script are needed");
}

TEST(Faults, StrikeByChanceFromASeed) {
  const auto drawn = [](const std::string& json) {
    Faults faults;
    faults.set(*delivery::parseStrictObject(json));
    std::string strikes;
    for (int i = 0; i < 64; ++i) strikes += faults.strikes(Fault::kDropReply, "order") ? 'x' : '.';
    return strikes;
  };
  const std::string half = drawn(R"({"drop_reply":0.5,"seed":4})");
  EXPECT_EQ(half, drawn(R"({"drop_reply":0.5,"seed":4})"));
  EXPECT_NE(half, drawn(R"({"drop_reply":0.5,"seed":5})"));
  EXPECT_NE(half.find('x'), std::string::npos);
  EXPECT_NE(half.find('.'), std::string::npos);
  EXPECT_EQ(drawn(R"({"drop_reply":1,"times":2})"), "xx" + std::string(62, '.'));
  EXPECT_EQ(drawn(R"({"drop_reply":1,"only":"track"})"), std::string(64, '.'));
  EXPECT_EQ(drawn(R"({"drop_reply":1,"only":"order"})"), std::string(64, 'x'));
  EXPECT_EQ(drawn("{}"), std::string(64, '.'));
}

TEST(Faults, ErrorsNameTheirMemberAndChangeNothing) {
  Faults faults;
  const auto said = [&](const std::string& json) {
    return errorOf([&] { faults.set(*delivery::parseStrictObject(json)); });
  };
  EXPECT_EQ(said(R"({"outage":1,"colour":1})"), "\"colour\": no such fault");
  EXPECT_EQ(said(R"({"outage":1.5})"), "\"outage\": a probability from 0 to 1 is needed");
  EXPECT_EQ(said(R"({"outage":"1"})"), "\"outage\": a probability from 0 to 1 is needed");
  EXPECT_EQ(said(R"({"delay_ms":-1})"), "\"delay_ms\": out of range");
  EXPECT_EQ(said(R"({"idempotency":"perhaps"})"), "\"idempotency\": same, second or refuse");
  EXPECT_FALSE(faults.strikes(Fault::kOutage));
}

}  // namespace
}  // namespace qianda::postal_simulator
