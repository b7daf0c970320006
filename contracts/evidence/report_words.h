// The words of a verification report in Chinese and English: indications and sub-indications of ETSI EN 319 102-1 with
// an explanation for people who are no engineers, levels, states of certificates, and the verifier's English sentences
// in Chinese. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "signing/verify/verifier.h"

namespace qianda::contracts {

struct Words {
  std::string_view zh, en;
};

Words wordsOf(signing::Indication indication);  // 验证通过, "valid"
// Empty texts for a sub-indication that is not in the table.
Words explanationOf(std::string_view subIndication);
Words levelWords(std::string_view level);         // of "PAdES-BASELINE-LTA"
Words revocationWords(std::string_view status);   // of "good", "stale" ...
Words modificationWords(std::string_view level);  // of "LTA_UPDATES" ...
Words changeWords(std::string_view kind);         // of "validation_data" ...
Words lawWords(std::string_view verdict);         // of "PASSED" ...
// The verifier's sentence in Chinese, with names and dates left as they are; empty when it is not a known one.
std::string chineseOf(const std::string& sentence);

}  // namespace qianda::contracts
