// What the room asks of an X.509 certificate (RFC 5280): parse, read PEM, name the parties. Texts are UTF-8 whatever
// string type the certificate uses. Functions only read their certificate, so threads may share one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "signing/keys/openssl.h"

namespace qianda::signing {

// Exactly one certificate, nothing after it; null for anything else (the error queue is left empty).
X509Handle findCertificate(core::BytesView der);
// As findCertificate, from a bounded memory of what was parsed before in this process: shared, so never to be changed.
X509Handle shareCertificate(core::BytesView der);
// As findCertificate; throws kInvalidInput.
X509Handle parseCertificate(core::BytesView der);
// Signs with the digest that goes with the key: SHA-256, SHA-384 for P-384, SM3 with the default user id for SM2.
void signCertificate(X509* certificate, EVP_PKEY* issuerKey);
// Whether the signature over `message` verifies with that digest (a NID), SM2 with the default user id.
bool verifySignature(EVP_PKEY* key, int digestNid, core::BytesView message, core::BytesView signature);
core::Bytes encodeCertificate(const X509* certificate);

// DER of every CERTIFICATE block, in order, other blocks passed over; throws kInvalidInput for a broken block.
std::vector<core::Bytes> readPemCertificates(std::string_view pem);

// Issuer by issuer, from the signer upwards, as far as the pool goes (DER); certificates of other paths are left out.
std::vector<core::Bytes> orderChain(core::BytesView signer, const std::vector<core::Bytes>& pool);

// The last attribute of that type, "" if there is none.
std::string commonNameOf(const X509_NAME* name);
std::string organisationOf(const X509_NAME* name);
// RFC 2253, readable: "CN=...,O=...,C=CN".
std::string textOf(const X509_NAME* name);
// O if there is one, else CN: the name a seal shows.
std::string partyName(const X509* certificate);
// Lower-case hexadecimal, without sign or leading zero octets.
std::string serialHex(const X509* certificate);
// Subject equals issuer and the signature verifies with its own key.
bool isSelfSigned(X509* certificate);

}  // namespace qianda::signing
