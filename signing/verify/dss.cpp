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
  }
  for (const Evidence::Crl& crl : evidence.crls()) {
    const auto isIssuer = [&](X509* candidate) {
      return X509_NAME_cmp(X509_get_subject_name(candidate), X509_CRL_get_issuer(crl.crl.get())) == 0;
    };
    if (isForged(pool, isIssuer, [&](X509* issuer) { return evidence.isSignedBy(crl, issuer); }))
      return "a certificate revocation list is not signed by its issuer";
  }
  for (const Evidence::Ocsp& ocsp : evidence.ocsps()) {
    const STACK_OF(X509)* own = ocsp.certificates.get();
    const STACK_OF(X509)* signers = own && sk_X509_num(own) > 0 ? own : pool;
    const auto isResponder = [&](X509* candidate) { return own == signers || isNamedBy(ocsp.basic.get(), candidate); };
    if (isForged(signers, isResponder, [&](X509* signer) { return evidence.isSignedBy(ocsp, signer); }))
      return "an OCSP response is not signed by its responder";
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
