#include "server/signing_configuration.h"

#include <map>

#include "core/error.h"
#include "core/file.h"
#include "core/id.h"
#include "core/text.h"
#include "server/outbound/remote_key.h"
#include "server/places.h"
#include "signing/keys/pkcs11_key.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;

constexpr std::size_t kLargestSecret = 4096, kLeastSecret = 16;  // octets

std::string secretOf(const std::string& file, const std::string& name) {
  if (file.empty()) throw Error(ErrorCode::kUsage, "seal-keys: " + name + " names no file with its PIN or token");
  return std::string(core::trim(core::readFile(file, kLargestSecret)));
}

signing::Credential openKey(const std::string& name, const std::string& reference) {
  if (reference.starts_with(signing::kPkcs11Scheme)) {
    const signing::Pkcs11Address address = signing::parsePkcs11Address(reference);
    return signing::loadPkcs11(address, secretOf(address.pinSource, name));
  }
  const RemoteAddress address = parseRemoteAddress(reference);
  return loadRemoteCredential(address, secretOf(address.tokenFile, name));
}

std::string keySecret(const Configuration& configuration) {
  std::filesystem::path file = configuration.text("secret-file");
  if (file.empty()) {
    file = dataFolder(configuration) / "secret";
    if (!std::filesystem::exists(file)) {
      core::writeSecretFile(file, core::DocumentId::random().text() + core::DocumentId::random().text() + "\n");
    }
  }
  std::string secret(core::trim(core::readFile(file, kLargestSecret)));
  if (secret.size() < kLeastSecret) {
    throw Error(ErrorCode::kUsage,
                "secret-file: " + file.string() + " holds less than " + std::to_string(kLeastSecret) + " characters");
  }
  return secret;
}

}  // namespace

SigningSettings signingSettings(const Configuration& configuration) {
  SigningSettings settings;
  settings.dataFolder = configuration.text("data-folder");
  settings.authorityFolder = configuration.text("authority-folder");
  settings.authorityPassFile = configuration.text("authority-pass-file");
  settings.issuerCommand = configuration.list("issuer-command");
  settings.timestampUrl = configuration.text("timestamp-url");
  settings.timestampPolicy = configuration.text("timestamp-policy");
  settings.trust = configuration.list("trust");
  settings.asksOnline = configuration.flag("revocation-online");
  settings.onlineHosts = configuration.list("revocation-hosts");
  settings.level = configuration.text("level");
  return settings;
}

contracts::CabinetOptions cabinetOptions(const Configuration& configuration, storage::Database& database,
                                         const SigningServices& signing) {
  std::map<std::string, std::string> keys;
  for (const std::string& line : configuration.list("seal-keys")) {
    const std::size_t equals = line.find('=');
    const std::string name = line.substr(0, equals);
    const std::string reference = equals == std::string::npos ? "" : line.substr(equals + 1);
    const bool isKnown = reference.starts_with(signing::kPkcs11Scheme) || reference.starts_with(kRemoteScheme);
    if (name.empty() || !isKnown || !keys.emplace(name, reference).second) {
      throw Error(ErrorCode::kUsage,
                  "seal-keys: NAME=pkcs11:... or NAME=remote:..., each name once, not \"" + line + "\"");
    }
  }
  contracts::CabinetOptions options;
  options.database = &database;
  options.passphrase = keySecret(configuration);
  options.issuer = &signing.issuer();
  options.isDevelopment = signing.isDevelopment();
  options.configured = [keys = std::move(keys)](const std::string& name) {
    const auto found = keys.find(name);
    if (found == keys.end()) throw Error(ErrorCode::kNotFound, "no key " + name + " is configured");
    return openKey(name, found->second);
  };
  return options;
}

}  // namespace qianda::server
