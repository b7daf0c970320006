#include "signing/keys/pkcs12.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include "core/file.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/signing_key.h"
#include "signing/keys/x509.h"

namespace qianda::signing {
namespace {

using core::Error;
using core::ErrorCode;
using Pkcs12Handle = core::Handle<PKCS12, &PKCS12_free>;

constexpr std::size_t kMaxFile = std::size_t{1} << 20;

void freeStack(STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }
using StackHandle = core::Handle<STACK_OF(X509), &freeStack>;

[[noreturn]] void fail(const std::string& path, const std::string& reason) {
  takeOpensslErrors();
  throw Error(ErrorCode::kInvalidInput, path + ": " + reason);
}

// A passphrase that leaves no copy behind.
struct Secret {
  std::string text;
  explicit Secret(std::string_view value) : text(value) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { OPENSSL_cleanse(text.data(), text.size()); }
};

// The algorithm OpenSSL's default provider lacks (RC2-40 and the like), named in the data of its error; "" if none.
std::string takeUnsupportedAlgorithm() {
  const char* data = nullptr;
  int flags = 0;
  std::string algorithm;
  while (const unsigned long code = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    const int reason = ERR_GET_REASON(code);
    if (!algorithm.empty() || (reason != ERR_R_UNSUPPORTED && reason != EVP_R_UNSUPPORTED_ALGORITHM)) continue;
    const std::string_view text = flags & ERR_TXT_STRING && data ? data : "";
    const std::size_t open = text.find('('), end = text.find(' ', open + 1);
    algorithm = open == text.npos || end == text.npos ? "unknown" : text.substr(open + 1, end - open - 1);
  }
  return algorithm;
}

struct Content {
  KeyHandle key;
  X509Handle certificate;
  StackHandle others;
};

Content parse(core::BytesView octets, const std::string& path, const Secret& passphrase) {
  const unsigned char* cursor = octets.data();
  const Pkcs12Handle pkcs12(d2i_PKCS12(nullptr, &cursor, static_cast<long>(octets.size())));
  if (!pkcs12) fail(path, "not a PKCS#12 file");
  const int length = static_cast<int>(passphrase.text.size());
  const auto macVerifies = [&](const char* text) { return PKCS12_verify_mac(pkcs12.get(), text, length) == 1; };
  if (PKCS12_mac_present(pkcs12.get()) && !macVerifies(passphrase.text.c_str()) &&
      !(length == 0 && macVerifies(nullptr))) {
    fail(path, "wrong passphrase, or the file was altered");
  }
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* others = nullptr;
  ERR_clear_error();
  if (PKCS12_parse(pkcs12.get(), passphrase.text.c_str(), &key, &certificate, &others) != 1) {
    const std::string algorithm = takeUnsupportedAlgorithm();
    if (algorithm.empty()) fail(path, "wrong passphrase, or a damaged PKCS#12 file");
    fail(path,
         "encrypted with the legacy algorithm " + algorithm +
             "; export it again with AES (openssl pkcs12 -legacy -in OLD -nodes | openssl pkcs12 -export -out NEW)");
  }
  Content content{KeyHandle(key), X509Handle(certificate), StackHandle(others)};
  ERR_clear_error();
  if (!content.key) fail(path, "holds no private key");
  if (!content.certificate) fail(path, "holds no certificate for its private key");
  return content;
}

}  // namespace

Pkcs12 decodePkcs12(core::BytesView octets, const std::string& name, std::string_view passphrase) {
  Content content = parse(octets, name, Secret(passphrase));
  std::vector<core::Bytes> others;
  for (int i = 0; i < sk_X509_num(content.others.get()); ++i)
    others.push_back(encodeCertificate(sk_X509_value(content.others.get(), i)));
  std::vector<core::Bytes> chain = orderChain(encodeCertificate(content.certificate.get()), others);
  return {std::move(content.key), std::move(content.certificate), std::move(chain)};
}

Pkcs12 openPkcs12(const std::string& path, std::string_view passphrase) {
  return decodePkcs12(core::viewOf(core::readFile(path, kMaxFile)), path, passphrase);
}

core::Bytes encodePkcs12(const std::string& name, std::string_view passphrase, const Pkcs12& content) {
  if (passphrase.empty()) throw Error(ErrorCode::kInvalidInput, name + ": a key file needs a passphrase");
  const Secret secret(passphrase);
  const StackHandle others(sk_X509_new_null());
  for (const core::Bytes& der : content.chain) sk_X509_push(others.get(), parseCertificate(der).release());
  constexpr int kIterations = 100'000;
  const Pkcs12Handle pkcs12(PKCS12_create(secret.text.c_str(), nullptr, content.key.get(), content.certificate.get(),
                                          others.get(), NID_aes_256_cbc, NID_aes_256_cbc, kIterations, kIterations, 0));
  unsigned char* der = nullptr;
  const int size = pkcs12 ? i2d_PKCS12(pkcs12.get(), &der) : -1;
  if (size < 0) throwOpenssl(ErrorCode::kSystem, "cannot make the key file " + name);
  core::Bytes octets(der, der + size);
  OPENSSL_free(der);
  return octets;
}

void writePkcs12(const std::string& path, std::string_view passphrase, const Pkcs12& content) {
  core::writeSecretFile(path, core::textOf(encodePkcs12(path, passphrase, content)));
}

Credential credentialOf(Pkcs12 opened, const std::string& name) {
  try {
    return makeCredential(makeEvpKey(std::move(opened.key)), encodeCertificate(opened.certificate.get()),
                          std::move(opened.chain));
  } catch (const Error& error) {
    throw Error(ErrorCode::kInvalidInput, name + ": " + error.what());
  }
}

Credential loadPkcs12(const std::string& path, std::string_view passphrase) {
  return credentialOf(openPkcs12(path, passphrase), path);
}

}  // namespace qianda::signing
