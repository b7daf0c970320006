#include "signing/verify/signed_data.h"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/ess.h>

#include "signing/asn1/der.h"
#include "signing/keys/sm2.h"
#include "signing/keys/x509.h"

namespace qianda::signing::verify {
namespace {

using core::Bytes;
using core::BytesView;
using EssV1 = core::Handle<ESS_SIGNING_CERT, &ESS_SIGNING_CERT_free>;
using EssV2 = core::Handle<ESS_SIGNING_CERT_V2, &ESS_SIGNING_CERT_V2_free>;

constexpr std::string_view kSm2Alone = "1.2.156.10197.1.301.1", kSm2Key = "1.2.156.10197.1.301";

std::string dotted(const ASN1_OBJECT* object) {
  char text[96];
  OBJ_obj2txt(text, sizeof text, object, 1);
  return text;
}

std::string nameOf(const ASN1_OBJECT* object) {
  const int nid = OBJ_obj2nid(object);
  return nid == NID_undef ? dotted(object) : OBJ_nid2ln(nid);
}

// One DER element: its content, and the cursor behind it. False for indefinite lengths and overruns.
bool take(BytesView& rest, int wantedTag, BytesView& content) {
  const unsigned char* at = rest.data();
  long length = 0;
  int tag = 0, tagClass = 0;
  if (rest.empty() || ASN1_get_object(&at, &length, &tag, &tagClass, static_cast<long>(rest.size())) & 0x81 ||
      tag != wantedTag) {
    ERR_clear_error();
    return false;
  }
  const auto header = static_cast<std::size_t>(at - rest.data());
  content = rest.subspan(header, static_cast<std::size_t>(length));
  rest = rest.subspan(header + static_cast<std::size_t>(length));
  return true;
}

// Digests have none, or NULL (RFC 5754 2).
bool hasNoParameters(const X509_ALGOR* algorithm) {
  return !algorithm->parameter || algorithm->parameter->type == V_ASN1_NULL;
}

// RFC 5652 5.1 and 5.3: nothing signs these numbers.
bool hasKnownVersions(BytesView octets) {
  BytesView rest = octets, info, skipped, tagged, signedData, version, signers, signer, ownVersion;
  if (!take(rest, V_ASN1_SEQUENCE, info) || !take(info, V_ASN1_OBJECT, skipped) || !take(info, 0, tagged) ||
      !take(tagged, V_ASN1_SEQUENCE, signedData) || !take(signedData, V_ASN1_INTEGER, version) ||
      !take(signedData, V_ASN1_SET, skipped) || !take(signedData, V_ASN1_SEQUENCE, skipped)) {
    return false;
  }
  for (const int optional : {0, 1}) take(signedData, optional, skipped);
  return take(signedData, V_ASN1_SET, signers) && take(signers, V_ASN1_SEQUENCE, signer) &&
         take(signer, V_ASN1_INTEGER, ownVersion) && version.size() == 1 && version[0] >= 1 && version[0] <= 5 &&
         ownVersion.size() == 1 && (ownVersion[0] == 1 || ownVersion[0] == 3);
}

// The same SignedData under PKCS#7's content type, or nothing when the octets have another outer type.
std::optional<Bytes> inPkcsArc(BytesView octets) {
  static const Bytes kType = der::objectIdentifier("1.2.156.10197.6.1.4.2.2");
  BytesView rest = octets, info, signedData;
  if (!take(rest, V_ASN1_SEQUENCE, info) || !rest.empty() || info.size() < kType.size() ||
      !std::equal(kType.begin(), kType.end(), info.begin())) {
    return std::nullopt;
  }
  info = info.subspan(kType.size());
  if (!take(info, 0, signedData) || !info.empty()) return std::nullopt;
  return der::sequence({der::objectIdentifier("1.2.840.113549.1.7.2"), der::element(der::contextTag(0), signedData)});
}

// Definite lengths, for what reads the octets besides OpenSSL.
Bytes encoded(CMS_ContentInfo* cms) {
  unsigned char* der = nullptr;
  const int size = i2d_CMS_ContentInfo(cms, &der);
  Bytes bytes;
  if (size > 0) bytes.assign(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

}  // namespace

SignedData::SignedData(BytesView octets, Content content, const std::vector<std::string_view>& ranges, bool needsEss) {
  finding_ = judge(octets, content, ranges, needsEss);
  takeOpensslErrors();
}

Finding SignedData::judge(BytesView octets, Content content, const std::vector<std::string_view>& ranges,
                          bool needsEss) {
  Finding finding = parse(octets, content);
  if (finding.passed()) finding = findSigner();
  if (finding.passed()) finding = judgeAlgorithms();
  if (finding.passed()) finding = judgeAttributes(content, needsEss);
  const BytesView own = content == Content::kTimestamp && finding.passed() ? ownContent() : BytesView();
  if (finding.passed()) finding = judgeDigest(content == Content::kTimestamp ? std::vector{core::textOf(own)} : ranges);
  if (finding.passed()) finding = judgeSignature();
  return finding;
}

Finding SignedData::parse(BytesView octets, Content content) {
  if (auto converted = inPkcsArc(octets)) {
    isGbt35275_ = true;
    octets_ = std::move(*converted);
  } else {
    octets_.assign(octets.begin(), octets.end());
  }
  if (auto carved = carveSignedData(octets_)) {
    octets_ = std::move(carved->octets);
    certificates_ = std::move(carved->certificates);
  }
  const unsigned char* at = octets_.data();
  cms_.reset(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(octets_.size())));
  if (!cms_ || at != octets_.data() + octets_.size()) return failed("FORMAT_FAILURE", "the CMS cannot be parsed");
  if (octets_.size() > 1 && octets_[1] == 0x80) octets_ = encoded(cms_.get());
  if (OBJ_obj2nid(CMS_get0_type(cms_.get())) != NID_pkcs7_signed) {
    return failed("FORMAT_FAILURE", "the CMS is not SignedData");
  }
  STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(cms_.get());
  if (!signers || sk_CMS_SignerInfo_num(signers) != 1) {
    return failed("FORMAT_FAILURE", "the CMS has not exactly one SignerInfo");
  }
  if (!hasKnownVersions(octets_)) return failed("FORMAT_FAILURE", "the CMS has a version that no standard knows");
  const bool isDetached = CMS_is_detached(cms_.get()) == 1;
  if (content == Content::kDetached && !isDetached)
    return failed("FORMAT_FAILURE", "the CMS carries content of its own");
  if (content == Content::kTimestamp && isDetached) return failed("FORMAT_FAILURE", "the timestamp has no content");
  signer_ = sk_CMS_SignerInfo_value(signers, 0);
  return {};
}

Finding SignedData::findSigner() {
  if (!certificates_) {
    certificates_.reset(CMS_get1_certs(cms_.get()));
    for (int i = 0; i < sk_X509_num(certificates_.get()); ++i) setSm2UserId(sk_X509_value(certificates_.get(), i));
  }
  for (int i = 0; i < sk_X509_num(certificates_.get()); ++i) {
    X509* certificate = sk_X509_value(certificates_.get(), i);
    if (CMS_SignerInfo_cert_cmp(signer_, certificate) == 0) certificate_ = certificate;
  }
  if (!certificate_) return doubtful("NO_SIGNING_CERTIFICATE_FOUND", "the CMS does not hold its signer's certificate");
  CMS_SignerInfo_set1_signer_cert(signer_, certificate_);
  return {};
}

// The SignerInfo's own algorithm identifiers are not signed: they must at least fit the key and each other.
Finding SignedData::judgeAlgorithms() {
  X509_ALGOR *digest = nullptr, *signature = nullptr;
  EVP_PKEY* key = nullptr;
  CMS_SignerInfo_get0_algs(signer_, &key, nullptr, &digest, &signature);
  digest_ = EVP_get_digestbyobj(digest->algorithm);
  if (!digest_)
    return doubtful("CRYPTO_CONSTRAINTS_FAILURE",
                    "the digest algorithm " + nameOf(digest->algorithm) + " is not known");
  const int digestNid = EVP_MD_get_type(digest_);
  const int signatureNid = OBJ_obj2nid(signature->algorithm);
  EVP_PKEY* certified = X509_get0_pubkey(certificate_);
  if (!certified) return failed("FORMAT_FAILURE", "the signer's public key cannot be read");
  int impliedDigest = NID_undef, impliedKey = NID_undef;
  const bool combined = OBJ_find_sigid_algs(signatureNid, &impliedDigest, &impliedKey) == 1;
  const int keyNid = isSm2(certified) ? NID_sm2 : EVP_PKEY_get_base_id(certified);
  const bool plainRsa = signatureNid == NID_rsaEncryption && keyNid == EVP_PKEY_RSA;
  const bool pss = signatureNid == NID_rsassaPss && keyNid == EVP_PKEY_RSA;
  const std::string written = dotted(signature->algorithm);
  const bool plainSm2 = keyNid == NID_sm2 && digestNid == NID_sm3 && (written == kSm2Alone || written == kSm2Key);
  if (!plainRsa && !pss && !plainSm2 && !(combined && impliedDigest == digestNid && impliedKey == keyNid)) {
    return failed("FORMAT_FAILURE",
                  "the signature algorithm " + nameOf(signature->algorithm) + " does not fit the digest and the key");
  }
  if (!hasNoParameters(digest) || (!pss && !plainSm2 && !hasNoParameters(signature)))
    return failed("FORMAT_FAILURE", "an algorithm of the CMS carries parameters that it does not take");
  int combinedNid = signatureNid;
  if (plainRsa) OBJ_find_sigid_by_algs(&combinedNid, digestNid, NID_rsaEncryption);
  if (plainSm2) combinedNid = NID_SM2_with_SM3;
  algorithm_ = OBJ_nid2ln(combinedNid);
  if (!declaresDigest(digestNid))
    return failed("FORMAT_FAILURE", "the CMS does not declare its signer's digest algorithm as it should");
  return {};
}

// CMS has no accessor for SignedData.digestAlgorithms: read it from the octets (RFC 5652 5.1: version, then this SET).
bool SignedData::declaresDigest(int nid) const {
  BytesView rest = octets_, info, skipped, tagged, signedData, set;
  if (!take(rest, V_ASN1_SEQUENCE, info) || !take(info, V_ASN1_OBJECT, skipped) || !take(info, 0, tagged) ||
      !take(tagged, V_ASN1_SEQUENCE, signedData) || !take(signedData, V_ASN1_INTEGER, skipped) ||
      !take(signedData, V_ASN1_SET, set)) {
    return false;
  }
  bool isDeclared = false;
  const unsigned char* at = set.data();
  for (const unsigned char* const end = at + set.size(); at < end;) {
    const core::Handle<X509_ALGOR, &X509_ALGOR_free> algorithm(d2i_X509_ALGOR(nullptr, &at, end - at));
    if (!algorithm || !hasNoParameters(algorithm.get())) return false;
    isDeclared = isDeclared || OBJ_obj2nid(algorithm->algorithm) == nid;
  }
  return isDeclared;
}

const ASN1_TYPE* SignedData::attribute(int nid) const {
  const int at = CMS_signed_get_attr_by_NID(signer_, nid, -1);
  if (at < 0 || CMS_signed_get_attr_by_NID(signer_, nid, at) >= 0) return nullptr;  // none, or more than one
  X509_ATTRIBUTE* found = CMS_signed_get_attr(signer_, at);
  return X509_ATTRIBUTE_count(found) == 1 ? X509_ATTRIBUTE_get0_type(found, 0) : nullptr;
}

Finding SignedData::judgeAttributes(Content content, bool needsEss) {
  const char* wanted = content == Content::kTimestamp ? "1.2.840.113549.1.9.16.1.4"
                       : isGbt35275_                  ? "1.2.156.10197.6.1.4.2.1"
                                                      : "1.2.840.113549.1.7.1";
  const ASN1_TYPE* type = attribute(NID_pkcs9_contentType);
  if (!type || type->type != V_ASN1_OBJECT || dotted(type->value.object) != wanted ||
      dotted(CMS_get0_eContentType(cms_.get())) != wanted) {
    return failed("FORMAT_FAILURE", "the signed attribute content-type is missing or wrong");
  }
  const Certificates alone(sk_X509_new_null());
  X509_up_ref(certificate_);
  sk_X509_push(alone.get(), certificate_);
  if (const ASN1_TYPE* ess = attribute(NID_id_smime_aa_signingCertificateV2)) {
    if (ess->type != V_ASN1_SEQUENCE) return failed("FORMAT_FAILURE", "signing-certificate-v2 is malformed");
    const unsigned char* at = ess->value.sequence->data;
    const EssV2 parsed(d2i_ESS_SIGNING_CERT_V2(nullptr, &at, ess->value.sequence->length));
    hasEss_ = parsed && OSSL_ESS_check_signing_certs(nullptr, parsed.get(), alone.get(), 1) == 1;
    if (!hasEss_) return failed("FORMAT_FAILURE", "signing-certificate-v2 names another certificate");
  } else if (const ASN1_TYPE* first = attribute(NID_id_smime_aa_signingCertificate);
             first && content == Content::kTimestamp) {
    if (first->type != V_ASN1_SEQUENCE) return failed("FORMAT_FAILURE", "signing-certificate is malformed");
    const unsigned char* at = first->value.sequence->data;
    const EssV1 parsed(d2i_ESS_SIGNING_CERT(nullptr, &at, first->value.sequence->length));
    hasEss_ = parsed && OSSL_ESS_check_signing_certs(parsed.get(), nullptr, alone.get(), 1) == 1;
    if (!hasEss_) return failed("FORMAT_FAILURE", "signing-certificate names another certificate");
  }
  if (!hasEss_ && needsEss) {
    return failed("FORMAT_FAILURE", "a PAdES signature needs the attribute signing-certificate-v2");
  }
  return {};
}

Finding SignedData::judgeDigest(const std::vector<std::string_view>& ranges) {
  const ASN1_TYPE* claimed = attribute(NID_pkcs9_messageDigest);
  if (!claimed || claimed->type != V_ASN1_OCTET_STRING) {
    return failed("FORMAT_FAILURE", "the signed attribute message-digest is missing");
  }
  const DigestHandle context(EVP_MD_CTX_new());
  unsigned char value[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  bool done = context && EVP_DigestInit_ex(context.get(), digest_, nullptr) == 1;
  for (std::string_view range : ranges) done = done && EVP_DigestUpdate(context.get(), range.data(), range.size()) == 1;
  if (!done || EVP_DigestFinal_ex(context.get(), value, &length) != 1) {
    return doubtful("GENERIC", "the digest could not be computed");
  }
  const ASN1_OCTET_STRING* wanted = claimed->value.octet_string;
  if (static_cast<unsigned>(wanted->length) != length || CRYPTO_memcmp(wanted->data, value, length) != 0) {
    return failed("HASH_FAILURE", "the document's octets are not those that were signed");
  }
  return {};
}

Finding SignedData::judgeSignature() {
  if (isSm2(X509_get0_pubkey(certificate_))) return judgeSm2Signature();
  if (CMS_SignerInfo_verify(signer_) == 1) return {};
  return failed("SIG_CRYPTO_FAILURE", "the signature value does not verify with the signer's key");
}

// OpenSSL 3.0's CMS knows no SM2 signer.
Finding SignedData::judgeSm2Signature() {
  if (verifySignature(X509_get0_pubkey(certificate_), EVP_MD_get_type(digest_), signedAttributes(), signatureValue()))
    return {};
  return failed("SIG_CRYPTO_FAILURE", "the signature value does not verify with the signer's key");
}

Bytes SignedData::signedAttributes() const {
  std::vector<Bytes> attributes;
  for (int i = 0; signer_ && i < CMS_signed_get_attr_count(signer_); ++i) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_ATTRIBUTE(CMS_signed_get_attr(signer_, i), &der);
    if (size < 0) return {};
    attributes.emplace_back(der, der + size);
    OPENSSL_free(der);
  }
  return der::setOf(std::move(attributes));
}

BytesView SignedData::signatureValue() const {
  const ASN1_OCTET_STRING* value = signer_ ? CMS_SignerInfo_get0_signature(signer_) : nullptr;
  return value ? BytesView(value->data, static_cast<std::size_t>(value->length)) : BytesView();
}

std::vector<Bytes> SignedData::signatureTimestamps() const {
  std::vector<Bytes> tokens;
  if (!signer_) return tokens;
  for (int at = -1; (at = CMS_unsigned_get_attr_by_NID(signer_, NID_id_smime_aa_timeStampToken, at)) >= 0;) {
    X509_ATTRIBUTE* found = CMS_unsigned_get_attr(signer_, at);
    for (int i = 0; i < X509_ATTRIBUTE_count(found); ++i) {
      const ASN1_TYPE* value = X509_ATTRIBUTE_get0_type(found, i);
      if (value->type != V_ASN1_SEQUENCE) continue;
      tokens.emplace_back(value->value.sequence->data, value->value.sequence->data + value->value.sequence->length);
    }
  }
  return tokens;
}

BytesView SignedData::ownContent() const {
  ASN1_OCTET_STRING** content = cms_ ? CMS_get0_content(cms_.get()) : nullptr;
  return content && *content ? BytesView((*content)->data, static_cast<std::size_t>((*content)->length)) : BytesView();
}

}  // namespace qianda::signing::verify
