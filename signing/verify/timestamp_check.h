// Judges one RFC 3161 TimeStampToken over given octets: form, imprint, the authority's signature, its key usage. Trust
// in the authority's certificate is the caller's question.
#pragma once

#include <memory>

#include "signing/verify/signed_data.h"

namespace qianda::signing::verify {

struct Token {
  Finding finding;  // passed: a sound token over these octets
  std::unique_ptr<SignedData> cms;
  core::Instant time;
  std::string policy, serialHex;
  int imprintNid = 0;  // the digest over what is stamped
};

Token judgeToken(core::BytesView token, const std::vector<std::string_view>& stamped);

}  // namespace qianda::signing::verify
