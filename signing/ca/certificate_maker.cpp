#include "signing/ca/certificate_maker.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "core/text.h"
#include "signing/asn1/der.h"
#include "signing/ca/profiles.h"
#include "signing/keys/sign_context.h"
#include "signing/keys/sm2.h"
#include "signing/keys/x509.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::Error;
using core::ErrorCode;
using RequestHandle = core::Handle<X509_REQ, &X509_REQ_free>;

constexpr std::size_t kLargestRequest = 64u << 10;

void check(bool done, const char* action) {
  if (!done) throwOpenssl(ErrorCode::kSystem, std::string("cannot ") + action);
}

void setSerial(X509* certificate) {
  unsigned char octets[16];
  check(RAND_bytes(octets, sizeof octets) == 1, "draw a serial number");
  octets[0] &= 0x7F;
  const core::Handle<BIGNUM, &BN_free> number(BN_bin2bn(octets, sizeof octets, nullptr));
  check(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)), "set a serial number");
}

void setTimes(X509* certificate, const CertificateContent& content) {
  const core::Handle<ASN1_TIME, &ASN1_TIME_free> from(
      ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(content.notBefore))),
      until(ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(content.notAfter)));
  check(from && until && X509_set1_notBefore(certificate, from.get()) == 1 &&
            X509_set1_notAfter(certificate, until.get()) == 1,
        "set a certificate's validity");
}

void addName(X509_NAME* name, const char* field, const std::string& value) {
  if (value.empty()) return;
  if (core::findInvalidUtf8(value) != std::string::npos ||
      X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                                 static_cast<int>(value.size()), -1, 0) != 1) {
    throwOpenssl(ErrorCode::kInvalidInput, std::string("\"") + value + "\" cannot be the " + field + " of a subject");
  }
}

void addNames(X509_NAME* name, const CertificateSubject& subject) {
  addName(name, "C", subject.country);
  addName(name, "O", subject.organisation);
  addName(name, "CN", subject.commonName);
}

void addExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const core::Handle<X509_EXTENSION, &X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add a certificate extension");
}

void addEvent(X509* certificate, const std::string& event) {
  constexpr std::uint8_t kUtf8String = 0x0C;
  const Bytes value = der::element(kUtf8String, core::viewOf(event));
  const core::Handle<ASN1_OBJECT, &ASN1_OBJECT_free> oid(OBJ_txt2obj(kEventExtension, 1));
  const core::Handle<ASN1_OCTET_STRING, &ASN1_OCTET_STRING_free> octets(ASN1_OCTET_STRING_new());
  check(oid && octets && ASN1_OCTET_STRING_set(octets.get(), value.data(), static_cast<int>(value.size())) == 1,
        "write an event id");
  const core::Handle<X509_EXTENSION, &X509_EXTENSION_free> extension(
      X509_EXTENSION_create_by_OBJ(nullptr, oid.get(), 0, octets.get()));
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add an event id");
}

// The kinds keys/evp_key.h signs with.
void checkKind(EVP_PKEY* key) {
  char group[80];
  std::size_t size = 0;
  const int bits = EVP_PKEY_get_bits(key);
  const bool rsa = EVP_PKEY_is_a(key, "RSA") && (bits == 2048 || bits == 3072 || bits == 4096);
  bool known = rsa || isSm2(key);
  if (!known && EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1) {
    const std::string_view curve(group, size);
    known = curve == SN_X9_62_prime256v1 || curve == SN_secp384r1;
  }
  const KeyContextHandle context(EVP_PKEY_CTX_new(key, nullptr));
  const bool sound = known && context && EVP_PKEY_public_check(context.get()) == 1;
  ERR_clear_error();
  if (!known) {
    throw Error(ErrorCode::kUnsupported,
                "the request's key is of another kind than RSA-2048, RSA-3072, RSA-4096, P-256, P-384 or SM2");
  }
  if (!sound) throw Error(ErrorCode::kInvalidInput, "the request's public key is not a sound one");
}

}  // namespace

X509Handle makeCertificate(const CertificateContent& content, X509* issuer, EVP_PKEY* issuerKey) {
  X509Handle certificate(X509_new());
  X509* x509 = certificate.get();
  check(x509 && X509_set_version(x509, X509_VERSION_3) == 1 && X509_set_pubkey(x509, content.key) == 1,
        "make a certificate");
  setSerial(x509);
  setTimes(x509, content);
  addNames(X509_get_subject_name(x509), content.subject);
  X509* parent = issuer ? issuer : x509;
  check(X509_set_issuer_name(x509, X509_get_subject_name(parent)) == 1, "write the issuer's name");
  addExtension(x509, parent, NID_subject_key_identifier, "hash");
  if (issuer) addExtension(x509, parent, NID_authority_key_identifier, "keyid:always");
  for (const auto& [nid, value] : content.extensions) addExtension(x509, parent, nid, value.c_str());
  if (!content.event.empty()) addEvent(x509, content.event);
  signCertificate(x509, issuerKey);
  return certificate;
}

CertificateRequest readRequest(core::BytesView der) {
  const unsigned char* cursor = der.data();
  RequestHandle request;
  if (der.size() <= kLargestRequest) request.reset(d2i_X509_REQ(nullptr, &cursor, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!request || cursor != der.data() + der.size()) {
    throw Error(ErrorCode::kInvalidInput, "not a certificate request (PKCS#10)");
  }
  CertificateRequest result{KeyHandle(X509_REQ_get_pubkey(request.get())), {}};
  ERR_clear_error();
  if (!result.key) throw Error(ErrorCode::kUnsupported, "the request's key is of an unknown kind");
  checkKind(result.key.get());
  setSm2UserId(request.get());
  const bool proven = X509_REQ_verify(request.get(), result.key.get()) == 1;
  ERR_clear_error();
  if (!proven) throw Error(ErrorCode::kInvalidInput, "the request is not signed by the key it asks a certificate for");
  const X509_NAME* name = X509_REQ_get_subject_name(request.get());
  result.subject.commonName = commonNameOf(name);
  result.subject.organisation = organisationOf(name);
  return result;
}

Bytes makeRequest(EVP_PKEY* key, const CertificateSubject& subject) {
  const RequestHandle request(X509_REQ_new());
  check(request && X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
            X509_REQ_set_pubkey(request.get(), key) == 1,
        "make a certificate request");
  addNames(X509_REQ_get_subject_name(request.get()), subject);
  const SignContext context(key);
  check(X509_REQ_sign_ctx(request.get(), context.get()) > 0, "sign a certificate request");
  unsigned char* der = nullptr;
  const int size = i2d_X509_REQ(request.get(), &der);
  check(size > 0, "encode a certificate request");
  Bytes result(der, der + size);
  OPENSSL_free(der);
  return result;
}

Bytes requestFromFile(std::string_view bytes) {
  if (bytes.find("-----BEGIN") == std::string_view::npos) {
    const core::BytesView der = core::viewOf(bytes);
    return {der.begin(), der.end()};
  }
  const BioHandle input(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  const RequestHandle request(PEM_read_bio_X509_REQ(input.get(), nullptr, nullptr, nullptr));
  unsigned char* der = nullptr;
  const int size = request ? i2d_X509_REQ(request.get(), &der) : -1;
  ERR_clear_error();
  if (size < 0) throw Error(ErrorCode::kInvalidInput, "not a certificate request (PKCS#10)");
  Bytes result(der, der + size);
  OPENSSL_free(der);
  return result;
}

}  // namespace qianda::signing
