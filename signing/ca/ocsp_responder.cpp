#include "signing/ca/ocsp_responder.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "signing/keys/sign_context.h"
#include "signing/keys/x509.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::ErrorCode;
using RequestHandle = core::Handle<OCSP_REQUEST, &OCSP_REQUEST_free>;
using ResponseHandle = core::Handle<OCSP_RESPONSE, &OCSP_RESPONSE_free>;
using BasicHandle = core::Handle<OCSP_BASICRESP, &OCSP_BASICRESP_free>;
using IdHandle = core::Handle<OCSP_CERTID, &OCSP_CERTID_free>;
using TimeHandle = core::Handle<ASN1_GENERALIZEDTIME, &ASN1_GENERALIZEDTIME_free>;

constexpr int kMostCertificates = 32;
constexpr int kLargestNonce = 128 + 3;  // RFC 9654 2.1, with the header of the OCTET STRING around it

void check(bool done, const char* action) {
  if (!done) throwOpenssl(ErrorCode::kSystem, std::string("cannot ") + action);
}

Bytes encode(const OCSP_RESPONSE* response) {
  unsigned char* der = nullptr;
  const int size = i2d_OCSP_RESPONSE(const_cast<OCSP_RESPONSE*>(response), &der);
  check(size > 0, "encode an OCSP answer");
  Bytes bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

// Null unless the octets are one request we can answer.
RequestHandle parse(core::BytesView der) {
  const unsigned char* cursor = der.data();
  RequestHandle request;
  if (!der.empty() && der.size() <= kLargestOcspRequest) {
    request.reset(d2i_OCSP_REQUEST(nullptr, &cursor, static_cast<long>(der.size())));
  }
  ERR_clear_error();
  if (!request || cursor != der.data() + der.size()) return nullptr;
  const int count = OCSP_request_onereq_count(request.get());
  if (count < 1 || count > kMostCertificates) return nullptr;
  for (int i = 0; i < OCSP_REQUEST_get_ext_count(request.get()); ++i) {
    X509_EXTENSION* extension = OCSP_REQUEST_get_ext(request.get(), i);
    const int size = ASN1_STRING_length(X509_EXTENSION_get_data(extension));
    const bool nonce = OBJ_obj2nid(X509_EXTENSION_get_object(extension)) == NID_id_pkix_OCSP_Nonce;
    if (nonce ? size < 1 || size > kLargestNonce : X509_EXTENSION_get_critical(extension) != 0) return nullptr;
  }
  return request;
}

TimeHandle timeOf(core::Instant instant) {
  TimeHandle time(ASN1_GENERALIZEDTIME_set(nullptr, std::chrono::system_clock::to_time_t(instant)));
  check(time != nullptr, "write a time");
  return time;
}

struct Answering {
  IdHandle sha1, sha256;
  const StatusLookup& find;
};

CertificateStatus statusOf(const Answering& answering, OCSP_CERTID* id) {
  if (OCSP_id_issuer_cmp(answering.sha1.get(), id) != 0 && OCSP_id_issuer_cmp(answering.sha256.get(), id) != 0) {
    return {};
  }
  ASN1_INTEGER* serial = nullptr;
  OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial, id);
  return answering.find(serialHex(serial));
}

void addStatus(OCSP_BASICRESP* basic, OCSP_CERTID* id, const CertificateStatus& status, core::Instant now,
               std::chrono::seconds validity) {
  static constexpr int kStates[] = {V_OCSP_CERTSTATUS_GOOD, V_OCSP_CERTSTATUS_REVOKED, V_OCSP_CERTSTATUS_UNKNOWN};
  const TimeHandle from = timeOf(now), until = timeOf(now + validity), revoked = timeOf(status.revokedAt);
  check(OCSP_basic_add1_status(basic, id, kStates[static_cast<std::size_t>(status.state)], status.reason, revoked.get(),
                               from.get(), until.get()) != nullptr,
        "write an OCSP status");
}

}  // namespace

Bytes answerOcsp(const OcspResponder& responder, core::BytesView octets, const StatusLookup& find, core::Instant now,
                 std::chrono::seconds validity) {
  const RequestHandle request = parse(octets);
  if (!request) return ocspFailure(OCSP_RESPONSE_STATUS_MALFORMEDREQUEST);
  const Answering answering{IdHandle(OCSP_cert_to_id(EVP_sha1(), nullptr, responder.issuer.get())),
                            IdHandle(OCSP_cert_to_id(EVP_sha256(), nullptr, responder.issuer.get())), find};
  const BasicHandle basic(OCSP_BASICRESP_new());
  check(basic && answering.sha1 && answering.sha256, "make an OCSP answer");
  for (int i = 0; i < OCSP_request_onereq_count(request.get()); ++i) {
    OCSP_CERTID* id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(request.get(), i));
    addStatus(basic.get(), id, statusOf(answering, id), now, validity);
  }
  check(OCSP_copy_nonce(basic.get(), request.get()) > 0, "echo a nonce");
  const SignContext context(responder.key.get());
  check(OCSP_basic_sign_ctx(basic.get(), responder.certificate.get(), context.get(), nullptr, 0) == 1,
        "sign an OCSP answer");
  const ResponseHandle response(OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()));
  check(response != nullptr, "make an OCSP answer");
  ERR_clear_error();
  return encode(response.get());
}

Bytes makeOcspRequest(core::BytesView certificate, core::BytesView issuer) {
  const X509Handle subject = parseCertificate(certificate), above = parseCertificate(issuer);
  const RequestHandle request(OCSP_REQUEST_new());
  IdHandle id(OCSP_cert_to_id(EVP_sha1(), subject.get(), above.get()));
  check(request && id && OCSP_request_add0_id(request.get(), id.get()) != nullptr, "make an OCSP request");
  id.release();
  unsigned char* der = nullptr;
  const int size = i2d_OCSP_REQUEST(request.get(), &der);
  check(size > 0, "encode an OCSP request");
  Bytes bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

std::optional<int> ocspStatusOf(core::BytesView answer) {
  const unsigned char* cursor = answer.data();
  const ResponseHandle response(d2i_OCSP_RESPONSE(nullptr, &cursor, static_cast<long>(answer.size())));
  ERR_clear_error();
  if (!response || cursor != answer.data() + answer.size()) return std::nullopt;
  return OCSP_response_status(response.get());
}

Bytes ocspFailure(int status) {
  const ResponseHandle response(OCSP_response_create(status, nullptr));
  check(response != nullptr, "make an OCSP answer");
  return encode(response.get());
}

}  // namespace qianda::signing
