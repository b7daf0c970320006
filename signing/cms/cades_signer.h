// CMS SignedData as CAdES and PAdES baseline B-B require (RFC 5652, RFC 5035, ETSI EN 319 122-1, EN 319 142-1 6.3):
// detached, one SignerInfo, signed attributes content-type, message-digest and signing-certificate-v2, no signing-time
// (the PDF's /M carries it), the signer's certificate and its chain without the root embedded.
// All constant DER is built once; one signature hashes about 160 octets of attributes and asks the key once.
// Immutable after construction, thread-safe.
#pragma once

#include <memory>

#include "core/bytes.h"
#include "signing/keys/signing_key.h"

namespace qianda::signing {

class CadesSigner {
 public:
  explicit CadesSigner(Credential credential);
  ~CadesSigner();

  const Credential& credential() const;
  // Upper bound of sign()'s result in octets, exact but for ECDSA's varying length.
  std::size_t maxSize() const;
  // `contentDigest`: credential().key->digest() over the ByteRange. Replaces `cms` by the DER ContentInfo.
  void sign(core::BytesView contentDigest, core::Bytes& cms) const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

}  // namespace qianda::signing
