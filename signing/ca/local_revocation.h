// Revocation answers without a network, from what lies in this house: an authority's folder (ca/authority.h), or a
// development PKI (certs/make_development_pki.sh), whose CRLs are read once and whose OCSP answers are made on the spot
// by its responders, with the state its CRL gives. Answers hold for seven days. An issuer is known by name and key;
// for any other there is no answer.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "core/time.h"
#include "signing/ca/authority.h"
#include "signing/trust/revocation_source.h"

namespace qianda::signing {

class LocalRevocation : public RevocationSource {
 public:
  explicit LocalRevocation(std::shared_ptr<Authority> authority);
  // Throws kCorrupt when a CRL there is not its CA's; a PKI without an SM2 branch is answered for without one.
  explicit LocalRevocation(const std::filesystem::path& developmentPki, const Authority::Clock& clock = core::now);

  std::optional<core::Bytes> findOcsp(core::BytesView certificate, core::BytesView issuer) const override;
  std::optional<core::Bytes> findCrl(core::BytesView certificate, core::BytesView issuer) const override;

 private:
  struct Source {
    X509Handle issuer;
    std::function<core::Bytes()> crl;
    std::function<core::Bytes(core::BytesView request)> ocsp;  // empty: no responder
  };
  const Source* sourceFor(core::BytesView certificate, core::BytesView issuer) const;

  std::vector<Source> sources_;
};

}  // namespace qianda::signing
