#include "signing/verify/cms_check.h"

#include <openssl/cms.h>
#include <openssl/ess.h>
#include <openssl/x509v3.h>

#include "signing/keys/x509.h"

namespace qianda::signing::verify {
namespace {

using CmsHandle = core::Handle<CMS_ContentInfo, &CMS_ContentInfo_free>;
using StoreContext = core::Handle<X509_STORE_CTX, &X509_STORE_CTX_free>;
using EssV2 = core::Handle<ESS_SIGNING_CERT_V2, &ESS_SIGNING_CERT_V2_free>;

void freeCertificates(STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }
using Certificates = core::Handle<STACK_OF(X509), &freeCertificates>;

std::string oidName(const ASN1_OBJECT* object) {
  char text[96];
  const int nid = OBJ_obj2nid(object);
  if (nid != NID_undef) return OBJ_nid2ln(nid);
  OBJ_obj2txt(text, sizeof text, object, 1);
  return text;
}

class Judge {
 public:
  Judge(core::BytesView cms, const std::vector<std::string_view>& ranges, X509_STORE* anchors, core::Instant at,
        SignatureVerdict& verdict)
      : octets_(cms), ranges_(ranges), anchors_(anchors), at_(at), verdict_(verdict) {}

  void run() {
    const bool passed =
        parse() && findSigner() && checkAttributes() && checkDigest() && checkSignature() && checkPath();
    if (passed) verdict_.indication = Indication::kTotalPassed;
    takeOpensslErrors();
  }

 private:
  bool fail(std::string subIndication, std::string reason) {
    verdict_.indication = Indication::kTotalFailed;
    verdict_.subIndication = std::move(subIndication);
    verdict_.reason = std::move(reason);
    return false;
  }
  bool doubt(std::string subIndication, std::string reason) {
    fail(std::move(subIndication), std::move(reason));
    verdict_.indication = Indication::kIndeterminate;
    return false;
  }

  bool parse() {
    const unsigned char* at = octets_.data();
    cms_.reset(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(octets_.size())));
    if (!cms_ || at != octets_.data() + octets_.size()) return fail("FORMAT_FAILURE", "the CMS cannot be parsed");
    if (OBJ_obj2nid(CMS_get0_type(cms_.get())) != NID_pkcs7_signed) {
      return fail("FORMAT_FAILURE", "the CMS is not SignedData");
    }
    STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(cms_.get());
    if (!signers || sk_CMS_SignerInfo_num(signers) != 1) {
      return fail("FORMAT_FAILURE", "the CMS has not exactly one SignerInfo");
    }
    if (!CMS_is_detached(cms_.get())) return fail("FORMAT_FAILURE", "the CMS carries content of its own");
    signer_ = sk_CMS_SignerInfo_value(signers, 0);
    return true;
  }

  bool findSigner() {
    certificates_.reset(CMS_get1_certs(cms_.get()));
    for (int i = 0; certificates_ && i < sk_X509_num(certificates_.get()); ++i) {
      X509* certificate = sk_X509_value(certificates_.get(), i);
      if (CMS_SignerInfo_cert_cmp(signer_, certificate) == 0) certificate_ = certificate;
    }
    if (!certificate_) return doubt("NO_SIGNING_CERTIFICATE_FOUND", "the CMS does not hold its signer's certificate");
    CMS_SignerInfo_set1_signer_cert(signer_, certificate_);
    const X509_NAME* subject = X509_get_subject_name(certificate_);
    verdict_.signer = commonNameOf(subject);
    verdict_.organisation = organisationOf(subject);
    if (verdict_.signer.empty()) verdict_.signer = verdict_.organisation;
    verdict_.issuer = textOf(X509_get_issuer_name(certificate_));
    verdict_.serialHex = serialHex(certificate_);
    return nameAlgorithm();
  }

  // The SignerInfo's own algorithm identifiers are not signed: they must at least fit the key and each other.
  bool nameAlgorithm() {
    X509_ALGOR *digest = nullptr, *signature = nullptr;
    EVP_PKEY* key = nullptr;
    CMS_SignerInfo_get0_algs(signer_, &key, nullptr, &digest, &signature);
    digest_ = EVP_get_digestbyobj(digest->algorithm);
    if (!digest_ || EVP_MD_get_size(digest_) < 32) {
      return doubt("CRYPTO_CONSTRAINTS_FAILURE",
                   "the digest algorithm " + oidName(digest->algorithm) + " is not acceptable");
    }
    const int digestNid = EVP_MD_get_type(digest_);
    const int signatureNid = OBJ_obj2nid(signature->algorithm);
    EVP_PKEY* certified = X509_get0_pubkey(certificate_);
    if (!certified) return fail("FORMAT_FAILURE", "the signer's public key cannot be read");
    int impliedDigest = NID_undef, impliedKey = NID_undef;
    const bool combined = OBJ_find_sigid_algs(signatureNid, &impliedDigest, &impliedKey) == 1;
    const int keyNid = EVP_PKEY_get_base_id(certified);
    const bool plainRsa = signatureNid == NID_rsaEncryption && keyNid == EVP_PKEY_RSA;
    const bool pss = signatureNid == NID_rsassaPss && keyNid == EVP_PKEY_RSA;
    if (!plainRsa && !pss && !(combined && impliedDigest == digestNid && impliedKey == keyNid)) {
      return fail("FORMAT_FAILURE",
                  "the signature algorithm " + oidName(signature->algorithm) + " does not fit the digest and the key");
    }
    int combinedNid = signatureNid;
    if (plainRsa) OBJ_find_sigid_by_algs(&combinedNid, digestNid, NID_rsaEncryption);
    verdict_.algorithm = OBJ_nid2ln(combinedNid);
    if (!declaresDigest(digestNid))
      return fail("FORMAT_FAILURE", "the CMS does not declare its signer's digest algorithm");
    if (EVP_PKEY_get_security_bits(certified) < 112) {
      return doubt("CRYPTO_CONSTRAINTS_FAILURE", "the signer's key is too short");
    }
    return true;
  }

  // CMS has no accessor for SignedData.digestAlgorithms: read it from the octets (RFC 5652 5.1: version, then this
  // SET).
  bool declaresDigest(int nid) const {
    const unsigned char* at = octets_.data();
    const unsigned char* const end = at + octets_.size();
    const auto enter = [&](int wantedTag, bool skip) {
      long length = 0;
      int tag = 0, tagClass = 0;
      if (ASN1_get_object(&at, &length, &tag, &tagClass, end - at) & 0x80 || tag != wantedTag) return false;
      if (skip) at += length;
      return true;
    };
    if (!enter(V_ASN1_SEQUENCE, false) || !enter(V_ASN1_OBJECT, true) || !enter(0, false) ||
        !enter(V_ASN1_SEQUENCE, false) || !enter(V_ASN1_INTEGER, true)) {
      return false;
    }
    long length = 0;
    int tag = 0, tagClass = 0;
    if (ASN1_get_object(&at, &length, &tag, &tagClass, end - at) & 0x80 || tag != V_ASN1_SET) return false;
    for (const unsigned char* const setEnd = at + length; at < setEnd;) {
      const core::Handle<X509_ALGOR, &X509_ALGOR_free> algorithm(d2i_X509_ALGOR(nullptr, &at, setEnd - at));
      if (!algorithm) return false;
      if (OBJ_obj2nid(algorithm->algorithm) == nid) return true;
    }
    return false;
  }

  const ASN1_TYPE* attribute(int nid) const {
    const int at = CMS_signed_get_attr_by_NID(signer_, nid, -1);
    if (at < 0 || CMS_signed_get_attr_by_NID(signer_, nid, at) >= 0) return nullptr;  // none, or more than one
    X509_ATTRIBUTE* found = CMS_signed_get_attr(signer_, at);
    return X509_ATTRIBUTE_count(found) == 1 ? X509_ATTRIBUTE_get0_type(found, 0) : nullptr;
  }

  bool checkAttributes() {
    const ASN1_TYPE* type = attribute(NID_pkcs9_contentType);
    if (!type || type->type != V_ASN1_OBJECT || OBJ_obj2nid(type->value.object) != NID_pkcs7_data) {
      return fail("FORMAT_FAILURE", "the signed attribute content-type is missing or wrong");
    }
    const ASN1_TYPE* ess = attribute(NID_id_smime_aa_signingCertificateV2);
    if (!ess) {
      verdict_.level = "PKCS7-B";
      if (verdict_.subFilter != "ETSI.CAdES.detached") return true;
      return fail("FORMAT_FAILURE", "a PAdES signature needs the attribute signing-certificate-v2");
    }
    if (ess->type != V_ASN1_SEQUENCE) return fail("FORMAT_FAILURE", "signing-certificate-v2 is malformed");
    const unsigned char* at = ess->value.sequence->data;
    const EssV2 parsed(d2i_ESS_SIGNING_CERT_V2(nullptr, &at, ess->value.sequence->length));
    const Certificates alone(sk_X509_new_null());
    X509_up_ref(certificate_);
    sk_X509_push(alone.get(), certificate_);
    if (!parsed || OSSL_ESS_check_signing_certs(nullptr, parsed.get(), alone.get(), 1) != 1) {
      return fail("FORMAT_FAILURE", "signing-certificate-v2 names another certificate");
    }
    verdict_.level = verdict_.subFilter == "ETSI.CAdES.detached" ? "PAdES-BASELINE-B" : "PKCS7-B";
    return true;
  }

  bool checkDigest() {
    const ASN1_TYPE* claimed = attribute(NID_pkcs9_messageDigest);
    if (!claimed || claimed->type != V_ASN1_OCTET_STRING) {
      return fail("FORMAT_FAILURE", "the signed attribute message-digest is missing");
    }
    const DigestHandle context(EVP_MD_CTX_new());
    unsigned char value[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    bool done = context && EVP_DigestInit_ex(context.get(), digest_, nullptr) == 1;
    for (std::string_view range : ranges_)
      done = done && EVP_DigestUpdate(context.get(), range.data(), range.size()) == 1;
    if (!done || EVP_DigestFinal_ex(context.get(), value, &length) != 1) {
      return doubt("GENERIC", "the digest could not be computed");
    }
    const ASN1_OCTET_STRING* wanted = claimed->value.octet_string;
    if (static_cast<unsigned>(wanted->length) != length || CRYPTO_memcmp(wanted->data, value, length) != 0) {
      return fail("HASH_FAILURE", "the document's octets are not those that were signed");
    }
    return true;
  }

  bool checkSignature() {
    if (CMS_SignerInfo_verify(signer_) == 1) return true;
    return fail("SIG_CRYPTO_FAILURE", "the signature value does not verify with the signer's key");
  }

  bool checkPath() {
    const std::uint32_t usage = X509_get_key_usage(certificate_);
    if (usage != UINT32_MAX && !(usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION))) {
      return doubt("CHAIN_CONSTRAINTS_FAILURE", "the certificate is not for signatures");
    }
    const StoreContext context(X509_STORE_CTX_new());
    if (!context || X509_STORE_CTX_init(context.get(), anchors_, certificate_, certificates_.get()) != 1) {
      return doubt("CERTIFICATE_CHAIN_GENERAL_FAILURE", "the certification path could not be built");
    }
    X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(parameters, std::chrono::floor<std::chrono::seconds>(at_).time_since_epoch().count());
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_depth(parameters, 10);
    if (X509_verify_cert(context.get()) == 1) return true;
    const int error = X509_STORE_CTX_get_error(context.get());
    const std::string reason = X509_verify_cert_error_string(error);
    switch (error) {
      case X509_V_ERR_CERT_HAS_EXPIRED:
        return doubt("OUT_OF_BOUNDS_NO_POE",
                     "a certificate of the path has expired and nothing proves the signature older");
      case X509_V_ERR_CERT_NOT_YET_VALID:
        return doubt("OUT_OF_BOUNDS_NO_POE", "a certificate of the path is not yet valid");
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
      case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return doubt("NO_CERTIFICATE_CHAIN_FOUND", "no certification path to a trust anchor: " + reason);
      case X509_V_ERR_INVALID_CA:
      case X509_V_ERR_PATH_LENGTH_EXCEEDED:
      case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
      case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
        return doubt("CHAIN_CONSTRAINTS_FAILURE", "the certification path breaks a rule: " + reason);
      default:
        return doubt("CERTIFICATE_CHAIN_GENERAL_FAILURE", "the certification path fails: " + reason);
    }
  }

  core::BytesView octets_;
  const std::vector<std::string_view>& ranges_;
  X509_STORE* anchors_;
  core::Instant at_;
  SignatureVerdict& verdict_;
  CmsHandle cms_;
  CMS_SignerInfo* signer_ = nullptr;
  Certificates certificates_;
  X509* certificate_ = nullptr;
  const EVP_MD* digest_ = nullptr;
};

}  // namespace

void judgeCms(core::BytesView cms, const std::vector<std::string_view>& ranges, X509_STORE* anchors, core::Instant at,
              SignatureVerdict& verdict) {
  Judge(cms, ranges, anchors, at, verdict).run();
}

}  // namespace qianda::signing::verify
