// CMS SignedData as CAdES and PAdES baseline B-B and B-T require (RFC 5652, RFC 5035, ETSI EN 319 122-1, EN 319 142-1
// 6.3): detached, one SignerInfo, signed attributes content-type, message-digest and signing-certificate-v2, no
// signing-time (the PDF's /M carries it), the signer's certificate and its chain without the root embedded; at B-T the
// unsigned attribute signature-time-stamp. With SM2 keys the digest is SM3 and the object identifiers are chosen.
// All constant DER is built once; one signature hashes about 160 octets of attributes and asks the key once.
// Immutable after construction, thread-safe.
#pragma once

#include <memory>

#include "core/bytes.h"
#include "signing/keys/signing_key.h"
#include "signing/trust/timestamp_source.h"

namespace qianda::signing {

// Object identifiers of an SM2 SignedData: the arc of PKCS#7 with SM2-with-SM3 (RFC 5652's syntax, what general readers
// take), or the arc of GB/T 35275-2017 (GM/T 0010) with its own data and signedData types.
enum class CmsProfile { kPkcs, kGbt35275 };

struct CadesOptions {
  CmsProfile profile = CmsProfile::kPkcs;  // kGbt35275 is for SM2 keys only
  const TimestampSource* time = nullptr;   // B-T: stamps every signature; outlives the signer
};

class CadesSigner {
 public:
  explicit CadesSigner(Credential credential, CadesOptions options = {});
  ~CadesSigner();

  const Credential& credential() const;
  // "PAdES-BASELINE-B" or "PAdES-BASELINE-T"
  const char* level() const;
  // Upper bound of sign()'s result in octets, exact but for ECDSA's varying length and the timestamp.
  std::size_t maxSize() const;
  // `contentDigest`: credential().key->digest() over the ByteRange. Replaces `cms` by the DER ContentInfo. Throws
  // kUnavailable when the timestamp cannot be had: the signature is given up, never left without it.
  void sign(core::BytesView contentDigest, core::Bytes& cms) const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

}  // namespace qianda::signing
