#include "contracts/seals/seal_cabinet.h"

#include "core/base64.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/id.h"
#include "signing/keys/pkcs12.h"
#include "signing/keys/x509.h"
#include "signing/verify/trust.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;

constexpr std::string_view kDatabase = "database", kConfigured = "configured:";

}  // namespace

SealCabinet::SealCabinet(CabinetOptions options) : options_(std::move(options)) {}

MadeSeal SealCabinet::make(const NewSeal& wanted, const Actor& actor, core::Instant now) {
  MadeSeal made;
  Seal& seal = made.seal;
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
    seal.keyReference = kDatabase;
    signing::CertificateOrder order;
    order.profile = "company-seal";
    order.subject = {wanted.design.ownerName, wanted.design.ownerName};
    const signing::Pkcs12 drawn = signing::issueKey(*options_.issuer, wanted.keyKind, order);
    seal.certificate = signing::encodeCertificate(drawn.certificate.get());
    made.key = signing::encodePkcs12("seal " + seal.id, options_.passphrase, drawn);
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
  return made;
}

void SealCabinet::keep(storage::Transaction& transaction, const MadeSeal& made, const Actor& actor) {
  insertSeal(transaction, made.seal, actor);
  if (made.key.empty()) return;
  transaction.execute("INSERT INTO seal_keys (seal, pkcs12) VALUES ($1, $2)", {made.seal.id, core::toBase64(made.key)});
}

signing::Credential SealCabinet::load(const Seal& seal) const {
  const std::string& reference = seal.keyReference;
  if (reference.starts_with(kConfigured)) {
    if (!options_.configured) throw Error(ErrorCode::kNotFound, "no keys are configured");
    return options_.configured(reference.substr(kConfigured.size()));
  }
  const auto row = options_.database->looked<std::optional<storage::Row>>([&](storage::Transaction& transaction) {
    return transaction.findRow("SELECT pkcs12 FROM seal_keys WHERE seal = $1", {seal.id});
  });
  const auto octets = row ? core::fromBase64(row->text(0)) : std::nullopt;
  if (!octets) throw Error(ErrorCode::kCorrupt, "the key of seal " + seal.id + " is not in the database");
  const std::string name = "seal " + seal.id;
  try {
    return signing::credentialOf(signing::decodePkcs12(*octets, name, options_.passphrase), name);
  } catch (const Error& error) {
    // Another node, or a later start, may have the right passphrase: nothing is lost by waiting for it.
    throw Error(ErrorCode::kUnavailable, std::string(error.what()) + " (setting secret-file)",
                "the key of seal " + seal.id + " cannot be opened on this machine");
  }
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
