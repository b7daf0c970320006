// Where time comes from: something that answers a digest with an RFC 3161 TimeStampToken. The room knows no HTTP; the
// authority in this process (trust/timestamp_authority.h) and the client of a remote one (server/outbound) both stand
// behind this. Thread-safe: every worker of a batch asks the same source.
#pragma once

#include <string>

#include "core/bytes.h"
#include "signing/keys/signing_key.h"

namespace qianda::signing {

class TimestampSource {
 public:
  virtual ~TimestampSource() = default;
  // The name a person knows it by: its URL, or "local".
  virtual std::string name() const = 0;
  // The TimeStampToken (DER ContentInfo, RFC 3161 2.4.2) whose imprint is that digest, checked before it is returned:
  // status, imprint, nonce, policy and the authority's signature with its critical extended key usage.
  // Throws kUnavailable when the authority does not answer or refuses: try again later, never go on without.
  virtual core::Bytes stamp(DigestAlgorithm algorithm, core::BytesView digest) const = 0;
  // Octets to reserve for one token.
  virtual std::size_t maxTokenSize() const = 0;
};

}  // namespace qianda::signing
