// Talks to OpenID providers: discovery (OpenID Connect Discovery 1.0), their keys, and the exchange of a code for an ID
// token with PKCE (RFC 7636, S256). Discovery and keys are kept for ten minutes; an unknown key id has the keys fetched
// anew, at most once a minute. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "core/time.h"
#include "server/accounts/id_token.h"
#include "server/outbound/http_client.h"

namespace qianda::server {

struct OidcExchange {
  std::string issuer, client, secret;
  std::string code, verifier, redirect, nonce;
  core::Instant now;
};

class OidcClient {
 public:
  // `plainHttp`: issuers without TLS, for development alone.
  OidcClient(OutboundPolicy policy, bool plainHttp) : http_(std::move(policy)), plainHttp_(plainHttp) {}

  // Whether it may be an issuer here: an https address without query and fragment.
  bool isIssuer(const std::string& issuer) const;
  // Throws kUnavailable when it cannot be asked, kInvalidInput when it says what no provider may say.
  std::string authorizationEndpoint(const std::string& issuer, core::Instant now);
  IdToken exchange(const OidcExchange& exchange);

 private:
  struct Provider {
    std::string authorization, token, keysAddress;
    JsonWebKeys keys;
    core::Instant discovered, keysFetched;
  };
  Provider provider(const std::string& issuer, core::Instant now);
  JsonWebKeys keysWith(const std::string& issuer, const std::string& keyId, core::Instant now);
  std::string fetch(const HttpRequest& request) const;
  void checkEndpoint(const std::string& url, const char* name) const;

  HttpClient http_;
  bool plainHttp_;
  std::mutex mutex_;
  std::map<std::string, Provider> providers_;
};

}  // namespace qianda::server
