// Judges one CMS signature over a digest (RFC 5652, EN 319 122-1, EN 319 142-1 6.3) and its certification path (RFC
// 5280).
#pragma once

#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/time.h"
#include "signing/keys/openssl.h"
#include "signing/verify/verifier.h"

namespace qianda::signing::verify {

// Fills signer, algorithm, level, indication, sub-indication and reason of the verdict. `ranges` are the covered
// octets.
void judgeCms(core::BytesView cms, const std::vector<std::string_view>& ranges, X509_STORE* anchors, core::Instant at,
              SignatureVerdict& verdict);

}  // namespace qianda::signing::verify
