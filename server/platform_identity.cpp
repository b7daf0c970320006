#include "server/platform_identity.h"

#include "core/error.h"
#include "core/file.h"
#include "core/id.h"
#include "core/text.h"

namespace qianda::server {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "platform";
constexpr const char* kFile = "platform.p12";
constexpr const char* kPassphrase = "passphrase";

// Two processes may start at once: the key of the one that is first counts.
fs::path makeIdentity(const PlatformSettings& settings, const SigningServices& services) {
  const fs::path folder = settings.dataFolder / kFolder, file = folder / kFile;
  if (fs::exists(file)) return file;
  fs::create_directories(folder);
  if (!fs::exists(folder / kPassphrase)) core::writeSecretFile(folder / kPassphrase, core::DocumentId::random().text());
  const std::string passphrase(core::trim(core::readFile(folder / kPassphrase, 4096)));
  try {
    signing::issueWithKey(services.issuer(), "p256", {"company-seal", {settings.name, settings.name}, std::nullopt, ""},
                          file, passphrase);
  } catch (const core::Error& error) {
    if (error.code() != core::ErrorCode::kConflict || !fs::exists(file)) throw;
  }
  return file;
}

}  // namespace

PlatformIdentity::PlatformIdentity(const PlatformSettings& settings, const SigningServices& services) {
  const fs::path file = settings.key.empty() ? makeIdentity(settings, services) : fs::path(settings.key);
  const fs::path secret = settings.key.empty() || settings.passFile.empty() ? file.parent_path() / kPassphrase
                                                                            : fs::path(settings.passFile);
  const std::string passphrase(core::trim(core::readFile(secret, 4096)));
  signing::Credential credential = signing::loadPkcs12(file, passphrase);
  certificates_ = credential.chain;
  signer_ = std::make_unique<signing::CadesSigner>(std::move(credential),
                                                   signing::CadesOptions{signing::CmsProfile::kPkcs, services.time()});
}

}  // namespace qianda::server
