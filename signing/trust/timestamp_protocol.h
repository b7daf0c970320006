// The two messages of RFC 3161: the query a client writes and the answer it reads. An answer is checked completely
// before its token is handed on: status, version, imprint, nonce, policy, the CMS signature, the critical extended key
// usage id-kp-timeStamping (RFC 3161 2.3) and the ESS certificate identifier, version 1 or 2 (RFC 5816).
// Not handled: tokens signed with RSASSA-PSS or SM2. Pure functions, callable from any thread.
#pragma once

#include <string>
#include <vector>

#include "core/bytes.h"
#include "signing/keys/signing_key.h"

namespace qianda::signing {

// TimeStampReq with a random nonce of 64 bits and certReq true; `policy` is a dotted identifier or empty. Throws
// kInvalidInput for a digest of another length or no identifier.
core::Bytes writeTimestampQuery(DigestAlgorithm algorithm, core::BytesView digest, const std::string& policy = {});

// The TimeStampToken (DER) of the authority's TimeStampResp to just that query. With `anchors` (DER certificates) the
// authority's path must lead to one of them now; without, its trust is left to whoever verifies the token later.
// Throws kUnavailable with the authority's own status, text and failure, or with what is wrong with its answer.
core::Bytes readTimestampAnswer(core::BytesView query, core::BytesView answer,
                                const std::vector<core::Bytes>& anchors = {});

// The token of a granted TimeStampResp without a look at what it says: for answers this process made itself. Throws
// kUnavailable when it was refused.
core::Bytes takeTimestampToken(core::BytesView answer);

}  // namespace qianda::signing
