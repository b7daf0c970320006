// What a signed PDF brings along to be judged with, taken out as DER files: the CMS of each signature with its
// certificates and timestamp tokens, and the certificates, OCSP responses and CRLs of the security store (ISO 32000-2
// 12.8.4.3). Nothing is judged here. Never throws on hostile octets; what cannot be read is left out, and the verdict
// (verifier.h) says what is wrong with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"

namespace qianda::signing::verify {

struct SignatureMaterial {
  std::string field;
  bool isTimestamp = false;  // a document timestamp: `cms` is its token
  core::Bytes cms;
  std::vector<core::Bytes> certificates, tokens;
};
struct FileMaterial {
  std::vector<SignatureMaterial> signatures;
  std::vector<core::Bytes> certificates, ocsps, crls;  // of the store
};
FileMaterial readMaterial(std::string_view pdf);

}  // namespace qianda::signing::verify
