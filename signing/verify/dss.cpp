#include "signing/verify/dss.h"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/sha.h>

#include "signing/keys/sm2.h"
#include "signing/keys/x509.h"
#include "signing/pdf/filters.h"

namespace qianda::signing::verify {
namespace {

using pdf::Object;

constexpr std::size_t kMostItems = 10'000;

// Calls take(octets) for every stream of an array; the number of the first object that is none.
template <typename Take>
std::string readStreams(pdf::Document& document, const Object& array, const char* what, Take take) {
  if (!array.is(Object::Type::kArray)) return array.is(Object::Type::kNull) ? "" : std::string(what) + " is no array";
  std::size_t count = 0;
  for (const Object& one : *array.array) {
    if (++count > kMostItems) return std::string(what) + " has too many items";
    const Object& stream = document.resolve(one);
    const auto octets = stream.is(Object::Type::kStream) ? pdf::decodeStream(stream, document.rawStream(stream))
                                                         : std::optional<std::string>();
    if (!octets || !take(core::viewOf(*octets))) {
      return std::string(what) + " names object " + std::to_string(one.reference.number) + ", which cannot be read";
    }
  }
  return {};
}

bool namesMatch(X509* issuer, const X509* subject) {
  return X509_check_issued(issuer, const_cast<X509*>(subject)) == X509_V_OK;
}

// Whether there is an issuer and none of those there are made this signature.
template <typename IsIssuer, typename Verifies>
bool isForged(const STACK_OF(X509) * pool, IsIssuer isIssuer, Verifies verifies) {
  bool found = false;
  for (int i = 0; i < sk_X509_num(pool); ++i) {
    X509* candidate = sk_X509_value(pool, i);
    if (!isIssuer(candidate)) continue;
    if (verifies(candidate)) return false;
    found = true;
  }
  return found;
}

bool hasIssuerIn(const STACK_OF(X509) * pool, X509* one) {
  for (int i = 0; i < sk_X509_num(pool); ++i) {
    if (namesMatch(sk_X509_value(pool, i), one)) return true;
  }
  return false;
}

// Whether nobody at hand issued this certificate, and it is another one but for what names its issuer: one octet turned
// there hides from a look at the signature alone.
bool isAlteredCopy(const STACK_OF(X509) * pool, X509* one) {
  if (hasIssuerIn(pool, one)) return false;
  for (int i = 0; i < sk_X509_num(pool); ++i) {
    X509* other = sk_X509_value(pool, i);
    const bool isTwin = X509_cmp(one, other) != 0 &&
                        ASN1_INTEGER_cmp(X509_get0_serialNumber(one), X509_get0_serialNumber(other)) == 0 &&
                        X509_NAME_cmp(X509_get_subject_name(one), X509_get_subject_name(other)) == 0 &&
                        ASN1_STRING_cmp(X509_get0_notBefore(one), X509_get0_notBefore(other)) == 0 &&
                        ASN1_STRING_cmp(X509_get0_notAfter(one), X509_get0_notAfter(other)) == 0 &&
                        ASN1_STRING_cmp(X509_get0_pubkey_bitstr(one), X509_get0_pubkey_bitstr(other)) == 0;
    if (isTwin && hasIssuerIn(pool, other)) return true;
  }
  return false;
}

// Whether the response answers for certificates of that issuer.
bool answersFor(const OCSP_BASICRESP* basic, const X509* issuer) {
  for (int i = 0; i < OCSP_resp_count(const_cast<OCSP_BASICRESP*>(basic)); ++i) {
    OCSP_CERTID* id =
        const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(OCSP_resp_get0(const_cast<OCSP_BASICRESP*>(basic), i)));
    ASN1_OBJECT* digest = nullptr;
    ASN1_INTEGER* serial = nullptr;
    OCSP_id_get0_info(nullptr, &digest, nullptr, &serial, id);
    const EVP_MD* md = EVP_get_digestbyobj(digest);
    const core::Handle<OCSP_CERTID, &OCSP_CERTID_free> own(
        md ? OCSP_cert_id_new(md, X509_get_subject_name(issuer), X509_get0_pubkey_bitstr(issuer), serial) : nullptr);
    if (own && OCSP_id_issuer_cmp(own.get(), id) == 0) return true;
  }
  return false;
}

}  // namespace

StoreReading readStore(pdf::Document& document, const std::set<std::string>& signatureKeys, Evidence& evidence) {
  StoreReading reading;
  const Object& entry = document.catalog()["DSS"];
  if (entry.is(Object::Type::kNull)) return reading;
  reading.exists = true;
  const Object& store = document.resolve(entry);
  if (!store.is(Object::Type::kDictionary)) {
    reading.problem = "the document security store is no dictionary";
    return reading;
  }
  const auto keep = [&](std::string problem) {
    if (reading.problem.empty() && !problem.empty()) reading.problem = "the document security store's " + problem;
  };
  keep(readStreams(document, document.get(store, "Certs"), "Certs",
                   [&](core::BytesView der) { return evidence.addCertificate(der); }));
  keep(readStreams(document, document.get(store, "OCSPs"), "OCSPs", [&](core::BytesView der) {
    const std::size_t before = evidence.ocsps().size();
    evidence.addOcsp(der, "DSS");
    return evidence.ocsps().size() > before;
  }));
  keep(readStreams(document, document.get(store, "CRLs"), "CRLs", [&](core::BytesView der) {
    const std::size_t before = evidence.crls().size();
    evidence.addCrl(der, "DSS");
    return evidence.crls().size() > before;
  }));
  const Object& vri = document.get(store, "VRI");
  if (vri.hasDictionary()) {
    for (const auto& [key, value] : *vri.dictionary) {
      if (key != "Type" && !signatureKeys.contains(key)) keep("VRI has an entry for no signature of this file");
    }
  }
  return reading;
}

std::string findForgery(const Evidence& evidence) {
  const STACK_OF(X509)* pool = evidence.certificates();
  for (int i = 0; i < sk_X509_num(pool); ++i) {
    X509* one = sk_X509_value(pool, i);
    const auto isIssuer = [&](X509* candidate) { return namesMatch(candidate, one); };
    if (isForged(pool, isIssuer, [&](X509* issuer) { return evidence.isSignedBy(one, issuer); })) {
      ERR_clear_error();
      return "the certificate of " + partyName(one) + " is not signed by its issuer";
    }
    if (isAlteredCopy(pool, one)) return "the certificate of " + partyName(one) + " is an altered copy of another";
  }
  for (const Evidence::Crl& crl : evidence.crls()) {
    const auto isIssuer = [&](X509* candidate) {
      return X509_NAME_cmp(X509_get_subject_name(candidate), X509_CRL_get_issuer(crl.crl.get())) == 0;
    };
    if (isForged(pool, isIssuer, [&](X509* issuer) { return evidence.isSignedBy(crl, issuer); }))
      return "a certificate revocation list is not signed by its issuer";
  }
  for (const Evidence::Ocsp& ocsp : evidence.ocsps()) {
    const STACK_OF(X509)* own = OCSP_resp_get0_certs(ocsp.basic.get());
    const STACK_OF(X509)* signers = own && sk_X509_num(own) > 0 ? own : pool;
    const auto isResponder = [&](X509* candidate) { return own == signers || isNamedBy(ocsp.basic.get(), candidate); };
    if (isForged(signers, isResponder, [&](X509* signer) { return evidence.isSignedBy(ocsp, signer); }))
      return "an OCSP response is not signed by its responder";
    const auto isAsked = [&](X509* candidate) { return answersFor(ocsp.basic.get(), candidate); };
    if (isForged(pool, isAsked, [&](X509* issuer) { return isAuthorised(evidence, ocsp, issuer); }))
      return "an OCSP response is not from a responder of the certificate's issuer";
  }
  ERR_clear_error();
  return {};
}

std::string vriKey(core::BytesView contents) {
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(contents.data(), contents.size(), digest);
  std::string key = core::toHex({digest, sizeof digest});
  std::transform(key.begin(), key.end(), key.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
  return key;
}

}  // namespace qianda::signing::verify
