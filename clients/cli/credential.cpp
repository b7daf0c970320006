#include "clients/cli/credential.h"

#include "clients/cli/output.h"
#include "core/error.h"
#include "server/outbound/remote_key.h"
#include "signing/keys/pkcs11_key.h"

namespace qianda::cli {
namespace {

// What the key's file holds, from --pass-file or the file that the address names.
std::string readSecret(const std::string& passFile, const std::string& named, const char* need) {
  const std::string& file = passFile.empty() ? named : passFile;
  if (file.empty()) throw core::Error(core::ErrorCode::kUsage, need);
  return readPassphrase({}, file);
}

signing::Credential loadFromToken(const std::string& key, const std::string& passFile) {
  const signing::Pkcs11Address address = signing::parsePkcs11Address(key);
  return signing::loadPkcs11(
      address,
      readSecret(passFile, address.pinSource, "a key on a token needs its PIN: --pass-file FILE or pin-source=FILE"));
}

signing::Credential loadFromService(const std::string& key, const std::string& passFile) {
  const server::RemoteAddress address = server::parseRemoteAddress(key);
  return server::loadRemoteCredential(
      address, readSecret(passFile, address.tokenFile,
                          "a key at a remote signer needs a bearer token: --pass-file FILE or token-file=FILE"));
}

}  // namespace

signing::Credential loadCredential(const std::string& key, const std::string& passFile) {
  if (key.starts_with(signing::kPkcs11Scheme)) return loadFromToken(key, passFile);
  if (key.starts_with(server::kRemoteScheme)) return loadFromService(key, passFile);
  return signing::loadPkcs12(key, readPassphrase(key, passFile));
}

}  // namespace qianda::cli
