// Trust in one certificate at one moment: its path to an anchor (RFC 5280), what revocation data say of each member
// (RFC 5280 6.3, RFC 6960 3.2) and whether its algorithms were still good (ETSI TS 119 312).
#pragma once

#include <map>
#include <string>
#include <vector>

#include <openssl/ocsp.h>

#include "core/time.h"
#include "signing/verify/signed_data.h"

namespace qianda::signing::verify {

using OcspHandle = core::Handle<OCSP_RESPONSE, &OCSP_RESPONSE_free>;
using BasicHandle = core::Handle<OCSP_BASICRESP, &OCSP_BASICRESP_free>;
using CrlHandle = core::Handle<X509_CRL, &X509_CRL_free>;

// How far the clocks of authorities and responders may be ahead of each other and of ours.
inline constexpr std::chrono::minutes kSkew{5};

// What a verification may use: certificates to build paths with, and revocation data, parsed once. Octets that do not
// parse are left out, and so is a certificate that is there already. Each question who signed what is asked once:
// public keys are where a verification spends its time.
class Evidence {
 public:
  Evidence();
  // False when the octets are no certificate.
  bool addCertificate(core::BytesView der);
  void addCertificate(X509* certificate);
  void addCertificates(const STACK_OF(X509) * certificates);
  void addOcsp(core::BytesView der, const std::string& origin);
  void addCrl(core::BytesView der, const std::string& origin);

  struct Ocsp {
    BasicHandle basic;
    Certificates certificates;  // those it brings along, null for none
    std::string origin;
    std::size_t octets;
  };
  struct Crl {
    CrlHandle crl;
    std::string origin;
  };
  const STACK_OF(X509) * certificates() const { return certificates_.get(); }
  const std::vector<Ocsp>& ocsps() const { return ocsps_; }
  const std::vector<Crl>& crls() const { return crls_; }

  // Whether that key made the signature, of a CRL or a response that is evidence, or of a certificate that is.
  bool isSignedBy(const Crl& crl, X509* issuer) const;
  bool isSignedBy(const Ocsp& ocsp, X509* signer) const;
  bool isSignedBy(X509* certificate, X509* issuer) const;
  // Takes note that a certification path was found good.
  void noteSigned(X509* certificate, X509* issuer) const;
  // The certificate among the evidence with the same octets, or the given one.
  X509* sameAs(X509* certificate) const;

 private:
  template <typename Ask>
  bool askOnce(const void* signedObject, X509* signer, Ask ask) const;

  Certificates certificates_;
  std::map<core::Bytes, X509*> known_;  // certificates_ by their DER
  mutable std::map<std::pair<const void*, const X509*>, bool> answers_;
  mutable std::vector<X509Handle> asked_;  // keeps the certificates of answers_
  std::vector<Ocsp> ocsps_;
  std::vector<Crl> crls_;
};

struct Path {
  Finding finding;
  std::vector<X509Handle> certificates;  // the subject first, the anchor last
};
Path findPath(X509* subject, const Evidence& evidence, X509_STORE* anchors, core::Instant at);

// The best answer for one certificate at `at`: revoked wins, then the freshest good one. Statuses: "good", "revoked",
// "stale" (good, but out of date at `at`), "none".
RevocationVerdict judgeRevocation(X509* subject, X509* issuer, const Evidence& evidence, core::Instant at);

// Whether digest and key were good at `at` for signatures; the finding says until when they were.
Finding judgeAlgorithms(int digestNid, const EVP_PKEY* key, core::Instant at);

// Whether the issuer itself made the response, or a responder whose certificate is in it and that the issuer gave the
// right to answer (RFC 6960 4.2.2.2), in force when it answered.
bool isAuthorised(const Evidence& evidence, const Evidence::Ocsp& ocsp, X509* issuer);
// Whether the response names that certificate as its responder.
bool isNamedBy(const OCSP_BASICRESP* basic, const X509* certificate);

core::Instant instantOf(const ASN1_TIME* time);

}  // namespace qianda::signing::verify
