#include "signing/trust/timestamp_protocol.h"

#include <algorithm>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ts.h>

#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::BytesView;
using core::Error;
using core::ErrorCode;
using Request = core::Handle<TS_REQ, &TS_REQ_free>;
using Response = core::Handle<TS_RESP, &TS_RESP_free>;
using VerifyContext = core::Handle<TS_VERIFY_CTX, &TS_VERIFY_CTX_free>;
using Store = core::Handle<X509_STORE, &X509_STORE_free>;
using Imprint = core::Handle<TS_MSG_IMPRINT, &TS_MSG_IMPRINT_free>;
using Algorithm = core::Handle<X509_ALGOR, &X509_ALGOR_free>;
using Object = core::Handle<ASN1_OBJECT, &ASN1_OBJECT_free>;
using Integer = core::Handle<ASN1_INTEGER, &ASN1_INTEGER_free>;
using Number = core::Handle<BIGNUM, &BN_free>;

void freeSigners(STACK_OF(X509) * signers) { sk_X509_free(signers); }  // the token owns the certificates
using Signers = core::Handle<STACK_OF(X509), &freeSigners>;

constexpr std::string_view kStatus[] = {"granted", "grantedWithMods",   "rejection",
                                        "waiting", "revocationWarning", "revocationNotification"};
struct Failure {
  int bit;
  std::string_view name;
};
// RFC 3161 2.4.2
constexpr Failure kFailures[] = {{TS_INFO_BAD_ALG, "badAlg"},
                                 {TS_INFO_BAD_REQUEST, "badRequest"},
                                 {TS_INFO_BAD_DATA_FORMAT, "badDataFormat"},
                                 {TS_INFO_TIME_NOT_AVAILABLE, "timeNotAvailable"},
                                 {TS_INFO_UNACCEPTED_POLICY, "unacceptedPolicy"},
                                 {TS_INFO_UNACCEPTED_EXTENSION, "unacceptedExtension"},
                                 {TS_INFO_ADD_INFO_NOT_AVAILABLE, "addInfoNotAvailable"},
                                 {TS_INFO_SYSTEM_FAILURE, "systemFailure"}};

Integer makeNonce() {
  unsigned char octets[8];
  if (RAND_bytes(octets, sizeof octets) != 1) throwOpenssl(ErrorCode::kSystem, "cannot draw a nonce");
  const Number number(BN_bin2bn(octets, sizeof octets, nullptr));
  return Integer(number ? BN_to_ASN1_INTEGER(number.get(), nullptr) : nullptr);
}

// What a stranger wrote, fit for one line of a log.
std::string legible(const ASN1_STRING* text) {
  constexpr std::size_t kLongest = 300;
  std::string line(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                   std::min(kLongest, static_cast<std::size_t>(ASN1_STRING_length(text))));
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; }, ' ');
  return line;
}

// Throws unless the authority granted a token.
void checkStatus(TS_RESP* response) {
  const TS_STATUS_INFO* info = TS_RESP_get_status_info(response);
  const long status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info));
  if (status == TS_STATUS_GRANTED || status == TS_STATUS_GRANTED_WITH_MODS) return;
  std::string reason = status >= 0 && status < static_cast<long>(std::size(kStatus))
                           ? std::string(kStatus[static_cast<std::size_t>(status)])
                           : "status " + std::to_string(status);
  const STACK_OF(ASN1_UTF8STRING)* texts = TS_STATUS_INFO_get0_text(info);
  for (int i = 0; texts && i < sk_ASN1_UTF8STRING_num(texts); ++i) {
    reason += ": " + legible(sk_ASN1_UTF8STRING_value(texts, i));
  }
  const ASN1_BIT_STRING* failures = TS_STATUS_INFO_get0_failure_info(info);
  for (const Failure& failure : kFailures) {
    if (failures && ASN1_BIT_STRING_get_bit(failures, failure.bit)) reason += " (" + std::string(failure.name) + ")";
  }
  throw Error(ErrorCode::kUnavailable, "the timestamp authority refused: " + reason);
}

// Throws kUnavailable unless it is a TimeStampResp with a token.
Response parseGranted(BytesView answer) {
  const unsigned char* at = answer.data();
  Response response(d2i_TS_RESP(nullptr, &at, static_cast<long>(answer.size())));
  if (!response || at != answer.data() + answer.size()) {
    throwOpenssl(ErrorCode::kUnavailable, "the timestamp authority's answer is not a TimeStampResp");
  }
  checkStatus(response.get());
  if (!TS_RESP_get_token(response.get())) {
    throw Error(ErrorCode::kUnavailable, "the timestamp authority granted a timestamp but sent none");
  }
  return response;
}

// Whom the token's path must lead to: the anchors, or, where there are none, its own signer.
Store makeStore(PKCS7* token, const std::vector<Bytes>& anchors) {
  Store store(X509_STORE_new());
  if (!store) throwOpenssl(ErrorCode::kSystem, "cannot hold trust anchors");
  for (const Bytes& anchor : anchors) X509_STORE_add_cert(store.get(), parseCertificate(anchor).get());
  if (anchors.empty()) {
    const Signers signers(PKCS7_type_is_signed(token) ? PKCS7_get0_signers(token, nullptr, 0) : nullptr);
    if (!signers || sk_X509_num(signers.get()) != 1) {
      throwOpenssl(ErrorCode::kUnavailable, "the timestamp does not hold its signer's certificate");
    }
    X509_STORE_add_cert(store.get(), sk_X509_value(signers.get(), 0));
  }
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

// The token's own octets: encoding it anew could disturb what was signed. TimeStampResp is the SEQUENCE of a status
// (a SEQUENCE) and the token.
Bytes cutToken(BytesView answer) {
  const unsigned char* at = answer.data();
  const unsigned char* const end = at + answer.size();
  long length = 0;
  int tag = 0, tagClass = 0;
  constexpr int kBad = 0x81;  // an error or an indefinite length
  bool isGood = !(ASN1_get_object(&at, &length, &tag, &tagClass, end - at) & kBad) && tag == V_ASN1_SEQUENCE;
  isGood = isGood && !(ASN1_get_object(&at, &length, &tag, &tagClass, end - at) & kBad) && tag == V_ASN1_SEQUENCE;
  if (isGood) at += length;
  const unsigned char* inner = at;
  isGood = isGood && !(ASN1_get_object(&inner, &length, &tag, &tagClass, end - inner) & kBad) && inner + length == end;
  if (!isGood) throwOpenssl(ErrorCode::kUnavailable, "the timestamp authority's answer is not DER");
  return {at, end};
}

// Whether the answer's PKIStatus is granted or grantedWithMods and something follows it.
bool saysGranted(BytesView answer) {
  const unsigned char *at = answer.data(), *end = answer.data() + answer.size();
  long length = 0, statusLength = 0;
  int tag = 0, tagClass = 0;
  const auto isSequence = [&](long& size) {
    return !(ASN1_get_object(&at, &size, &tag, &tagClass, static_cast<long>(end - at)) & 0x81) &&
           tag == V_ASN1_SEQUENCE && tagClass == V_ASN1_UNIVERSAL;
  };
  const bool isShaped = isSequence(length) && isSequence(statusLength);
  ERR_clear_error();
  return isShaped && statusLength >= 3 && end - at > statusLength && at[0] == V_ASN1_INTEGER && at[1] == 1 &&
         at[2] <= TS_STATUS_GRANTED_WITH_MODS;
}

}  // namespace

Bytes writeTimestampQuery(DigestAlgorithm algorithm, BytesView digest, const std::string& policy) {
  const EVP_MD* md = opensslDigest(algorithm);
  if (digest.size() != static_cast<std::size_t>(EVP_MD_get_size(md))) {
    throw Error(ErrorCode::kInvalidInput, "a digest of the wrong length was to be timestamped");
  }
  const Request request(TS_REQ_new());
  const Imprint imprint(TS_MSG_IMPRINT_new());
  const Algorithm identifier(X509_ALGOR_new());
  const Integer nonce = makeNonce();
  if (!request || !imprint || !identifier || !nonce ||
      X509_ALGOR_set0(identifier.get(), OBJ_nid2obj(EVP_MD_get_type(md)), V_ASN1_NULL, nullptr) != 1 ||
      TS_MSG_IMPRINT_set_algo(imprint.get(), identifier.get()) != 1 ||
      TS_MSG_IMPRINT_set_msg(imprint.get(), const_cast<unsigned char*>(digest.data()),
                             static_cast<int>(digest.size())) != 1 ||
      TS_REQ_set_version(request.get(), 1) != 1 || TS_REQ_set_msg_imprint(request.get(), imprint.get()) != 1 ||
      TS_REQ_set_nonce(request.get(), nonce.get()) != 1 || TS_REQ_set_cert_req(request.get(), 1) != 1) {
    throwOpenssl(ErrorCode::kSystem, "cannot write a timestamp query");
  }
  if (!policy.empty()) {
    const Object object(OBJ_txt2obj(policy.c_str(), 1));
    if (!object || TS_REQ_set_policy_id(request.get(), object.get()) != 1) {
      throwOpenssl(ErrorCode::kInvalidInput, "not a policy identifier: " + policy);
    }
  }
  unsigned char* der = nullptr;
  const int size = i2d_TS_REQ(request.get(), &der);
  if (size < 0) throwOpenssl(ErrorCode::kSystem, "cannot encode a timestamp query");
  Bytes bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

Bytes takeTimestampToken(BytesView answer) {
  // To parse all of it costs four times as much as making it, for certificates nobody looks at here.
  if (!saysGranted(answer)) parseGranted(answer);
  return cutToken(answer);
}

Bytes readTimestampAnswer(BytesView query, BytesView answer, const std::vector<Bytes>& anchors) {
  ERR_clear_error();
  const unsigned char* at = query.data();
  const Request request(d2i_TS_REQ(nullptr, &at, static_cast<long>(query.size())));
  if (!request) throwOpenssl(ErrorCode::kInvalidInput, "not a timestamp query");
  const Response response = parseGranted(answer);
  const VerifyContext context(TS_REQ_to_TS_VERIFY_CTX(request.get(), nullptr));
  if (!context) throwOpenssl(ErrorCode::kSystem, "cannot prepare the check of a timestamp");
  TS_VERIFY_CTX_add_flags(context.get(), TS_VFY_SIGNATURE);
  // Owned by the context from here.
  TS_VERIFY_CTX_set_store(context.get(), makeStore(TS_RESP_get_token(response.get()), anchors).release());
  ERR_clear_error();
  if (TS_RESP_verify_response(context.get(), response.get()) != 1) {
    throwOpenssl(ErrorCode::kUnavailable, "the timestamp authority's answer does not verify");
  }
  ERR_clear_error();
  return cutToken(answer);
}

}  // namespace qianda::signing
