// Who the service is when it signs for itself: evidence packages, audit exports, reports. A PKCS#12 file that is
// configured, or one below the data folder, made on the first start with a certificate of the service's own issuer
// (several nodes share one: configure it). Every signature carries a timestamp when there is an authority; one that is
// silent is an error, never a signature without. Immutable, any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "server/signing_services.h"
#include "signing/cms/cades_signer.h"

namespace qianda::server {

struct PlatformSettings {
  std::filesystem::path dataFolder;
  std::string key, passFile;         // PKCS#12; its passphrase's file, default `passphrase` beside it
  std::string name = "签达 Qianda";  // on a certificate made here
};

class PlatformIdentity {
 public:
  // Throws what opening the file or asking for the certificate throws.
  PlatformIdentity(const PlatformSettings& settings, const SigningServices& services);

  const signing::CadesSigner& signer() const { return *signer_; }
  // What paths to the anchors need: the chains of the platform.
  const std::vector<core::Bytes>& certificates() const { return certificates_; }

 private:
  std::unique_ptr<const signing::CadesSigner> signer_;
  std::vector<core::Bytes> certificates_;
};

}  // namespace qianda::server
