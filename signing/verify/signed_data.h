// One CMS SignedData (RFC 5652; GB/T 35275-2017 where its object identifiers say so), judged as far as that goes
// without trust: form, signer's certificate, algorithms, signed attributes, digest, signature value. What it needs of
// trust and time is judged by the verifier. Never throws on hostile octets. Belongs to one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/cms.h>

#include "core/bytes.h"
#include "signing/keys/openssl.h"
#include "signing/verify/embedded_certificates.h"
#include "signing/verify/verifier.h"

namespace qianda::signing::verify {

struct Finding {
  Indication indication = Indication::kTotalPassed;
  std::string subIndication, reason;
  bool passed() const { return indication == Indication::kTotalPassed; }
};
inline Finding failed(std::string subIndication, std::string reason) {
  return {Indication::kTotalFailed, std::move(subIndication), std::move(reason)};
}
inline Finding doubtful(std::string subIndication, std::string reason) {
  return {Indication::kIndeterminate, std::move(subIndication), std::move(reason)};
}

using CmsHandle = core::Handle<CMS_ContentInfo, &CMS_ContentInfo_free>;

enum class Content {
  kDetached,   // over `ranges`: a document's signature
  kTimestamp,  // over its own TSTInfo (RFC 3161 2.4.2)
};

class SignedData {
 public:
  // Judges at once; the finding is the first thing wrong.
  SignedData(core::BytesView octets, Content content, const std::vector<std::string_view>& ranges, bool needsEss);

  const Finding& finding() const { return finding_; }
  X509* signer() const { return certificate_; }  // null when it is not found
  const STACK_OF(X509) * certificates() const { return certificates_.get(); }
  const std::string& algorithm() const { return algorithm_; }  // "ecdsa-with-SHA256", "SM2-with-SM3" ...
  int digestNid() const { return digest_ ? EVP_MD_get_type(digest_) : NID_undef; }
  bool hasEss() const { return hasEss_; }
  core::BytesView signatureValue() const;
  // The signed attributes as the DER SET OF that is signed (RFC 5652 5.4); empty when one cannot be encoded.
  core::Bytes signedAttributes() const;
  // The tokens of unsigned attributes signature-time-stamp, as they stand.
  std::vector<core::Bytes> signatureTimestamps() const;
  core::BytesView ownContent() const;  // kTimestamp: TSTInfo

 private:
  Finding judge(core::BytesView octets, Content content, const std::vector<std::string_view>& ranges, bool needsEss);
  Finding parse(core::BytesView octets, Content content);
  Finding findSigner();
  Finding judgeAlgorithms();
  Finding judgeAttributes(Content content, bool needsEss);
  Finding judgeDigest(const std::vector<std::string_view>& ranges);
  Finding judgeSignature();
  Finding judgeSm2Signature();
  const ASN1_TYPE* attribute(int nid) const;
  bool declaresDigest(int nid) const;

  core::Bytes octets_;  // in the arc of PKCS#7
  bool isGbt35275_ = false;
  CmsHandle cms_;
  CMS_SignerInfo* signer_ = nullptr;
  Certificates certificates_;
  X509* certificate_ = nullptr;
  const EVP_MD* digest_ = nullptr;
  std::string algorithm_;
  bool hasEss_ = false;
  Finding finding_;
};

}  // namespace qianda::signing::verify
