// An OpenID provider for tests: discovery, keys, a token endpoint that checks client, code, redirect and PKCE, and an
// authorization endpoint that signs in whom the test says. Faults make it what a client must refuse.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include <Poco/URI.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>

#include "core/time.h"
#include "server/accounts/secrets.h"
#include "signing/keys/evp_key.h"
#include "tests/support/http_server.h"

namespace qianda::test {

enum class OidcFault {
  kNone,
  kWrongIssuer,
  kWrongAudience,
  kForeignParty,  // two audiences, azp another
  kExpired,
  kNotYet,
  kAlgorithmNone,
  kHmacWithPublicKey,
  kUnknownKey,
  kForeignKey,  // the right key id, another key
  kWrongNonce,
  kNoNonce,
  kNoSubject,
  kOtherAlgorithm,  // an EC signature under the RSA key's id
  kDiscoveryOfAnother,
  kNotJson,
};

inline core::Bytes numberOf(const EVP_PKEY* key, const char* name, std::size_t size = 0) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) throw std::runtime_error("no such part of a key");
  core::Bytes octets(size ? size : static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2binpad(number, octets.data(), static_cast<int>(octets.size()));
  BN_free(number);
  return octets;
}

// Tokens and keys alone, without a server.
class OidcSigner {
 public:
  std::string keys() const {
    using server::toBase64Url;
    return R"({"keys":[{"kty":"RSA","kid":"r","use":"sig","alg":"RS256","n":")" +
           toBase64Url(numberOf(rsa_.get(), OSSL_PKEY_PARAM_RSA_N)) + R"(","e":")" +
           toBase64Url(numberOf(rsa_.get(), OSSL_PKEY_PARAM_RSA_E)) +
           R"("},{"kty":"EC","kid":"e","crv":"P-256","x":")" +
           toBase64Url(numberOf(ec_.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32)) + R"(","y":")" +
           toBase64Url(numberOf(ec_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32)) +
           R"("},{"kty":"oct","kid":"o","k":"c2VjcmV0"}]})";
  }

  std::string token(const std::string& header, const std::string& claims, const std::string& algorithm,
                    OidcFault fault = OidcFault::kNone) const {
    const std::string text =
        server::toBase64Url(core::viewOf(header)) + "." + server::toBase64Url(core::viewOf(claims));
    return text + "." + server::toBase64Url(signatureOf(text, algorithm, fault));
  }

  // A token of that client as the fault has it.
  std::string token(const std::string& issuer, const std::string& client, const std::string& subject,
                    const std::string& nonce, core::Instant now, const std::string& algorithm, OidcFault fault) const {
    const auto is = [fault](OidcFault other) { return fault == other; };
    const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    const std::int64_t issued = seconds - (is(OidcFault::kExpired) ? 900 : 0) + (is(OidcFault::kNotYet) ? 300 : 0);
    const std::string kid = is(OidcFault::kUnknownKey) ? "zz" : algorithm == "ES256" ? "e" : "r";
    const std::string alg = is(OidcFault::kAlgorithmNone)       ? "none"
                            : is(OidcFault::kHmacWithPublicKey) ? "HS256"
                            : is(OidcFault::kOtherAlgorithm)    ? "ES256"
                                                                : algorithm;
    const std::string audience = is(OidcFault::kWrongAudience)  ? R"("another")"
                                 : is(OidcFault::kForeignParty) ? "[\"" + client + R"(","another"],"azp":"another")"
                                                                : "\"" + client + "\"";
    std::string claims = R"({"iss":")" + (is(OidcFault::kWrongIssuer) ? "https://evil.example" : issuer) +
                         R"(","aud":)" + audience + R"(,"exp":)" + std::to_string(issued + 300) + R"(,"iat":)" +
                         std::to_string(issued);
    if (!is(OidcFault::kNoSubject)) claims += R"(,"sub":")" + subject + "\"";
    if (!is(OidcFault::kNoNonce)) claims += R"(,"nonce":")" + (is(OidcFault::kWrongNonce) ? "another" : nonce) + "\"";
    return token(R"({"alg":")" + alg + R"(","kid":")" + kid + "\"}", claims + "}", alg, fault);
  }

 private:
  core::Bytes signatureOf(const std::string& text, const std::string& algorithm, OidcFault fault) const {
    if (algorithm == "none") return {};
    const auto* octets = reinterpret_cast<const unsigned char*>(text.data());
    if (algorithm == "HS256") {  // the attack on clients that take the header's word: the public key as HMAC secret
      const core::Bytes secret = numberOf(rsa_.get(), OSSL_PKEY_PARAM_RSA_N);
      core::Bytes mac(32);
      unsigned size = 0;
      HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), octets, text.size(), mac.data(), &size);
      return mac;
    }
    const signing::KeyHandle foreign = fault == OidcFault::kForeignKey ? signing::generateKey("rsa2048") : nullptr;
    EVP_PKEY* key = algorithm == "ES256" ? ec_.get() : foreign ? foreign.get() : rsa_.get();
    const signing::DigestHandle context(EVP_MD_CTX_new());
    std::size_t size = 0;
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key);
    EVP_DigestSign(context.get(), nullptr, &size, octets, text.size());
    core::Bytes signature(size);
    if (EVP_DigestSign(context.get(), signature.data(), &size, octets, text.size()) != 1) {
      throw std::runtime_error("no signature");
    }
    signature.resize(size);
    return algorithm == "ES256" ? rawOf(signature) : signature;
  }

  static core::Bytes rawOf(const core::Bytes& der) {
    const unsigned char* at = der.data();
    ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    core::Bytes raw(64);
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw.data(), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw.data() + 32, 32);
    ECDSA_SIG_free(signature);
    return raw;
  }

  signing::KeyHandle rsa_ = signing::generateKey("rsa2048"), ec_ = signing::generateKey("p256");
};

class OidcProvider {
 public:
  static constexpr const char* kClient = "qianda-client";
  static constexpr const char* kSecret = "client secret of a test";

  std::string issuer() const { return server_.url(""); }
  void setFault(OidcFault fault) {
    const std::lock_guard lock(mutex_);
    fault_ = fault;
  }
  void setAlgorithm(const std::string& algorithm) {
    const std::lock_guard lock(mutex_);
    algorithm_ = algorithm;
  }
  int keyFetches() const { return keyFetches_; }

  // What a browser sent to `location` comes back with after `subject` signed in: the callback's address.
  std::string signIn(const std::string& location, const std::string& subject) {
    const Poco::URI uri(location);
    std::map<std::string, std::string> query;
    for (const auto& [name, value] : uri.getQueryParameters()) query[name] = value;
    if (query["response_type"] != "code" || query["client_id"] != kClient || query["code_challenge_method"] != "S256" ||
        query["scope"].find("openid") == std::string::npos) {
      throw std::runtime_error("not a request of the authorization code flow with PKCE: " + location);
    }
    const std::string code = server::randomToken();
    const std::lock_guard lock(mutex_);
    grants_[code] = {subject, query["nonce"], query["code_challenge"], query["redirect_uri"]};
    return query["redirect_uri"] + "?code=" + code + "&state=" + query["state"];
  }

 private:
  struct Grant {
    std::string subject, nonce, challenge, redirect;
  };

  Said answer(const Heard& heard) {
    const std::lock_guard lock(mutex_);
    if (fault_ == OidcFault::kNotJson) return {200, "application/json", "<html>"};
    if (heard.path == "/.well-known/openid-configuration") {
      const std::string base = issuer();
      return {200, "application/json",
              R"({"issuer":")" + (fault_ == OidcFault::kDiscoveryOfAnother ? "https://evil.example" : base) +
                  R"(","authorization_endpoint":")" + base + R"(/authorize","token_endpoint":")" + base +
                  R"(/token","jwks_uri":")" + base + R"(/keys"})"};
    }
    if (heard.path == "/keys") {
      ++keyFetches_;
      return {200, "application/json", signer_.keys()};
    }
    return heard.path == "/token" ? tokens(heard) : Said{404, "text/plain", "no"};
  }

  Said tokens(const Heard& heard) {
    std::map<std::string, std::string> form;
    for (const auto& [name, value] : Poco::URI("http://x/?" + heard.body).getQueryParameters()) form[name] = value;
    const auto found = grants_.find(form["code"]);
    const std::string credentials =
        "Basic " + server::toBase64(core::viewOf(std::string(kClient) + ":" + encoded(kSecret)));
    if (heard.method != "POST" || heard.authorization != credentials || found == grants_.end() ||
        form["grant_type"] != "authorization_code" || form["redirect_uri"] != found->second.redirect ||
        server::toBase64Url(server::sha256(form["code_verifier"])) != found->second.challenge) {
      return {400, "application/json", R"({"error":"invalid_grant"})"};
    }
    const Grant grant = found->second;
    grants_.erase(found);
    return {200, "application/json",
            R"({"access_token":"x","token_type":"Bearer","id_token":")" +
                signer_.token(issuer(), kClient, grant.subject, grant.nonce, core::now(), algorithm_, fault_) + "\"}"};
  }

  static std::string encoded(const std::string& text) {
    std::string out;
    Poco::URI::encode(text, ":/?#[]@!$&'()*+,;=", out);
    return out;
  }

  OidcSigner signer_;
  std::mutex mutex_;
  OidcFault fault_ = OidcFault::kNone;
  std::string algorithm_ = "RS256";
  std::map<std::string, Grant> grants_;
  std::atomic<int> keyFetches_ = 0;
  HttpServer server_{[this](const Heard& heard) { return answer(heard); }};
};

}  // namespace qianda::test
