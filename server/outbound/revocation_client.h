// Revocation answers over HTTP from where the certificates themselves say (signing/trust/revocation_addresses.h): OCSP
// by POST (RFC 6960 A.1) without a nonce, since answers made beforehand are as good, and CRLs by GET. Addresses are
// asked in turn until one answers; where each may lead is the client's policy. Answers are not judged here. Answers and
// failures are kept for a few minutes, so that a thousand files of one signer cost one question. Thread-safe.
#pragma once

#include <map>
#include <mutex>

#include "server/outbound/http_client.h"
#include "signing/trust/revocation_source.h"

namespace qianda::server {

// For OutboundPolicy::largestAnswer.
inline constexpr std::size_t kLargestList = std::size_t{32} << 20;

class HttpRevocationSource : public signing::RevocationSource {
 public:
  // `client` is shared with others and outlives this.
  explicit HttpRevocationSource(const HttpClient& client, std::chrono::seconds keeping = std::chrono::minutes(5));

  // Throw kUnavailable with what each address said.
  std::optional<core::Bytes> findOcsp(core::BytesView certificate, core::BytesView issuer) const override;
  std::optional<core::Bytes> findCrl(core::BytesView certificate, core::BytesView issuer) const override;

 private:
  struct Kept {
    std::chrono::steady_clock::time_point until;
    core::Bytes answer;
    std::string failure;  // else
  };
  core::Bytes ask(const HttpRequest& request) const;
  core::Bytes askOnce(const HttpRequest& request) const;

  const HttpClient& client_;
  const std::chrono::seconds keeping_;
  mutable std::mutex mutex_;
  mutable std::map<std::pair<std::string, core::Bytes>, Kept> kept_;  // by URL and request
  mutable std::size_t octets_ = 0;
};

}  // namespace qianda::server
