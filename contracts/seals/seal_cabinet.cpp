#include "contracts/seals/seal_cabinet.h"

#include "core/digest.h"
#include "core/error.h"
#include "core/file.h"
#include "core/id.h"
#include "core/text.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"
#include "signing/verify/trust.h"

namespace qianda::contracts {
namespace {

namespace fs = std::filesystem;
using core::Error;
using core::ErrorCode;

constexpr std::string_view kFile = "file:", kConfigured = "configured:";

fs::path passphraseOf(const fs::path& key) { return fs::path(key).replace_extension(".passphrase"); }

void makeFolder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) throw Error(ErrorCode::kSystem, "cannot make " + folder.string() + ": " + error.message());
}

}  // namespace

SealCabinet::SealCabinet(CabinetOptions options) : options_(std::move(options)) {}

Seal SealCabinet::make(const NewSeal& wanted, const Actor& actor, core::Instant now) {
  Seal seal;
  seal.id = core::DocumentId::at(now).text();
  seal.organisation = actor.organisation;
  seal.name = wanted.name;
  seal.design = wanted.design;
  seal.design.demo = options_.isDevelopment;
  signing::drawSeal(seal.design);
  seal.state = "active";
  seal.createdBy = actor.name;
  seal.createdAt = now;
  if (wanted.configuredKey.empty()) {
    makeFolder(options_.folder);
    const std::string file = seal.id + ".p12";
    seal.keyReference = std::string(kFile) + file;
    const std::string passphrase = core::DocumentId::random().text() + core::DocumentId::random().text();
    core::writeSecretFile(passphraseOf(options_.folder / file), passphrase + "\n");
    signing::CertificateOrder order;
    order.profile = "company-seal";
    order.subject = {wanted.design.ownerName, wanted.design.ownerName};
    seal.certificate =
        signing::issueWithKey(*options_.issuer, wanted.keyKind, order, options_.folder / file, passphrase).certificate;
  } else {
    seal.keyReference = std::string(kConfigured) + wanted.configuredKey;
    const signing::Credential credential = load(seal);
    if (credential.subjectName != wanted.design.ownerName) {
      throw Error(ErrorCode::kInvalidInput, "the certificate of key " + wanted.configuredKey + " is of " +
                                                credential.subjectName + ", not of " + wanted.design.ownerName);
    }
    seal.certificate = credential.certificate;
  }
  const auto certificate = signing::parseCertificate(seal.certificate);
  seal.certificateSha256 = core::sha256Hex(core::textOf(seal.certificate));
  seal.certificateSerial = signing::serialHex(certificate.get());
  seal.notAfter = signing::verify::instantOf(X509_get0_notAfter(certificate.get()));
  return seal;
}

void SealCabinet::discard(const Seal& seal) noexcept {
  if (!seal.keyReference.starts_with(kFile)) return;
  const fs::path file = options_.folder / seal.keyReference.substr(kFile.size());
  std::error_code ignored;
  fs::remove(file, ignored);
  fs::remove(passphraseOf(file), ignored);
}

signing::Credential SealCabinet::load(const Seal& seal) const {
  const std::string& reference = seal.keyReference;
  if (reference.starts_with(kConfigured)) {
    if (!options_.configured) throw Error(ErrorCode::kNotFound, "no keys are configured");
    return options_.configured(reference.substr(kConfigured.size()));
  }
  const fs::path file = options_.folder / reference.substr(kFile.size());
  if (!reference.starts_with(kFile) || !fs::exists(file)) {
    throw Error(ErrorCode::kUnavailable, "the key of seal " + seal.id + " is not on this machine: " + file.string(),
                "the key of seal " + seal.id + " is not on this machine");
  }
  return signing::loadPkcs12(file, core::trim(core::readFile(passphraseOf(file), 4096)));
}

signing::Credential SealCabinet::open(const Seal& seal, const SealReservation& reservation) {
  if (reservation.seal != seal.id || reservation.organisation != seal.organisation) {
    throw Error(ErrorCode::kConflict, "reservation " + reservation.id + " is not of seal " + seal.id);
  }
  const std::lock_guard lock(mutex_);
  if (const auto found = open_.find(seal.id); found != open_.end()) return found->second;
  signing::Credential credential = load(seal);
  if (core::sha256Hex(core::textOf(credential.certificate)) != seal.certificateSha256) {
    throw Error(ErrorCode::kCorrupt, "the key of seal " + seal.id + " has another certificate than the seal");
  }
  open_.emplace(seal.id, credential);
  return credential;
}

}  // namespace qianda::contracts
