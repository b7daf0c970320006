#include "server/accounts/id_token.h"

#include <cstring>

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include "core/error.h"
#include "server/accounts/secrets.h"

namespace qianda::server {
namespace {

using core::Bytes;
using core::Error;
using core::ErrorCode;
using Poco::JSON::Object;

constexpr auto kSkew = std::chrono::seconds(60);
constexpr std::size_t kLargestToken = 16 * 1024;

using NumberHandle = core::Handle<BIGNUM, &BN_free>;
using BuilderHandle = core::Handle<OSSL_PARAM_BLD, &OSSL_PARAM_BLD_free>;
using ParamsHandle = core::Handle<OSSL_PARAM, &OSSL_PARAM_free>;
using EcdsaHandle = core::Handle<ECDSA_SIG, &ECDSA_SIG_free>;

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(ErrorCode::kInvalidInput, "ID token: " + reason, "the identity provider's answer cannot be accepted");
}

Object::Ptr parseObject(const std::string& json, const char* what) {
  try {
    Poco::JSON::Parser parser;
    return parser.parse(json).extract<Object::Ptr>();
  } catch (const Poco::Exception&) {
    refuse(std::string(what) + " is not a JSON object");
  }
}

std::string textAt(const Object& object, const std::string& name) {
  const Poco::Dynamic::Var value = object.get(name);
  return value.isString() ? value.extract<std::string>() : std::string();
}

std::optional<Bytes> octetsAt(const Object& object, const std::string& name) {
  const std::string text = textAt(object, name);
  return text.empty() ? std::nullopt : fromBase64Url(text);
}

std::shared_ptr<EVP_PKEY> makeKey(const char* kind, OSSL_PARAM* params) {
  const signing::KeyContextHandle context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || !params || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
    signing::takeOpensslErrors();
    return nullptr;
  }
  return {key, &EVP_PKEY_free};
}

std::shared_ptr<EVP_PKEY> rsaKey(const Object& object) {
  const auto modulus = octetsAt(object, "n"), exponent = octetsAt(object, "e");
  if (!modulus || !exponent) return nullptr;
  const NumberHandle n(BN_bin2bn(modulus->data(), static_cast<int>(modulus->size()), nullptr));
  const NumberHandle e(BN_bin2bn(exponent->data(), static_cast<int>(exponent->size()), nullptr));
  if (!n || !e || BN_num_bits(n.get()) < 2048 || BN_num_bits(n.get()) > 8192) return nullptr;
  const BuilderHandle builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  const ParamsHandle params(OSSL_PARAM_BLD_to_param(builder.get()));
  return makeKey("RSA", params.get());
}

std::shared_ptr<EVP_PKEY> ecKey(const Object& object) {
  const auto x = octetsAt(object, "x"), y = octetsAt(object, "y");
  if (textAt(object, "crv") != "P-256" || !x || !y || x->size() != 32 || y->size() != 32) return nullptr;
  Bytes point{4};
  point.insert(point.end(), x->begin(), x->end());
  point.insert(point.end(), y->begin(), y->end());
  const BuilderHandle builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  const ParamsHandle params(OSSL_PARAM_BLD_to_param(builder.get()));
  return makeKey("EC", params.get());
}

struct TokenParts {
  std::string signedText;  // header.claims
  Object::Ptr header;
  std::string claims;
  Bytes signature;
};

TokenParts split(const std::string& token) {
  if (token.size() > kLargestToken) refuse("too large");
  const std::size_t first = token.find('.'), second = token.find('.', first == std::string::npos ? first : first + 1);
  if (second == std::string::npos || token.find('.', second + 1) != std::string::npos) refuse("not three parts");
  const auto header = fromBase64Url(token.substr(0, first));
  const auto claims = fromBase64Url(token.substr(first + 1, second - first - 1));
  const auto signature = fromBase64Url(token.substr(second + 1));
  if (!header || !claims || !signature) refuse("not base64url");
  return {token.substr(0, second), parseObject(std::string(core::textOf(*header)), "the header"),
          std::string(core::textOf(*claims)), *signature};
}

// RFC 7518 3.4: R and S of 32 octets each, where OpenSSL wants DER.
Bytes derOfEcdsa(const Bytes& raw) {
  if (raw.size() != 64) refuse("an ES256 signature has 64 octets");
  const EcdsaHandle signature(ECDSA_SIG_new());
  if (!signature || ECDSA_SIG_set0(signature.get(), BN_bin2bn(raw.data(), 32, nullptr),
                                   BN_bin2bn(raw.data() + 32, 32, nullptr)) != 1) {
    signing::throwOpenssl(ErrorCode::kSystem, "cannot take an ECDSA signature apart");
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  const core::Handle<unsigned char, [](unsigned char* octets) { OPENSSL_free(octets); }> owner(der);
  if (size <= 0) signing::throwOpenssl(ErrorCode::kSystem, "cannot write an ECDSA signature");
  return {der, der + size};
}

void checkSignature(const TokenParts& parts, const JsonWebKeys& keys) {
  const auto found = keys.find(textAt(*parts.header, "kid"));
  if (found == keys.end()) refuse("no such key: " + textAt(*parts.header, "kid"));
  const JsonWebKey& key = found->second;
  if (textAt(*parts.header, "alg") != key.algorithm) refuse("the algorithm is not the key's");
  if (parts.header->has("crit")) refuse("critical extensions are not known");
  const Bytes signature = key.algorithm == "ES256" ? derOfEcdsa(parts.signature) : parts.signature;
  const signing::DigestHandle context(EVP_MD_CTX_new());
  const bool isRight =
      context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.key.get()) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                       reinterpret_cast<const unsigned char*>(parts.signedText.data()), parts.signedText.size()) == 1;
  signing::takeOpensslErrors();
  if (!isRight) refuse("the signature is wrong");
}

// The audience names us; where it names others too, the authorized party must be us.
void checkAudience(const Object& claims, const std::string& client) {
  bool isOurs = textAt(claims, "aud") == client, hasOthers = false;
  if (const auto list = claims.getArray("aud")) {
    for (unsigned i = 0; i < list->size(); ++i) {
      const Poco::Dynamic::Var member = list->get(i);
      (member.isString() && member.extract<std::string>() == client ? isOurs : hasOthers) = true;
    }
  }
  if (!isOurs) refuse("aud is another client");
  if ((hasOthers || claims.has("azp")) && textAt(claims, "azp") != client) refuse("azp is another client");
}

core::Instant timeAt(const Object& claims, const char* name) {
  const Poco::Dynamic::Var value = claims.get(name);
  std::int64_t seconds = 0;
  try {
    if (!value.isNumeric()) refuse(std::string(name) + " is missing or not a number");
    seconds = static_cast<std::int64_t>(value.convert<double>());
  } catch (const Poco::Exception&) {
    refuse(std::string(name) + " is not a time");
  }
  if (seconds < 0 || seconds > 253'402'300'799) refuse(std::string(name) + " is not a time");
  return core::Instant(std::chrono::seconds(seconds));
}

}  // namespace

JsonWebKeys parseJsonWebKeys(const std::string& json) {
  const Object::Ptr set = parseObject(json, "the key set");
  const auto list = set->getArray("keys");
  if (!list) refuse("the key set has no keys");
  JsonWebKeys keys;
  for (unsigned i = 0; i < list->size(); ++i) {
    const Object::Ptr object = list->getObject(i);
    if (!object || (object->has("use") && textAt(*object, "use") != "sig")) continue;
    const std::string kind = textAt(*object, "kty");
    JsonWebKey key;
    if (kind == "RSA") key = {"RS256", rsaKey(*object)};
    if (kind == "EC") key = {"ES256", ecKey(*object)};
    if (!key.key || (object->has("alg") && textAt(*object, "alg") != key.algorithm)) continue;
    keys.emplace(textAt(*object, "kid"), key);
  }
  return keys;
}

std::string keyIdOf(const std::string& token) { return textAt(*split(token).header, "kid"); }

IdToken checkIdToken(const std::string& token, const JsonWebKeys& keys, const IdTokenExpectation& expected) {
  const TokenParts parts = split(token);
  checkSignature(parts, keys);
  const Object::Ptr claims = parseObject(parts.claims, "the body");
  if (textAt(*claims, "iss") != expected.issuer) refuse("iss is another issuer");
  checkAudience(*claims, expected.client);
  if (timeAt(*claims, "exp") + kSkew <= expected.now) refuse("exp has passed");
  if (timeAt(*claims, "iat") > expected.now + kSkew) refuse("iat lies ahead");
  if (claims->has("nbf") && timeAt(*claims, "nbf") > expected.now + kSkew) refuse("nbf lies ahead");
  if (!isSameSecret(textAt(*claims, "nonce"), expected.nonce)) refuse("nonce is not that of this login");
  IdToken result{expected.issuer, textAt(*claims, "sub")};
  if (result.subject.empty() || result.subject.size() > 255) refuse("sub is missing or too long");
  return result;
}

}  // namespace qianda::server
