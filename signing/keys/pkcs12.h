// PKCS#12 (RFC 7292) in and out, files or octets, with the private key as OpenSSL's object: for what OpenSSL signs
// itself (certificates, CRLs, OCSP answers). Documents are signed through loadPkcs12 of keys/signing_key.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "signing/keys/openssl.h"
#include "signing/keys/signing_key.h"

namespace qianda::signing {

struct Pkcs12 {
  KeyHandle key;
  X509Handle certificate;
  std::vector<core::Bytes> chain;  // DER, issuer first
};

// Any kind of key. Throws kInvalidInput naming the file (or `name`), never the passphrase.
Pkcs12 openPkcs12(const std::string& path, std::string_view passphrase);
Pkcs12 decodePkcs12(core::BytesView octets, const std::string& name, std::string_view passphrase);
// AES-256 under PBKDF2. Throws kInvalidInput for an empty passphrase.
core::Bytes encodePkcs12(const std::string& name, std::string_view passphrase, const Pkcs12& content);
// The same into a file that its owner alone can read, durable.
void writePkcs12(const std::string& path, std::string_view passphrase, const Pkcs12& content);

// What signs documents with it. Throws kInvalidInput naming `name` for a kind of key that cannot.
Credential credentialOf(Pkcs12 opened, const std::string& name);

}  // namespace qianda::signing
