#include "templates/chinese_number.h"

#include <limits>

#include <gtest/gtest.h>

namespace qianda::templates {

struct AmountInWords {
  std::int64_t fen;
  const char* words;
};
void PrintTo(const AmountInWords& amount, std::ostream* out) { *out << amount.fen; }

class MoneyInWords : public testing::TestWithParam<AmountInWords> {};

TEST_P(MoneyInWords, FollowsTheRulesForBills) { EXPECT_EQ(moneyInWords(GetParam().fen), GetParam().words); }

// The amounts with 角 and 分 above one thousand are the examples of 支付结算办法 annex 1.
INSTANTIATE_TEST_SUITE_P(
    Amounts, MoneyInWords,
    testing::Values(AmountInWords{0, "零元整"}, AmountInWords{1, "壹分"}, AmountInWords{10, "壹角"},
                    AmountInWords{15, "壹角伍分"}, AmountInWords{100, "壹元整"}, AmountInWords{1000, "壹拾元整"},
                    AmountInWords{1100, "壹拾壹元整"}, AmountInWords{1005, "壹拾元零伍分"},
                    AmountInWords{10100, "壹佰零壹元整"}, AmountInWords{11000, "壹佰壹拾元整"},
                    AmountInWords{850000, "捌仟伍佰元整"}, AmountInWords{140950, "壹仟肆佰零玖元伍角"},
                    AmountInWords{600714, "陆仟零柒元壹角肆分"}, AmountInWords{168032, "壹仟陆佰捌拾元叁角贰分"},
                    AmountInWords{10700053, "壹拾万柒仟元伍角叁分"}, AmountInWords{1640902, "壹万陆仟肆佰零玖元零贰分"},
                    AmountInWords{32504, "叁佰贰拾伍元零肆分"}, AmountInWords{1000100, "壹万零壹元整"},
                    AmountInWords{1010000, "壹万零壹佰元整"}, AmountInWords{100000000, "壹佰万元整"},
                    AmountInWords{10000000100, "壹亿零壹元整"}, AmountInWords{10010000000, "壹亿零壹拾万元整"},
                    AmountInWords{100050000000000, "壹万零伍亿元整"}, AmountInWords{-850000, "负捌仟伍佰元整"}));

TEST(MoneyInWords, CoversTheWholeRangeWithoutOverflow) {
  EXPECT_EQ(moneyInWords(std::numeric_limits<std::int64_t>::min()),
            "负玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零捌分");
}

}  // namespace qianda::templates
