// The ceremony's providers over HTTPS: SMS codes, identity against the registers, faces, notices. Each is a POST of one
// JSON object to a configured address, signed so that the provider knows us and nobody replays it:
//   X-Qianda-Key: key id, X-Qianda-Time: milliseconds since 1970, X-Qianda-Nonce: 26 characters, X-Qianda-Signature:
//   hex HMAC-SHA256 under the key over "key id\ntime\nnonce\npath\nhex SHA-256 of the body".
// The answer is 200 with exactly {"request_id": text, "passed": boolean, "result": text}; anything else counts as no
// answer (kUnavailable), never as a yes. A provider with another interface gets a small gateway that speaks this one
// (docs/ceremony.md). Thread-safe.
#pragma once

#include <memory>
#include <string>

#include "contracts/ceremony/providers.h"
#include "contracts/envelope/notices.h"
#include "server/outbound/http_client.h"

namespace qianda::server {

struct ProviderAddress {
  std::string url;
  std::string name;  // in the evidence: who verified
  std::string keyId;
  std::string secret;  // of the HMAC
};

// One signed question and its checked answer.
class ProviderChannel {
 public:
  ProviderChannel(ProviderAddress address, OutboundPolicy policy);
  contracts::ProviderAnswer ask(const std::string& method, const std::string& body) const;
  const std::string& name() const { return address_.name; }

 private:
  const ProviderAddress address_;
  const HttpClient client_;
};
// The text that is signed, and its signature; for gateways and tests.
std::string providerSignature(const std::string& secret, const std::string& keyId, const std::string& time,
                              const std::string& nonce, const std::string& path, const std::string& body);

class HttpSms : public contracts::SmsCodeProvider {
 public:
  HttpSms(ProviderAddress address, OutboundPolicy policy) : channel_(std::move(address), std::move(policy)) {}
  contracts::ProviderAnswer send(const std::string& phone, const std::string& code,
                                 const std::string& purpose) override;

 private:
  const ProviderChannel channel_;
};

class HttpIdentity : public contracts::IdentityProvider {
 public:
  HttpIdentity(ProviderAddress address, OutboundPolicy policy) : channel_(std::move(address), std::move(policy)) {}
  contracts::ProviderAnswer check(const contracts::PersonClaim& claim) override;

 private:
  const ProviderChannel channel_;
};

class HttpFace : public contracts::FaceProvider {
 public:
  HttpFace(ProviderAddress address, OutboundPolicy policy) : channel_(std::move(address), std::move(policy)) {}
  contracts::ProviderAnswer compare(const contracts::PersonClaim& claim, core::BytesView image) override;

 private:
  const ProviderChannel channel_;
};

class HttpNotices : public contracts::NoticeChannel {
 public:
  HttpNotices(ProviderAddress address, OutboundPolicy policy) : channel_(std::move(address), std::move(policy)) {}
  contracts::NoticeReceipt send(const contracts::Notice& notice) override;

 private:
  const ProviderChannel channel_;
};

}  // namespace qianda::server
