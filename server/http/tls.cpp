#include "server/http/tls.h"

#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NetSSL.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "core/error.h"
#include "core/file.h"
#include "core/time.h"
#include "signing/ca/certificate_maker.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;
using BioHandle = core::Handle<BIO, &BIO_free_all>;

constexpr std::chrono::hours kLifetime{24 * 365};
constexpr const char* kCommonName = "Qianda DEVELOPMENT ONLY";

std::string textOf(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return {text, static_cast<std::size_t>(size)};
}

bool isAddress(const std::string& text) {
  Poco::Net::IPAddress address;
  return Poco::Net::IPAddress::tryParse(text, address);
}

// Still good for a day, and for that name.
bool fits(const std::filesystem::path& file, const std::string& listen) {
  std::error_code missing;
  if (!std::filesystem::exists(file, missing)) return false;
  const auto blocks = signing::readPemCertificates(core::readFile(file, 1u << 20));
  if (blocks.empty()) return false;
  const signing::X509Handle certificate = signing::parseCertificate(blocks.front());
  std::time_t tomorrow = std::time(nullptr) + 86400;
  if (X509_cmp_time(X509_get0_notAfter(certificate.get()), &tomorrow) <= 0) return false;
  return isAddress(listen) ? X509_check_ip_asc(certificate.get(), listen.c_str(), 0) == 1
                           : X509_check_host(certificate.get(), listen.data(), listen.size(), 0, nullptr) == 1;
}

std::string namesFor(const std::string& listen) {
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  if (listen != "localhost" && listen != "127.0.0.1" && listen != "::1") {
    names += (isAddress(listen) ? ",IP:" : ",DNS:") + listen;
  }
  return names;
}

}  // namespace

TlsFiles developmentTls(const std::filesystem::path& folder, const std::string& listen) {
  const TlsFiles files{folder / "development-tls.crt", folder / "development-tls.key"};
  std::error_code missing;
  if (fits(files.certificate, listen) && std::filesystem::exists(files.key, missing)) return files;
  const signing::KeyHandle key = signing::generateKey("p256");
  signing::CertificateContent content;
  content.subject = {kCommonName, "Qianda development", "CN"};
  content.key = key.get();
  content.notBefore = core::now() - std::chrono::hours(1);
  content.notAfter = core::now() + kLifetime;
  content.extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                        {NID_key_usage, "critical,digitalSignature"},
                        {NID_ext_key_usage, "serverAuth"},
                        {NID_subject_alt_name, namesFor(listen)}};
  const signing::X509Handle certificate = signing::makeCertificate(content, nullptr, key.get());
  const BioHandle keyText(BIO_new(BIO_s_mem())), certificateText(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(keyText.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_X509(certificateText.get(), certificate.get()) != 1) {
    throw Error(ErrorCode::kSystem, "cannot write the development certificate");
  }
  core::writeSecretFile(files.key, textOf(keyText.get()));
  core::writeFile(files.certificate, textOf(certificateText.get()), true);
  return files;
}

Poco::Net::Context::Ptr tlsContext(const TlsFiles& files) {
  Poco::Net::initializeSSL();
  Poco::Net::Context::Params parameters;
  parameters.certificateFile = files.certificate.string();
  parameters.privateKeyFile = files.key.string();
  parameters.verificationMode = Poco::Net::Context::VERIFY_NONE;
  parameters.loadDefaultCAs = false;
  parameters.cipherList = "ECDHE+AESGCM:ECDHE+CHACHA20";
  parameters.ecdhCurve = "X25519:P-256:P-384";
  try {
    Poco::Net::Context::Ptr context = new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, parameters);
    context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
    context->enableSessionCache(true, "qianda");
    SSL_CTX_set_options(context->sslContext(),
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
    if (SSL_CTX_check_private_key(context->sslContext()) != 1) {
      throw Error(ErrorCode::kUsage, files.key.string() + " is not the key of " + files.certificate.string());
    }
    return context;
  } catch (const Poco::Exception& error) {
    throw Error(ErrorCode::kUsage,
                "TLS with " + files.certificate.string() + " and " + files.key.string() + ": " + error.displayText());
  }
}

}  // namespace qianda::server
