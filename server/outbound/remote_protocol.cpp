#include "server/outbound/remote_protocol.h"

#include <algorithm>
#include <sstream>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <openssl/evp.h>

#include "core/text.h"

namespace qianda::server {
namespace {

using core::Bytes;
using core::BytesView;
using core::Error;
using core::ErrorCode;
using Poco::JSON::Array;
using Poco::JSON::Object;
using signing::DigestAlgorithm;
using signing::KeyKind;

constexpr RemoteAlgorithm kAlgorithms[] = {
    {KeyKind::kRsa, DigestAlgorithm::kSha256, "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1", "2.16.840.1.101.3.4.2.1",
     32},
    {KeyKind::kEcdsa, DigestAlgorithm::kSha256, "1.2.840.10045.4.3.2", "1.2.840.10045.2.1", "2.16.840.1.101.3.4.2.1",
     32},
    {KeyKind::kEcdsa, DigestAlgorithm::kSha384, "1.2.840.10045.4.3.3", "1.2.840.10045.2.1", "2.16.840.1.101.3.4.2.2",
     48},
    {KeyKind::kSm2, DigestAlgorithm::kSm3, "1.2.156.10197.1.501", "1.2.156.10197.1.301", "1.2.156.10197.1.401", 32},
};

[[noreturn]] void refuse(const std::string& reason) { throw Error(ErrorCode::kInvalidInput, reason); }

std::string encode64(BytesView octets) {
  std::string text((octets.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), octets.data(), static_cast<int>(octets.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

Bytes decode64(const std::string& text, const std::string& member) {
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  const bool isClean = !text.empty() && text.size() % 4 == 0 &&
                       std::all_of(text.begin(), text.end() - padding,
                                   [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '/'; });
  if (!isClean) refuse("\"" + member + "\" is not base64");
  Bytes octets(text.size() / 4 * 3);
  EVP_DecodeBlock(octets.data(), reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  octets.resize(octets.size() - padding);
  return octets;
}

Object::Ptr parse(BytesView body) {
  try {
    return Poco::JSON::Parser().parse(std::string(core::textOf(body))).extract<Object::Ptr>();
  } catch (const Poco::Exception&) {
    refuse("not a JSON object");
  }
}

Bytes toBytes(const Object& object) {
  std::ostringstream text;
  object.stringify(text);
  const std::string octets = text.str();
  return {octets.begin(), octets.end()};
}

std::string text(const Object& object, const std::string& member) {
  const Poco::Dynamic::Var value = object.get(member);
  if (!value.isString() || value.extract<std::string>().empty()) refuse("\"" + member + "\" is not a text");
  return value.extract<std::string>();
}

std::vector<std::string> texts(const Object& object, const std::string& member) {
  const Array::Ptr array = object.getArray(member);
  if (!array || array->empty()) refuse("\"" + member + "\" is not a list");
  std::vector<std::string> values;
  for (const Poco::Dynamic::Var& value : *array) {
    if (!value.isString()) refuse("\"" + member + "\" holds something other than texts");
    values.push_back(value.extract<std::string>());
  }
  return values;
}

std::vector<Bytes> octetLists(const Object& object, const std::string& member) {
  std::vector<Bytes> lists;
  for (const std::string& value : texts(object, member)) lists.push_back(decode64(value, member));
  return lists;
}

Array::Ptr listOf(const std::vector<Bytes>& octets) {
  Array::Ptr array = new Array;
  for (const Bytes& one : octets) array->add(encode64(one));
  return array;
}

std::size_t number(const Object& object, const std::string& member, std::size_t otherwise) {
  const Poco::Dynamic::Var value = object.get(member);
  if (value.isEmpty()) return otherwise;
  if (!value.isInteger() || value < 1 || value > 1'000'000) refuse("\"" + member + "\" is not a sensible number");
  return value.convert<std::size_t>();
}

Object::Ptr member(const Object& object, const std::string& name) {
  const Object::Ptr found = object.getObject(name);
  if (!found) refuse("\"" + name + "\" is missing");
  return found;
}

}  // namespace

const RemoteAlgorithm& remoteAlgorithm(KeyKind kind, DigestAlgorithm digest) {
  const auto found = std::find_if(std::begin(kAlgorithms), std::end(kAlgorithms),
                                  [&](const RemoteAlgorithm& a) { return a.kind == kind && a.digest == digest; });
  if (found == std::end(kAlgorithms)) throw Error(ErrorCode::kUnsupported, "such a key at a remote signer");
  return *found;
}

Bytes writeRemote(const RemoteInfoQuestion& question) {
  Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("credentialID", question.credential);
  object.set("certificates", "chain");
  return toBytes(object);
}

RemoteInfoQuestion readRemoteInfoQuestion(BytesView body) { return {text(*parse(body), "credentialID")}; }

Bytes writeRemote(const RemoteInfo& info) {
  Object::Ptr key = new Object(Poco::JSON_PRESERVE_KEY_ORDER), certificate = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
  Array::Ptr algorithms = new Array;
  for (const std::string& algorithm : info.algorithms) algorithms->add(algorithm);
  key->set("status", info.isUsable ? "enabled" : "disabled");
  key->set("algo", algorithms);
  key->set("len", info.bits);
  certificate->set("certificates", listOf(info.certificates));
  Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("key", key);
  object.set("cert", certificate);
  object.set("multisign", info.mostHashes);
  return toBytes(object);
}

RemoteInfo readRemoteInfo(BytesView body) {
  const Object::Ptr object = parse(body), key = member(*object, "key"), certificate = member(*object, "cert");
  RemoteInfo info;
  info.algorithms = texts(*key, "algo");
  info.bits = number(*key, "len", 0);
  info.certificates = octetLists(*certificate, "certificates");
  info.mostHashes = number(*object, "multisign", 1);
  info.isUsable =
      text(*key, "status") == "enabled" && (!certificate->has("status") || text(*certificate, "status") == "valid");
  return info;
}

Bytes writeRemote(const RemoteSignQuestion& question) {
  Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("credentialID", question.credential);
  object.set("hashes", listOf(question.hashes));
  object.set("hashAlgorithmOID", question.hashAlgo);
  object.set("signAlgo", question.signAlgo);
  return toBytes(object);
}

RemoteSignQuestion readRemoteSignQuestion(BytesView body) {
  const Object::Ptr object = parse(body);
  RemoteSignQuestion question;
  question.credential = text(*object, "credentialID");
  question.hashes = octetLists(*object, "hashes");
  question.signAlgo = text(*object, "signAlgo");
  if (object->has("hashAlgorithmOID")) question.hashAlgo = text(*object, "hashAlgorithmOID");
  return question;
}

Bytes writeRemoteSignatures(const std::vector<Bytes>& signatures) {
  Object object;
  object.set("signatures", listOf(signatures));
  return toBytes(object);
}

std::vector<Bytes> readRemoteSignatures(BytesView body) { return octetLists(*parse(body), "signatures"); }

Bytes writeRemoteError(std::string_view error, std::string_view description) {
  Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("error", std::string(error));
  object.set("error_description", std::string(description));
  return toBytes(object);
}

std::string readRemoteError(BytesView body) {
  std::string reason;
  try {
    const Object::Ptr object = parse(body);
    reason = text(*object, "error");
    if (object->has("error_description")) reason += " (" + text(*object, "error_description") + ")";
  } catch (const Error&) {
  }
  std::u32string shown = core::decodeUtf8(reason).value_or(U"");
  std::erase_if(shown, [](char32_t c) { return c < U' ' || (c >= 0x7F && c < 0xA0); });
  return core::encodeUtf8(shown.substr(0, 300));
}

}  // namespace qianda::server
