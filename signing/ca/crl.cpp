#include "signing/ca/crl.h"

#include <algorithm>
#include <ctime>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "signing/keys/evp_key.h"
#include "signing/keys/sign_context.h"
#include "signing/keys/sm2.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::Error;
using core::ErrorCode;
using core::Instant;
using TimeHandle = core::Handle<ASN1_TIME, &ASN1_TIME_free>;

void check(bool done, const char* action) {
  if (!done) throwOpenssl(ErrorCode::kSystem, std::string("cannot ") + action);
}

TimeHandle timeOf(Instant instant) {
  return TimeHandle(ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(instant)));
}

// tbsCertList with its header, as it stands in the octets: the first element within the outer SEQUENCE.
core::BytesView signedPart(core::BytesView der) {
  const unsigned char* cursor = der.data();
  long size = 0;
  int tag = 0, kind = 0;
  if (ASN1_get_object(&cursor, &size, &tag, &kind, static_cast<long>(der.size())) & 0x80) return {};
  const unsigned char* start = cursor;
  if (ASN1_get_object(&cursor, &size, &tag, &kind, size) & 0x80) return {};
  return {start, static_cast<std::size_t>(cursor - start + size)};
}

bool verifiesSm2(core::BytesView text, const ASN1_BIT_STRING* signature, EVP_PKEY* key) {
  const KeyContextHandle keyContext(EVP_PKEY_CTX_new(key, nullptr));
  const DigestHandle context(EVP_MD_CTX_new());
  if (!keyContext || !context ||
      EVP_PKEY_CTX_set1_id(keyContext.get(), kSm2UserId.data(), static_cast<int>(kSm2UserId.size())) != 1) {
    return false;
  }
  EVP_MD_CTX_set_pkey_ctx(context.get(), keyContext.get());
  return EVP_DigestVerifyInit(context.get(), nullptr, opensslDigest(DigestAlgorithm::kSm3), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), ASN1_STRING_get0_data(signature),
                          static_cast<std::size_t>(ASN1_STRING_length(signature)), text.data(), text.size()) == 1;
}

void addEntry(X509_CRL* crl, const CrlEntry& entry) {
  core::Handle<X509_REVOKED, &X509_REVOKED_free> revoked(X509_REVOKED_new());
  const SerialHandle serial = serialFromHex(entry.serial);
  const TimeHandle time = timeOf(entry.revokedAt);
  bool done = revoked && time && X509_REVOKED_set_serialNumber(revoked.get(), serial.get()) == 1 &&
              X509_REVOKED_set_revocationDate(revoked.get(), time.get()) == 1;
  if (done && entry.reason > 0) {  // RFC 5280 5.3.1: unspecified is left out
    const core::Handle<ASN1_ENUMERATED, &ASN1_ENUMERATED_free> reason(ASN1_ENUMERATED_new());
    done = reason && ASN1_ENUMERATED_set(reason.get(), entry.reason) == 1 &&
           X509_REVOKED_add1_ext_i2d(revoked.get(), NID_crl_reason, reason.get(), 0, 0) == 1;
  }
  check(done && X509_CRL_add0_revoked(crl, revoked.get()) == 1, "add an entry to a CRL");
  revoked.release();
}

void addExtensions(X509_CRL* crl, X509* issuer, std::uint64_t number) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, nullptr, nullptr, crl, 0);
  const core::Handle<X509_EXTENSION, &X509_EXTENSION_free> identifier(
      X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always"));
  const SerialHandle value(ASN1_INTEGER_new());
  check(identifier && X509_CRL_add_ext(crl, identifier.get(), -1) == 1 && value &&
            ASN1_INTEGER_set_uint64(value.get(), number) == 1 &&
            X509_CRL_add1_ext_i2d(crl, NID_crl_number, value.get(), 0, 0) == 1,
        "write a CRL's extensions");
}

}  // namespace

CrlHandle findCrl(core::BytesView der) {
  const unsigned char* cursor = der.data();
  CrlHandle crl(d2i_X509_CRL(nullptr, &cursor, static_cast<long>(der.size())));
  if (crl && cursor != der.data() + der.size()) crl.reset();
  ERR_clear_error();
  return crl;
}

Bytes crlFromFile(std::string_view bytes) {
  Bytes der(bytes.begin(), bytes.end());
  if (bytes.find("-----BEGIN") != std::string_view::npos) {
    const BioHandle input(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
    const CrlHandle crl(PEM_read_bio_X509_CRL(input.get(), nullptr, nullptr, nullptr));
    unsigned char* out = nullptr;
    const int size = crl ? i2d_X509_CRL(crl.get(), &out) : 0;
    der.assign(out, out + size);
    OPENSSL_free(out);
    ERR_clear_error();
  }
  if (!findCrl(der)) throw Error(ErrorCode::kInvalidInput, "not a certificate revocation list");
  return der;
}

bool isCrlSignedBy(core::BytesView der, EVP_PKEY* issuerKey) {
  const CrlHandle crl = findCrl(der);
  if (!crl) return false;
  bool answer = false;
  if (X509_CRL_get_signature_nid(crl.get()) == NID_SM2_with_SM3) {
    const ASN1_BIT_STRING* signature = nullptr;
    X509_CRL_get0_signature(crl.get(), &signature, nullptr);
    answer = isSm2(issuerKey) && verifiesSm2(signedPart(der), signature, issuerKey);
  } else {
    answer = X509_CRL_verify(crl.get(), issuerKey) == 1;
  }
  ERR_clear_error();
  return answer;
}

CertificateStatus statusIn(X509_CRL* crl, const std::string& hex) {
  const SerialHandle serial = serialFromHex(hex);
  X509_REVOKED* revoked = nullptr;
  const int found = X509_CRL_get0_by_serial(crl, &revoked, serial.get());
  if (found == 0 || found == 2) return {CertificateState::kGood, {}, -1};  // 2: removeFromCRL
  CertificateStatus status{CertificateState::kRevoked, instantOf(X509_REVOKED_get0_revocationDate(revoked)), -1};
  const core::Handle<ASN1_ENUMERATED, &ASN1_ENUMERATED_free> reason(
      static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(revoked, NID_crl_reason, nullptr, nullptr)));
  if (reason) status.reason = static_cast<int>(ASN1_ENUMERATED_get(reason.get()));
  ERR_clear_error();
  return status;
}

std::optional<CrlFacts> factsOf(core::BytesView der) {
  const CrlHandle crl = findCrl(der);
  if (!crl || !X509_CRL_get0_nextUpdate(crl.get())) return std::nullopt;
  CrlFacts facts;
  facts.thisUpdate = instantOf(X509_CRL_get0_lastUpdate(crl.get()));
  facts.nextUpdate = instantOf(X509_CRL_get0_nextUpdate(crl.get()));
  facts.entries = static_cast<std::size_t>(std::max(0, sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl.get()))));
  const SerialHandle number(
      static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl.get(), NID_crl_number, nullptr, nullptr)));
  if (number && ASN1_INTEGER_get_uint64(&facts.number, number.get()) != 1) facts.number = 0;
  ERR_clear_error();
  return facts;
}

Bytes makeCrl(const CrlContent& content, X509* issuer, EVP_PKEY* issuerKey) {
  const CrlHandle crl(X509_CRL_new());
  const TimeHandle now = timeOf(content.thisUpdate), next = timeOf(content.nextUpdate);
  check(crl && now && next && X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) == 1 &&
            X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer)) == 1 &&
            X509_CRL_set1_lastUpdate(crl.get(), now.get()) == 1 && X509_CRL_set1_nextUpdate(crl.get(), next.get()) == 1,
        "make a CRL");
  for (const CrlEntry& entry : content.entries) addEntry(crl.get(), entry);
  X509_CRL_sort(crl.get());
  addExtensions(crl.get(), issuer, content.number);
  const SignContext context(issuerKey);
  check(X509_CRL_sign_ctx(crl.get(), context.get()) > 0, "sign a CRL");
  unsigned char* der = nullptr;
  const int size = i2d_X509_CRL(crl.get(), &der);
  check(size > 0, "encode a CRL");
  Bytes bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

SerialHandle serialFromHex(const std::string& hex) {
  BIGNUM* raw = nullptr;
  const int digits = hex.empty() || hex.size() > 64 ? 0 : BN_hex2bn(&raw, hex.c_str());
  const core::Handle<BIGNUM, &BN_free> number(raw);
  SerialHandle serial(number ? BN_to_ASN1_INTEGER(number.get(), nullptr) : nullptr);
  ERR_clear_error();
  if (!serial || static_cast<std::size_t>(digits) != hex.size()) {
    throw Error(ErrorCode::kInvalidInput, "\"" + hex + "\" is not a serial number in hexadecimal");
  }
  return serial;
}

std::string serialHex(const ASN1_INTEGER* serial) {
  const core::Handle<BIGNUM, &BN_free> number(ASN1_INTEGER_to_BN(serial, nullptr));
  check(number != nullptr, "read a serial number");
  Bytes octets(static_cast<std::size_t>(BN_num_bytes(number.get())));
  BN_bn2bin(number.get(), octets.data());
  return (BN_is_negative(number.get()) ? "-" : "") + (octets.empty() ? "00" : core::toHex(octets));
}

Instant instantOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) throwOpenssl(ErrorCode::kInvalidInput, "not a time");
  return std::chrono::time_point_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::from_time_t(::timegm(&parts)));
}

}  // namespace qianda::signing
