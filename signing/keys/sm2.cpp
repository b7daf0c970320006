#include "signing/keys/sm2.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include "signing/asn1/der.h"
#include "signing/keys/evp_key.h"

namespace qianda::signing {
namespace {

using core::Bytes;

// a, b and the base point of the recommended curve (GB/T 32918.5), 32 octets each.
constexpr std::string_view kCurve =
    "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc"
    "28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93"
    "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0";

ASN1_OCTET_STRING* newUserId() {
  ASN1_OCTET_STRING* id = ASN1_OCTET_STRING_new();
  if (!id || ASN1_OCTET_STRING_set(id, reinterpret_cast<const unsigned char*>(kSm2UserId.data()),
                                   static_cast<int>(kSm2UserId.size())) != 1) {
    throwOpenssl(core::ErrorCode::kSystem, "cannot set an SM2 user id");
  }
  return id;
}

}  // namespace

bool isSm2(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "SM2")) return true;
  char group[80];
  std::size_t size = 0;
  const bool answer = EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1 &&
                      std::string_view(group, size) == SN_sm2;
  ERR_clear_error();
  return answer;
}

Bytes sm2IdentityDigest(const EVP_PKEY* key, std::string_view userId) {
  unsigned char point[65];
  std::size_t size = 0;
  if (isSm2(key)) {
    BIGNUM *bx = nullptr, *by = nullptr;
    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &bx);
    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &by);
    const core::Handle<BIGNUM, &BN_free> left(bx), right(by);
    if (left && right && BN_bn2binpad(bx, point + 1, 32) == 32 && BN_bn2binpad(by, point + 33, 32) == 32) size = 65;
  }
  if (size != 65) throwOpenssl(core::ErrorCode::kInvalidInput, "not an SM2 public key");
  if (userId.size() > 8191) throw core::Error(core::ErrorCode::kInvalidInput, "an SM2 user id is too long");
  Bytes input;
  const std::size_t bits = userId.size() * 8;
  input.push_back(static_cast<std::uint8_t>(bits >> 8));
  input.push_back(static_cast<std::uint8_t>(bits));
  der::append(input, core::viewOf(userId));
  der::append(input, core::fromHex(kCurve));
  der::append(input, {point + 1, 64});
  return digestOf(DigestAlgorithm::kSm3, input);
}

void setSm2UserId(X509* certificate) {
  if (X509_get_signature_nid(certificate) == NID_SM2_with_SM3) X509_set0_distinguishing_id(certificate, newUserId());
}

void setSm2UserId(X509_REQ* request) {
  if (X509_REQ_get_signature_nid(request) == NID_SM2_with_SM3) X509_REQ_set0_distinguishing_id(request, newUserId());
}

}  // namespace qianda::signing
