// Who turns a certificate request into a certificate: the authority in this house (ca/authority.h), or one outside
// behind a command (ca/command_issuer.h). The private key stays with the asker, who proves to have it by signing the
// request.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "signing/keys/pkcs12.h"

namespace qianda::signing {

struct CertificateSubject {
  std::string commonName;    // CN
  std::string organisation;  // O, may be empty: a person
  std::string country = "CN";
};

struct CertificateOrder {
  std::string profile;                           // a name of ca/profiles.h
  CertificateSubject subject;                    // an empty commonName: the names of the request
  std::optional<std::chrono::seconds> lifetime;  // without: the profile's usual one
  std::string event;                             // the signing ceremony a short-lived certificate belongs to
};

struct IssuedCertificate {
  core::Bytes certificate;         // DER
  std::vector<core::Bytes> chain;  // DER, issuer first
};

class CertificateIssuer {
 public:
  virtual ~CertificateIssuer() = default;
  // `request`: PKCS#10 (RFC 2986), DER. Throws kInvalidInput for a request that is broken, does not verify with its own
  // key or breaks the profile; kUnavailable when an outside authority does not answer. Thread-safe.
  virtual IssuedCertificate issue(core::BytesView request, const CertificateOrder& order) = 0;
};

// Draws a key of that kind (keys/evp_key.h generateKey) and asks for its certificate.
Pkcs12 issueKey(CertificateIssuer& issuer, std::string_view kind, const CertificateOrder& order);
// The same, and writes both with the path into a PKCS#12 file. Throws kConflict when the file is there already,
// kNotFound when its folder is not; both before the key is drawn.
IssuedCertificate issueWithKey(CertificateIssuer& issuer, std::string_view kind, const CertificateOrder& order,
                               const std::string& file, std::string_view filePassphrase);

}  // namespace qianda::signing
