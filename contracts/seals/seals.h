// The seals of an organisation (电子印章: image, name, owner, certificate and key together, 国办发〔2025〕33号).
// Creating one draws its key in the custody of contracts/seals/seal_cabinet.h and has its certificate issued for the
// organisation; a seal made with the development PKI carries 示例. Suspending and revoking count at once: from the
// commit on, nothing starts to be sealed with it. All states and who changed them are audit entries. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "contracts/actor.h"
#include "core/bytes.h"
#include "core/time.h"
#include "signing/seal/seal_appearance.h"
#include "storage/sql/database.h"

namespace qianda::contracts {

struct Seal {
  std::string id, organisation, name;
  signing::SealDesign design;
  std::string keyReference;  // "database", "configured:NAME"
  core::Bytes certificate;   // DER
  std::string certificateSha256, certificateSerial;
  core::Instant notAfter;  // of the certificate
  std::string state;       // "active", "suspended", "revoked"
  std::string stateReason;
  std::string createdBy;
  core::Instant createdAt;
};

// Throws kConflict when the organisation has a seal of that name.
void insertSeal(storage::Transaction& transaction, const Seal& seal, const Actor& actor);
std::optional<Seal> findSeal(storage::Transaction& transaction, const std::string& organisation, const std::string& id);
// kNotFound also for another organisation's.
Seal getSeal(storage::Transaction& transaction, const std::string& organisation, const std::string& id);
// By id, behind `after`.
std::vector<Seal> listSeals(storage::Transaction& transaction, const std::string& organisation,
                            const std::string& after = {}, std::size_t limit = 100);
// `state`: "active" (only from "suspended"), "suspended" (only from "active"), "revoked" (for good). Throws kNotFound
// or kConflict.
void changeSealState(storage::Transaction& transaction, const Actor& actor, const std::string& id,
                     const std::string& state, const std::string& reason, core::Instant now);

}  // namespace qianda::contracts
