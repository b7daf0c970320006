// PKCS#12 files (RFC 7292) in and out, with the private key as OpenSSL's object: for what OpenSSL signs itself
// (certificates, CRLs, OCSP answers). Documents are signed through loadPkcs12 of keys/signing_key.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "signing/keys/openssl.h"

namespace qianda::signing {

struct Pkcs12 {
  KeyHandle key;
  X509Handle certificate;
  std::vector<core::Bytes> chain;  // DER, issuer first
};

// Any kind of key. Throws kInvalidInput naming the file, never the passphrase.
Pkcs12 openPkcs12(const std::string& path, std::string_view passphrase);
// AES-256 under PBKDF2, readable by its owner alone, durable. Throws kInvalidInput for an empty passphrase.
void writePkcs12(const std::string& path, std::string_view passphrase, const Pkcs12& content);

}  // namespace qianda::signing
