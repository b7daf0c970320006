// Makes one sealed contract from one record: compose, hash, sign, complete. A Press is what a batch shares (immutable,
// thread-safe); a PressWorker is one thread's hands with its reused memory. Without a signer the contract is unsigned:
// its fields stay open for all parties.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/id.h"
#include "core/time.h"
#include "signing/cms/cades_signer.h"
#include "signing/pades/long_term.h"
#include "signing/pades/prepared_signature.h"
#include "signing/seal/seal_appearance.h"
#include "templates/typesetter.h"

namespace qianda::contracts {

inline constexpr std::string_view kDefaultVerificationAddress = "HTTPS://QIANDA.EXAMPLE/V/";

struct PressOptions {
  std::string party = "employer";  // who seals
  signing::SealDesign seal;        // the look of the seal
  std::string reason = "劳动合同签署";
  std::string verificationAddress{kDefaultVerificationAddress};
  // Of every contract. B-T is the signer's doing (CadesOptions); above it, `services` are asked for each contract.
  signing::Level level = signing::Level::kB;
  signing::LongTermServices services;
};

class Press {
 public:
  // `signer` null: nobody seals now. Throws kInvalidInput when the template has no such party.
  Press(std::shared_ptr<const templates::Template> form, std::shared_ptr<const signing::CadesSigner> signer,
        PressOptions options);

  const templates::FrozenTemplate& frozen() const { return *frozen_; }
  const std::string& prefix() const { return frozen_->prefix(); }
  signing::Level level() const { return options_.level; }
  // Cuts the field fonts for a batch that uses these characters; before the first worker.
  void prepareFonts(const templates::CharacterSet& characters);

 private:
  friend class PressWorker;
  std::shared_ptr<const signing::CadesSigner> signer_;
  PressOptions options_;
  std::shared_ptr<const templates::FrozenTemplate> frozen_;
  std::shared_ptr<const templates::FieldFonts> fonts_;
  std::optional<signing::HashState> prefixState_;  // with a signer
};

// Seconds spent, summed over contracts (qianda bench template).
struct PressCost {
  templates::ComposeCost compose;
  double hash = 0, sign = 0, complete = 0;
};

class PressWorker {
 public:
  explicit PressWorker(const Press& press);
  // The finished tail: the contract is press.prefix() ++ tail. Throws kUnavailable when its level cannot be reached.
  std::string make(const templates::Record& record, core::DocumentId id, core::Instant at, PressCost* cost = nullptr);
  std::uint32_t pages() const { return composition_.pages; }  // of the contract made last

 private:
  const Press& press_;
  templates::Composer composer_;
  templates::Composition composition_;
  signing::SignatureDictionary dictionary_;
  std::chrono::sys_seconds dictionarySecond_{};
  core::Bytes cms_;
};

}  // namespace qianda::contracts
