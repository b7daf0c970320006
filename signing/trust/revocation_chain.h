// Several places to ask for revocation data, in order: the first answer counts. One that does not answer is passed
// over; an OCSP responder that fails gives way to a CRL, and the other way round. Sources are added before the first
// question; then any thread may ask.
#pragma once

#include <memory>
#include <vector>

#include "signing/trust/revocation_source.h"

namespace qianda::signing {

class RevocationChain : public RevocationSource {
 public:
  void add(std::unique_ptr<RevocationSource> source) { sources_.push_back(std::move(source)); }
  bool isEmpty() const { return sources_.empty(); }

  std::optional<core::Bytes> findOcsp(core::BytesView certificate, core::BytesView issuer) const override;
  std::optional<core::Bytes> findCrl(core::BytesView certificate, core::BytesView issuer) const override;

 private:
  using Find = std::optional<core::Bytes> (RevocationSource::*)(core::BytesView, core::BytesView) const;
  std::optional<core::Bytes> first(Find ask, core::BytesView certificate, core::BytesView issuer) const;
  std::optional<core::Bytes> find(Find wanted, Find other, core::BytesView certificate, core::BytesView issuer) const;

  std::vector<std::unique_ptr<RevocationSource>> sources_;
};

}  // namespace qianda::signing
