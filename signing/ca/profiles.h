// What the authority issues: one row a kind of certificate (RFC 5280 4.2; RFC 3161 2.3; RFC 6960 4.2.2.2). A
// short-lived event certificate is made for one signing ceremony and names it in an extension, so that it is good for
// nothing else.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "signing/keys/openssl.h"

namespace qianda::signing {

struct CertificateProfile {
  std::string_view name;
  const char* keyUsage;
  const char* extendedKeyUsage;
  std::chrono::seconds usual, shortest, longest;
  bool isEvent = false;    // bound to an event id
  bool isNoCheck = false;  // id-pkix-ocsp-nocheck
};

std::span<const CertificateProfile> certificateProfiles();
// Throws kInvalidInput, naming all profiles.
const CertificateProfile& getCertificateProfile(std::string_view name);

// The extension that names the event: a UTF8String of 1 to 64 letters, digits and "-._:"; under a UUID arc (X.667).
inline constexpr const char* kEventExtension = "2.25.205141760177666257973621753281547784536";
// "" for a certificate without one.
std::string eventOf(const X509* certificate);

}  // namespace qianda::signing
