// Where a certificate says its state is to be asked: OCSP responders of its authority information access (RFC 5280
// 4.2.2.1) and places of its CRL distribution points (4.2.1.13). Only http addresses in ASCII: other schemes, points
// for some reasons alone and points of another CRL issuer are left out. What is read is as hostile as the certificate.
#pragma once

#include <string>
#include <vector>

#include "core/bytes.h"

namespace qianda::signing {

struct RevocationAddresses {
  std::vector<std::string> responders, lists;  // in the certificate's order, each once, at most four
};
// Nothing for octets that are no certificate.
RevocationAddresses revocationAddressesOf(core::BytesView certificate);

// Whether a CRL fetched from `address` speaks of that certificate (RFC 5280 6.3.3 b): it is no delta, and where it has
// an issuing distribution point, that one names the address, all reasons, and certificates of this one's kind.
bool isListFor(core::BytesView crl, core::BytesView certificate, const std::string& address);

}  // namespace qianda::signing
