#include "clients/cli/credential.h"

#include "clients/cli/output.h"
#include "core/error.h"
#include "signing/keys/pkcs11_key.h"

namespace qianda::cli {

signing::Credential loadCredential(const std::string& key, const std::string& passFile) {
  if (!key.starts_with(signing::kPkcs11Scheme)) return signing::loadPkcs12(key, readPassphrase(key, passFile));
  const signing::Pkcs11Address address = signing::parsePkcs11Address(key);
  const std::string& pinFile = passFile.empty() ? address.pinSource : passFile;
  if (pinFile.empty()) {
    throw core::Error(core::ErrorCode::kUsage, "a key on a token needs its PIN: --pass-file FILE or pin-source=FILE");
  }
  return signing::loadPkcs11(address, readPassphrase(key, pinFile));
}

}  // namespace qianda::cli
