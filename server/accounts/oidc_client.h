// Talks to OpenID providers: discovery (OpenID Connect Discovery 1.0), their keys, and the exchange of a code for an ID
// token with PKCE (RFC 7636, S256). Discovery and keys are kept for ten minutes; an unknown key id has the keys fetched
// anew, at most once a minute. Issuers are https and have public addresses, but for the hosts the operator names.
// Thread-safe.
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
  // `privateHosts`: "host" or "host:port" that may have private addresses and speak plain HTTP.
  explicit OidcClient(std::vector<std::string> privateHosts);

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
  bool isPrivateHost(const std::string& url) const;
  bool isAllowed(const std::string& url) const;

  std::vector<std::string> privateHosts_;
  HttpClient public_, private_;
  std::mutex mutex_;
  std::map<std::string, Provider> providers_;
};

}  // namespace qianda::server
