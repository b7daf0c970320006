// The document security store (ISO 32000-2 12.8.4.3, EN 319 142-1 5.4.2): reads certificates, OCSP responses and CRLs
// into evidence, and names what is not genuine. What the store says of itself (VRI) is not needed to judge and only has
// to belong to a signature of the file.
#pragma once

#include <set>
#include <string>

#include "signing/pdf/document.h"
#include "signing/verify/trust.h"

namespace qianda::signing::verify {

struct StoreReading {
  bool exists = false;
  std::string problem;  // one English sentence; empty: sound as far as can be seen
};

// `signatureKeys`: the VRI keys that the file's signatures may have (upper-case hexadecimal SHA-1).
StoreReading readStore(pdf::Document& document, const std::set<std::string>& signatureKeys, Evidence& evidence);

// Names the first item in the evidence whose signature is not its issuer's, though the issuer is at hand.
std::string findForgery(const Evidence& evidence);

// Names a certificate that the evidence holds in two forms, of which one must have been altered: nothing signs the
// certificates that come along with a signature, and a genuine copy elsewhere would hide it.
std::string findAlteredCopy(const Evidence& evidence);

// The VRI key of these Contents (octets as they stand in the file).
std::string vriKey(core::BytesView contents);

}  // namespace qianda::signing::verify
