// Who seals for an organisation when its stage opens: opens the signer and the look of a seal for one use, after the
// seal's grants were asked. Every use and every refusal is logged by the implementation. Thread-safe.
#pragma once

#include <functional>
#include <string>

#include "core/time.h"
#include "signing/cms/cades_signer.h"
#include "signing/seal/appearance.h"
#include "storage/sql/database.h"

namespace qianda::contracts {

struct SealUse {
  std::string organisation;  // id
  std::string seal;          // id
  std::string templateId;    // empty for an uploaded file
  std::string who;           // "user:<id>", "api_key:<id>": who sent the envelope
  std::string envelope;      // id; the same envelope asked for again is one use
};

struct OpenedSeal {
  signing::Credential credential;
  signing::Appearance appearance;
  // Called in the transaction that makes the sealed revision exist, with its SHA-256 in hex; may be empty.
  std::function<void(storage::Transaction&, const std::string& sha256)> settle = {};
};

class SealSource {
 public:
  virtual ~SealSource() = default;
  // Throws kConflict when no grant allows this use now (the message says why), kNotFound for no such seal,
  // kUnavailable when the key cannot be reached now.
  virtual OpenedSeal open(const SealUse& use, core::Instant now) = 0;
};

}  // namespace qianda::contracts
