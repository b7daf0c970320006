// Answers OCSP requests (RFC 6960, RFC 9654 for the nonce) in the name of one issuer, with a delegated responder's key
// or the issuer's own. Requests are hostile octets: bounded, parsed once, answered malformedRequest when they are not
// exactly one request. Thread-safe as far as `find` is.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "core/bytes.h"
#include "core/time.h"
#include "signing/ca/crl.h"

namespace qianda::signing {

inline constexpr std::size_t kLargestOcspRequest = 16u << 10;

struct OcspResponder {
  X509Handle issuer;
  KeyHandle key;
  X509Handle certificate;  // of `key`; goes into every answer
};

// The state of a certificate by its serial number (serialHex).
using StatusLookup = std::function<CertificateStatus(const std::string& serial)>;

// An OCSPResponse, DER: an answer for every CertID (SHA-1 or SHA-256), unknown for those of another issuer.
core::Bytes answerOcsp(const OcspResponder& responder, core::BytesView request, const StatusLookup& find,
                       core::Instant now, std::chrono::seconds validity);
// A request for one certificate, with a SHA-1 CertID (the one every client and judge knows) and without a nonce.
core::Bytes makeOcspRequest(core::BytesView certificate, core::BytesView issuer);
// The OCSPResponseStatus of an answer (0 successful ... 6 unauthorized); nullopt for what is not exactly one answer.
std::optional<int> ocspStatusOf(core::BytesView answer);
// OCSPResponseStatus alone, such as OCSP_RESPONSE_STATUS_TRYLATER.
core::Bytes ocspFailure(int status);

}  // namespace qianda::signing
