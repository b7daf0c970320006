#include "signing/trust/timestamp_authority.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"
#include "signing/trust/timestamp_protocol.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::BytesView;
using core::Error;
using core::ErrorCode;
using Context = core::Handle<TS_RESP_CTX, &TS_RESP_CTX_free>;
using Response = core::Handle<TS_RESP, &TS_RESP_free>;
using Object = core::Handle<ASN1_OBJECT, &ASN1_OBJECT_free>;
using Number = core::Handle<BIGNUM, &BN_free>;

void freeCertificates(STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }
using Certificates = core::Handle<STACK_OF(X509), &freeCertificates>;

constexpr DigestAlgorithm kImprints[] = {DigestAlgorithm::kSha256, DigestAlgorithm::kSha384, DigestAlgorithm::kSha512,
                                         DigestAlgorithm::kSm3};

// 128 random bits, never zero; OpenSSL frees it.
ASN1_INTEGER* drawSerial(TS_RESP_CTX*, void*) {
  unsigned char octets[16];
  if (RAND_bytes(octets, sizeof octets) != 1) return nullptr;
  octets[0] |= 1;
  const Number number(BN_bin2bn(octets, sizeof octets, nullptr));
  return number ? BN_to_ASN1_INTEGER(number.get(), nullptr) : nullptr;
}

// Whether the octets are one DER element and nothing after it: OpenSSL would pass over what follows a query.
bool isOneElement(BytesView octets) {
  const unsigned char* at = octets.data();
  long length = 0;
  int tag = 0, tagClass = 0;
  const int flags = ASN1_get_object(&at, &length, &tag, &tagClass, static_cast<long>(octets.size()));
  ERR_clear_error();
  return !(flags & 0x81) && at + length == octets.data() + octets.size();
}

}  // namespace

struct LocalTimestampAuthority::Parts {
  KeyHandle key;
  X509Handle certificate;
  Certificates chain;
  Object policy;
  const EVP_MD* signatureDigest;

  // OpenSSL's context holds one query at a time: each answer has its own.
  Context makeContext() const {
    Context context(TS_RESP_CTX_new());
    TS_RESP_CTX* c = context.get();
    bool done = c && TS_RESP_CTX_set_signer_cert(c, certificate.get()) == 1 &&
                TS_RESP_CTX_set_signer_key(c, key.get()) == 1 &&
                TS_RESP_CTX_set_signer_digest(c, signatureDigest) == 1 &&
                TS_RESP_CTX_set_ess_cert_id_digest(c, opensslDigest(DigestAlgorithm::kSha256)) == 1 &&
                TS_RESP_CTX_set_certs(c, chain.get()) == 1 && TS_RESP_CTX_set_def_policy(c, policy.get()) == 1 &&
                TS_RESP_CTX_set_accuracy(c, 1, 0, 0) == 1 && TS_RESP_CTX_set_clock_precision_digits(c, 3) == 1;
    for (DigestAlgorithm imprint : kImprints) done = done && TS_RESP_CTX_add_md(c, opensslDigest(imprint)) == 1;
    if (!done) throwOpenssl(ErrorCode::kSystem, "cannot prepare a timestamp authority");
    TS_RESP_CTX_set_serial_cb(c, &drawSerial, nullptr);
    return context;
  }
};

LocalTimestampAuthority::LocalTimestampAuthority(Pkcs12 identity, const std::string& policy) {
  auto parts = std::make_unique<Parts>();
  parts->certificate = std::move(identity.certificate);
  parts->key = std::move(identity.key);
  parts->policy.reset(OBJ_txt2obj(policy.c_str(), 1));
  if (!parts->policy) throwOpenssl(ErrorCode::kInvalidInput, "not a policy identifier: " + policy);
  const int purpose = X509_check_purpose(parts->certificate.get(), X509_PURPOSE_TIMESTAMP_SIGN, 0);
  if (purpose != 1) {
    throw Error(ErrorCode::kInvalidInput,
                "the certificate of " + textOf(X509_get_subject_name(parts->certificate.get())) +
                    " is not a timestamp authority's: its extended key usage must be critical and timeStamping alone");
  }
  if (X509_check_private_key(parts->certificate.get(), parts->key.get()) != 1) {
    throwOpenssl(ErrorCode::kInvalidInput, "the timestamp authority's key and certificate do not belong together");
  }
  EVP_PKEY_up_ref(parts->key.get());
  const auto key = makeEvpKey(KeyHandle(parts->key.get()));  // throws for a kind nobody uses
  if (key->kind() == KeyKind::kSm2) {
    throw Error(ErrorCode::kUnsupported, "a timestamp authority's key must be RSA, P-256 or P-384");
  }
  parts->signatureDigest = opensslDigest(key->digest());
  parts->chain.reset(sk_X509_new_null());
  for (const Bytes& der : identity.chain) {
    X509Handle above = parseCertificate(der);
    if (isSelfSigned(above.get())) continue;  // the root is the verifier's to have
    if (sk_X509_push(parts->chain.get(), above.get()) > 0) above.release();
  }
  parts_ = std::move(parts);
  // What varies: serial and ECDSA's integers by a few octets, genTime's fraction, the nonce.
  constexpr std::size_t kSlack = 64;
  maxTokenSize_ = stamp(DigestAlgorithm::kSha512, Bytes(64)).size() + kSlack;
}

LocalTimestampAuthority::~LocalTimestampAuthority() = default;

Bytes LocalTimestampAuthority::answer(BytesView query) const {
  ERR_clear_error();
  if (!isOneElement(query)) query = core::viewOf("?");  // refused as badDataFormat
  const Context context = parts_->makeContext();
  const BioHandle input(BIO_new_mem_buf(query.data(), static_cast<int>(query.size())));
  const Response response(input ? TS_RESP_create_response(context.get(), input.get()) : nullptr);
  unsigned char* der = nullptr;
  const int size = response ? i2d_TS_RESP(response.get(), &der) : -1;
  if (size < 0) throwOpenssl(ErrorCode::kSystem, "cannot answer a timestamp query");
  ERR_clear_error();
  Bytes bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

Bytes LocalTimestampAuthority::stamp(DigestAlgorithm algorithm, BytesView digest) const {
  return takeTimestampToken(answer(writeTimestampQuery(algorithm, digest)));
}

}  // namespace qianda::signing
