// Takes the certificates out of a CMS SignedData and of a basic OCSP response before OpenSSL parses them. OpenSSL 3.0
// spends more on decoding one public key than on verifying a signature, and the same few certificates stand in every
// signature, timestamp and answer of a file: each is parsed once (keys/x509.h, shareCertificate). Certificates of
// neither structure are signed, so that cutting them changes no digest. What is not plain DER is left whole: OpenSSL
// decides about it.
#pragma once

#include <optional>

#include "core/bytes.h"
#include "signing/keys/openssl.h"

namespace qianda::signing::verify {

void freeCertificates(STACK_OF(X509) * stack);
using Certificates = core::Handle<STACK_OF(X509), &freeCertificates>;

struct Carved {
  core::Bytes octets;         // the structure without its certificates
  Certificates certificates;  // in their order
};
// Of a ContentInfo with SignedData (RFC 5652 5.1); nullopt when it holds no certificates that can be cut.
std::optional<Carved> carveSignedData(core::BytesView contentInfo);
// The BasicOCSPResponse within an OCSPResponse (RFC 6960 4.2.1); nullopt as above.
std::optional<Carved> carveOcspResponse(core::BytesView response);

}  // namespace qianda::signing::verify
