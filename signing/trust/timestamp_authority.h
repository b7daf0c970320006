// A timestamp authority in this process (RFC 3161, profile of ETSI EN 319 422): answers queries for SHA-256, SHA-384,
// SHA-512 and SM3 imprints. Tokens carry a random serial number of 128 bits, genTime in milliseconds, an accuracy of
// one second and the ESS certificate identifier with SHA-256 (RFC 5816). Its time is this machine's clock: keep that
// one disciplined. Immutable after construction; any number of threads may ask at once.
#pragma once

#include <memory>
#include <string>

#include "signing/keys/pkcs12.h"
#include "signing/trust/timestamp_source.h"

namespace qianda::signing {

// Best practices policy for time-stamps, ETSI EN 319 421 5.2.
inline constexpr const char* kBestPracticeTimestampPolicy = "0.4.0.2023.1.1";

class LocalTimestampAuthority : public TimestampSource {
 public:
  // An RSA, P-256 or P-384 key whose certificate has the critical extended key usage timeStamping alone. Throws
  // kInvalidInput for any other certificate or a policy that is no identifier, kUnsupported for another kind of key.
  explicit LocalTimestampAuthority(Pkcs12 identity, const std::string& policy = kBestPracticeTimestampPolicy);
  ~LocalTimestampAuthority() override;

  // TimeStampResp (DER) to any octets: those that are no acceptable query get a rejection with badDataFormat, badAlg,
  // badRequest, unacceptedPolicy or unacceptedExtension. Throws kSystem only.
  core::Bytes answer(core::BytesView query) const;

  std::string name() const override { return "local"; }
  // A query to answer(); the token is this authority's own and its signature is not verified again.
  core::Bytes stamp(DigestAlgorithm algorithm, core::BytesView digest) const override;
  std::size_t maxTokenSize() const override { return maxTokenSize_; }

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
  std::size_t maxTokenSize_ = 0;
};

}  // namespace qianda::signing
