// Where the state of a certificate is asked: OCSP responses (RFC 6960) and CRLs (RFC 5280), as they came, DER. The
// caller judges them; a source only finds them. Thread-safe.
#pragma once

#include <optional>

#include "core/bytes.h"

namespace qianda::signing {

class RevocationSource {
 public:
  virtual ~RevocationSource() = default;
  // An OCSPResponse (status successful) for this certificate; nullopt where the issuer names no responder. Throws
  // kUnavailable when a responder is named but does not answer.
  virtual std::optional<core::Bytes> findOcsp(core::BytesView certificate, core::BytesView issuer) const = 0;
  // The issuer's CRL in force; nullopt where none is named. Throws kUnavailable as above.
  virtual std::optional<core::Bytes> findCrl(core::BytesView certificate, core::BytesView issuer) const = 0;
};

}  // namespace qianda::signing
