// The custody of seal keys, apart from their use: this is the only place that draws and opens them, and it opens one
// only for a reservation under a grant (contracts/seals/seal_grants.h). Keys drawn here lie in the database as PKCS#12
// (RFC 7292, AES-256 under PBKDF2) whose passphrase does not, so that every node has them and a copy of the database
// alone has none; keys on a token or at a remote signer are named by the operator's configuration, never by a request.
// A key once opened stays open and is shared by all who seal with it. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "contracts/seals/seal_grants.h"
#include "contracts/seals/seals.h"
#include "signing/ca/certificate_issuer.h"
#include "signing/keys/signing_key.h"

namespace qianda::contracts {

struct CabinetOptions {
  storage::Database* database = nullptr;         // outlives the cabinet
  std::string passphrase;                        // of the keys in it; the same on every node
  signing::CertificateIssuer* issuer = nullptr;  // outlives the cabinet
  bool isDevelopment = false;                    // seals made here carry 示例
  // The key the configuration calls by that name; throws kNotFound. May be empty.
  std::function<signing::Credential(const std::string& name)> configured = {};
};

struct NewSeal {
  std::string name;              // "人事专用章", unique in the organisation
  signing::SealDesign design;    // ownerName: the organisation's registered name; `demo` is not asked
  std::string keyKind = "p256";  // as signing::generateKey; not looked at when a configured key is named
  std::string configuredKey;
};

struct MadeSeal {
  Seal seal;
  core::Bytes key;  // PKCS#12, encrypted; empty for a configured one
};

class SealCabinet {
 public:
  explicit SealCabinet(CabinetOptions options);

  // Draws or finds the key and has its certificate issued. Throws kInvalidInput for a design that cannot be drawn or a
  // configured key whose certificate is another owner's.
  MadeSeal make(const NewSeal& wanted, const Actor& actor, core::Instant now);
  // From the commit on it exists. Throws kConflict when the organisation has a seal of that name.
  static void keep(storage::Transaction& transaction, const MadeSeal& made, const Actor& actor);

  // Throws kConflict when the reservation is another seal's, kUnavailable when the key cannot be had on this machine,
  // kCorrupt when it is not the key of the seal's certificate.
  signing::Credential open(const Seal& seal, const SealReservation& reservation);

 private:
  signing::Credential load(const Seal& seal) const;

  const CabinetOptions options_;
  std::mutex mutex_;
  std::map<std::string, signing::Credential> open_;  // by seal
};

}  // namespace qianda::contracts
