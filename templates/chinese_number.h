#pragma once
#include <cstdint>
#include <string>
namespace qianda::templates {
std::string moneyInWords(std::int64_t fen);
}
