// Keys on a token (PKCS#11 2.40: HSM, smart card, SoftHSM), which never leave it. The module is opened once a process
// and spoken to through its C interface; each key has a pool of sessions, one for every thread that signs at once.
// A token that was lost (pulled, restarted, sessions dropped) is opened again, up to three times for one signature; a
// PIN that was refused is never tried again, so that no token locks itself. Keys: RSA by CKM_RSA_PKCS over DigestInfo,
// P-256 and P-384 by CKM_ECDSA.
#pragma once

#include <string>
#include <string_view>

#include "signing/keys/signing_key.h"

namespace qianda::signing {

struct Pkcs11Address {
  std::string module;       // path of the shared library
  std::string token;        // its label
  std::string object;       // label of the key; may be empty when `id` is given
  core::Bytes id;           // CKA_ID of the key; may be empty when `object` is given
  std::string certificate;  // PEM file with the certificate and those above it; empty: on the token, by the key's id
  std::string pinSource;    // file with the PIN, if the address names one
};

inline constexpr std::string_view kPkcs11Scheme = "pkcs11:";

// "pkcs11:module=/usr/lib/softhsm/libsofthsm2.so;token=LABEL;object=LABEL", values percent-encoded where needed (RFC
// 7512; also id, module-path, pin-source and certificate). Throws kUsage for anything else, for a PIN in the address
// too: it would stand in the list of processes.
Pkcs11Address parsePkcs11Address(std::string_view text);

// Signs once to prove that key and certificate belong together. Throws kInvalidInput (wrong PIN, no such key or
// certificate, they do not belong together), kUnavailable (module or token cannot be used now), kUnsupported.
Credential loadPkcs11(const Pkcs11Address& address, std::string_view pin);

}  // namespace qianda::signing
