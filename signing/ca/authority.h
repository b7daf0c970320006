// A certificate authority for closed deployments, in one folder: a root, an issuing CA below it, an index of what was
// issued and revoked, CRLs (RFC 5280 5) and OCSP answers (RFC 6960) by a responder of its own. The keys lie in
// private/, mode 0600, encrypted under one passphrase; private/root.p12 may be taken away after the start and brought
// back for a CRL of the root. A certificate is in the index, durably, before it is handed out. Certificates name where
// their state is to be asked only when the file `address` holds a URL; else who verifies asks this folder
// (ca/local_revocation.h). Thread-safe; several processes may share a folder.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/time.h"
#include "signing/ca/certificate_index.h"
#include "signing/ca/certificate_issuer.h"
#include "signing/ca/ocsp_responder.h"
#include "signing/ca/profiles.h"
#include "signing/keys/pkcs12.h"

namespace qianda::signing {

struct AuthorityPlan {
  std::string organisation;
  std::string kind = "p256";  // "p256", "rsa2048", "rsa3072", "sm2": of both CAs
  std::chrono::seconds rootLifetime = std::chrono::days(7300), issuingLifetime = std::chrono::days(3650);
  std::string address;           // http URL under which server/authority_server.h is reached; may be empty
  bool keepsPassphrase = false;  // in the file `passphrase`, mode 0600
};

class Authority : public CertificateIssuer {
 public:
  using Clock = std::function<core::Instant()>;

  // Makes the folder whole or not at all. Throws kConflict when there is one that is not empty.
  static void create(const std::filesystem::path& folder, const AuthorityPlan& plan, std::string_view passphrase,
                     const Clock& clock = core::now);
  // Throws kNotFound when there is no authority, kInvalidInput for a wrong passphrase or address, kCorrupt for a
  // damaged index.
  Authority(std::filesystem::path folder, std::string_view passphrase, Clock clock = core::now);

  IssuedCertificate issue(core::BytesView request, const CertificateOrder& order) override;
  // Throws kNotFound (never issued here) or kConflict (revoked before). CRLs made from now on name it.
  void revoke(const std::string& serial, RevocationReason reason);

  // The issuing CA's next CRL, DER: numbered, durable in issuing.crl.
  core::Bytes makeCrl(std::chrono::seconds validity = std::chrono::days(7));
  // The CRL in force; a new one, as long-lived as the last, when that is past half its life or older than a revocation.
  core::Bytes currentCrl();
  // The root's, from root.crl; made anew past half its life while the root's key is there. Throws kConflict when it is
  // over and the key is not there.
  core::Bytes rootCrl();
  core::Bytes answerOcsp(core::BytesView request);

  CertificateStatus statusOf(const std::string& serial);
  // A timestamp authority's key, RSA or P-256, drawn at the first call and renewed a month before it ends.
  Pkcs12 timestampKey();
  std::vector<IndexEntry> list() { return index_.list(); }
  std::vector<std::string> notices() { return index_.notices(); }
  const core::Bytes& issuingCertificate() const { return issuingDer_; }
  const core::Bytes& rootCertificate() const { return rootDer_; }

 private:
  IssuedCertificate certify(EVP_PKEY* key, const CertificateSubject& subject, const CertificateOrder& order);
  std::shared_ptr<const OcspResponder> responder();
  bool lasts(X509* certificate);  // for a month, or as long as the issuing CA
  Pkcs12 serviceKey(std::string_view profile, const std::string& suffix, std::string_view kind);

  const std::filesystem::path folder_;
  const std::string passphrase_;
  const Clock clock_;
  const std::string address_;
  Pkcs12 issuing_;
  core::Bytes issuingDer_, rootDer_;
  CertificateIndex index_;
  std::mutex mutex_;  // responder_
  std::shared_ptr<const OcspResponder> responder_;
};

}  // namespace qianda::signing
