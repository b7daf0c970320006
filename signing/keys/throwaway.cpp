#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"

namespace qianda::signing {
namespace {

using core::Error;
using core::ErrorCode;

constexpr long kDay = 24 * 60 * 60;

void check(bool done, const char* action) {
  if (!done) throwOpenssl(ErrorCode::kSystem, std::string("cannot ") + action);
}

struct Name {
  const char* field;
  std::string value;
};

void addExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const core::Handle<X509_EXTENSION, &X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add a certificate extension");
}

struct Issuer {
  X509* certificate;  // null: self-signed
  EVP_PKEY* key;
};

X509Handle issue(EVP_PKEY* subjectKey, const std::vector<Name>& subject, bool authority, const Issuer& issuer) {
  X509Handle certificate(X509_new());
  X509* x509 = certificate.get();
  unsigned char serial[16];
  check(x509 && RAND_bytes(serial, sizeof serial) == 1, "draw a serial number");
  serial[0] = static_cast<unsigned char>((serial[0] & 0x3F) | 0x40);
  const core::Handle<BIGNUM, &BN_free> number(BN_bin2bn(serial, sizeof serial, nullptr));
  check(X509_set_version(x509, X509_VERSION_3) == 1 && number &&
            BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x509)) &&
            X509_gmtime_adj(X509_getm_notBefore(x509), -kDay) &&
            X509_gmtime_adj(X509_getm_notAfter(x509), 3650 * kDay) && X509_set_pubkey(x509, subjectKey) == 1,
        "fill a certificate");
  for (const Name& part : subject) {
    check(X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), part.field, MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(part.value.data()),
                                     static_cast<int>(part.value.size()), -1, 0) == 1,
          "write a distinguished name");
  }
  X509* parent = issuer.certificate ? issuer.certificate : x509;
  check(X509_set_issuer_name(x509, X509_get_subject_name(parent)) == 1, "write the issuer's name");
  addExtension(x509, parent, NID_subject_key_identifier, "hash");
  addExtension(x509, parent, NID_authority_key_identifier, "keyid");
  addExtension(x509, parent, NID_basic_constraints, authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  addExtension(x509, parent, NID_key_usage,
               authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature,nonRepudiation");
  if (!authority) addExtension(x509, parent, NID_ext_key_usage, "emailProtection,1.3.6.1.5.5.7.3.36");
  signCertificate(x509, issuer.key);
  return certificate;
}

}  // namespace

KeyHandle generateKey(std::string_view kind) {
  KeyHandle key;
  if (kind == "p256")
    key.reset(EVP_EC_gen("P-256"));
  else if (kind == "p384")
    key.reset(EVP_EC_gen("P-384"));
  else if (kind == "rsa2048")
    key.reset(EVP_RSA_gen(2048));
  else if (kind == "rsa3072")
    key.reset(EVP_RSA_gen(3072));
  else if (kind == "rsa4096")
    key.reset(EVP_RSA_gen(4096));
  else if (kind == "sm2")
    key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "SM2"));
  else
    throw Error(ErrorCode::kUnsupported, "unknown kind of key: " + std::string(kind));
  check(key != nullptr, "generate a key");
  return key;
}

ThrowawayCredential makeThrowawayCredential(std::string_view kind, const std::string& organisation) {
  KeyHandle key = generateKey(kind);
  const std::string_view above = kind == "sm2" ? "sm2" : "p256";
  const KeyHandle rootKey = generateKey(above), issuingKey = generateKey(above);
  const X509Handle root =
      issue(rootKey.get(), {{"C", "CN"}, {"CN", "Qianda Throwaway Root CA"}}, true, {nullptr, rootKey.get()});
  const X509Handle issuing =
      issue(issuingKey.get(), {{"C", "CN"}, {"CN", "Qianda Throwaway Issuing CA"}}, true, {root.get(), rootKey.get()});
  const X509Handle signer = issue(key.get(), {{"C", "CN"}, {"O", organisation}, {"CN", organisation}}, false,
                                  {issuing.get(), issuingKey.get()});
  ThrowawayCredential result;
  result.root = encodeCertificate(root.get());
  result.credential =
      makeCredential(makeEvpKey(std::move(key)), encodeCertificate(signer.get()), {encodeCertificate(issuing.get())});
  return result;
}

}  // namespace qianda::signing
