// The signer that a command line names: a PKCS#12 file, or a key on a token as pkcs11:module=...;token=...;object=...
// (signing/keys/pkcs11_key.h). The passphrase or PIN comes from a file (/dev/fd/N for a descriptor), never from the
// command line.
#pragma once

#include <string>

#include "signing/keys/signing_key.h"

namespace qianda::cli {

// For --help of every option that takes one.
inline constexpr const char* kKeyHelp = "PKCS#12, or pkcs11:module=PATH;token=LABEL;object=LABEL";
inline constexpr const char* kPassFileHelp = "File with its passphrase or PIN; default: `passphrase` beside a PKCS#12";

signing::Credential loadCredential(const std::string& key, const std::string& passFile);

}  // namespace qianda::cli
