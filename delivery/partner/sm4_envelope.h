// The field "logitcsInterface" (sic) of China Post's protocol: "|$4|" and the base64 of SM4-ECB-PKCS7 (GB/T 32907) over
// the JSON with the text of the key behind it. This is no MAC: octets of one message may be moved in blocks of sixteen
// to another, and only the key's text, the padding and a strict reader behind stand in the way
// (docs/postal-partners.md).
#pragma once

#include <string>
#include <string_view>

namespace qianda::delivery {

bool isSm4KeyText(std::string_view keyText);  // base64 of sixteen octets

// Throw kInvalidInput when the key is none.
std::string sealSm4(std::string_view json, const std::string& keyText, bool appendsKey = true);

struct Sm4Opening {
  enum class Outcome { kOpened, kMalformed, kWrongKey } outcome = Outcome::kMalformed;
  std::string json;  // without the key's text
  std::string reason;
};
Sm4Opening openSm4(std::string_view sealed, const std::string& keyText, bool appendsKey = true);

}  // namespace qianda::delivery
