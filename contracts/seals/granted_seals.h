// The seals of organisations for envelopes whose stage opens (contracts/envelope/seal_source.h): a key is opened when a
// grant of who sent the envelope allows it now; the use counts with it, once an envelope. Refusals are audit entries,
// too. Thread-safe; database and cabinet outlive this.
#pragma once

#include "contracts/envelope/seal_source.h"
#include "contracts/seals/seal_cabinet.h"
#include "storage/sql/database.h"

namespace qianda::contracts {

class GrantedSeals : public SealSource {
 public:
  GrantedSeals(storage::Database& database, SealCabinet& cabinet) : database_(database), cabinet_(cabinet) {}
  OpenedSeal open(const SealUse& use, core::Instant now) override;

 private:
  storage::Database& database_;
  SealCabinet& cabinet_;
};

}  // namespace qianda::contracts
