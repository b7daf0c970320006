// Money in the capital numerals of contracts and bills (大写), by 支付结算办法 annex 1: 壹 to 玖 with 拾佰仟万亿, 零
// once for a run of zeros inside the number, 整 after 元 when there is neither 角 nor 分, 零 between 元 and 分 without
// 角. The zero that the annex leaves to choice (万 or 元 place zero, next place not) is not written.
#pragma once

#include <cstdint>
#include <string>

namespace qianda::templates {

// 850000 fen -> 捌仟伍佰元整; 100005 -> 壹仟元零伍分; negative amounts begin with 负.
std::string moneyInWords(std::int64_t fen);

}  // namespace qianda::templates
