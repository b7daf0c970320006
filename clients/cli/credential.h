// The signer that a command line names: a PKCS#12 file, a key on a token as pkcs11:module=...;token=...;object=...
// (signing/keys/pkcs11_key.h), or one at a remote signer as remote:https://host/path?credential=ID (server/outbound/
// remote_key.h). The passphrase, PIN or bearer token comes from a file (/dev/fd/N for a descriptor), never from the
// command line.
#pragma once

#include <string>

#include "signing/keys/signing_key.h"

namespace qianda::cli {

// For --help of every option that takes one.
inline constexpr const char* kKeyHelp =
    "PKCS#12, pkcs11:module=PATH;token=LABEL;object=LABEL, or remote:https://HOST/PATH?credential=ID&authorities=PEM";
inline constexpr const char* kPassFileHelp =
    "File with its passphrase, PIN or bearer token; default: `passphrase` beside a PKCS#12";

signing::Credential loadCredential(const std::string& key, const std::string& passFile);

}  // namespace qianda::cli
