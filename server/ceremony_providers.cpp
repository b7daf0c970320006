#include "server/ceremony_providers.h"

#include <algorithm>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/base64.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/id.h"
#include "core/time.h"
#include "server/http/json.h"
#include "server/http/problem.h"
#include "server/outbound/address_policy.h"

namespace qianda::server {
namespace {

using contracts::ProviderAnswer;
using core::Error;
using core::ErrorCode;

constexpr std::size_t kLongestText = 500;

// Exactly the three members, each of its kind.
bool readAnswer(const std::string& body, ProviderAnswer& answer) {
  Json json;
  try {
    json = parseJson(body);
  } catch (const Problem&) {
    return false;
  }
  const Json *id = json.find("request_id"), *passed = json.find("passed"), *result = json.find("result");
  if (json.kind() != Json::Kind::kObject || json.members().size() != 3 || !id || !passed || !result) return false;
  if (id->kind() != Json::Kind::kText || passed->kind() != Json::Kind::kBoolean ||
      result->kind() != Json::Kind::kText || id->text().empty() || id->text().size() > kLongestText ||
      result->text().size() > kLongestText) {
    return false;
  }
  answer.passed = passed->boolean();
  answer.requestId = id->text();
  answer.result = result->text();
  return true;
}

}  // namespace

std::string providerSignature(const std::string& secret, const std::string& keyId, const std::string& time,
                              const std::string& nonce, const std::string& path, const std::string& body) {
  const std::string text = keyId + "\n" + time + "\n" + nonce + "\n" + path + "\n" + core::sha256Hex(body);
  std::uint8_t mac[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (!HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
            reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &length)) {
    throw Error(ErrorCode::kSystem, "OpenSSL gives no HMAC");
  }
  return core::toHex({mac, length});
}

ProviderChannel::ProviderChannel(ProviderAddress address, OutboundPolicy policy)
    : address_(std::move(address)), client_(std::move(policy)) {
  if (address_.secret.size() < 16) {
    throw Error(ErrorCode::kUsage, "the key of provider " + address_.name + " has fewer than 16 characters");
  }
  parseTarget(address_.url);
}

ProviderAnswer ProviderChannel::ask(const std::string& method, const std::string& body) const {
  const std::string time = std::to_string(core::now().time_since_epoch().count());
  const std::string nonce = core::DocumentId::random().text();
  HttpRequest request;
  request.method = "POST";
  request.url = address_.url;
  request.headers = {{"Content-Type", "application/json"},
                     {"Accept", "application/json"},
                     {"X-Qianda-Key", address_.keyId},
                     {"X-Qianda-Time", time},
                     {"X-Qianda-Nonce", nonce},
                     {"X-Qianda-Signature", providerSignature(address_.secret, address_.keyId, time, nonce,
                                                              parseTarget(address_.url).path, body)}};
  request.body.assign(body.begin(), body.end());
  const HttpAnswer answer = client_.send(request);
  ProviderAnswer read;
  if (answer.status != 200 || !readAnswer(std::string(core::textOf(answer.body)), read)) {
    throw Error(
        ErrorCode::kUnavailable,
        "provider " + address_.name + " gives no answer that can be used: status " + std::to_string(answer.status),
        "the provider of the verification does not answer");
  }
  read.provider = address_.name;
  read.method = method;
  return read;
}

ProviderAnswer HttpSms::send(const std::string& phone, const std::string& code, const std::string& purpose) {
  return channel_.ask("sms_code", Json::object({{"phone", phone}, {"code", code}, {"purpose", purpose}}).dump());
}

ProviderAnswer HttpIdentity::check(const contracts::PersonClaim& claim) {
  return channel_.ask(
      "three_factors",
      Json::object({{"name", claim.name}, {"id_number", claim.idNumber}, {"phone", claim.phone}}).dump());
}

ProviderAnswer HttpFace::compare(const contracts::PersonClaim& claim, core::BytesView image) {
  return channel_.ask(
      "face",
      Json::object({{"name", claim.name}, {"id_number", claim.idNumber}, {"image", core::toBase64(image)}}).dump());
}

contracts::NoticeReceipt HttpNotices::send(const contracts::Notice& notice) {
  const ProviderAnswer answer = channel_.ask("notice", Json::object({{"kind", notice.kind},
                                                                     {"envelope", notice.envelope},
                                                                     {"title", notice.title},
                                                                     {"recipient", notice.recipient},
                                                                     {"phone", notice.phone},
                                                                     {"organisation", notice.organisation},
                                                                     {"link", notice.link},
                                                                     {"reason", notice.reason}})
                                                           .dump());
  if (!answer.passed) {
    throw Error(ErrorCode::kUnavailable, "provider " + channel_.name() + " did not take the notice: " + answer.result);
  }
  return {channel_.name(), answer.requestId};
}

}  // namespace qianda::server
