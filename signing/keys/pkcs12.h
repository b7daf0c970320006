// A PKCS#12 file taken apart (RFC 7292), for those who need OpenSSL's key itself; signers use loadPkcs12
// (keys/signing_key.h), which holds the key behind a SigningKey.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "signing/keys/openssl.h"

namespace qianda::signing {

struct Pkcs12 {
  KeyHandle key;
  core::Bytes certificate;         // DER
  std::vector<core::Bytes> chain;  // DER, issuer first
};

// Any kind of key. Throws kInvalidInput naming the file, never the passphrase.
Pkcs12 openPkcs12(const std::string& path, std::string_view passphrase);

}  // namespace qianda::signing
