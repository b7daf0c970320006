#include "contracts/press.h"

#include <algorithm>

#include "core/error.h"

namespace qianda::contracts {
namespace {

constexpr double kPointsPerMm = 72 / 25.4;

templates::FreezeOptions freezeOptions(const PressOptions& options, bool isSealed) {
  templates::FreezeOptions freeze;
  freeze.verificationAddress = options.verificationAddress;
  if (!isSealed) return freeze;
  const signing::SealAppearance seal = signing::drawSeal(options.seal);
  freeze.isSigned = true;
  freeze.seals.push_back({options.party, seal.content, seal.sizeMm * kPointsPerMm});
  return freeze;
}

class Lap {
 public:
  explicit Lap(bool running) : running_(running), last_(std::chrono::steady_clock::now()) {}
  void add(double& total) {
    if (!running_) return;
    const auto now = std::chrono::steady_clock::now();
    total += std::chrono::duration<double>(now - last_).count();
    last_ = now;
  }

 private:
  bool running_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace

Press::Press(std::shared_ptr<const templates::Template> form, std::shared_ptr<const signing::CadesSigner> signer,
             PressOptions options)
    : signer_(std::move(signer)), options_(std::move(options)) {
  const bool hasParty = std::any_of(form->parties.begin(), form->parties.end(),
                                    [&](const templates::Party& party) { return party.name == options_.party; });
  if (!hasParty) {
    throw core::Error(core::ErrorCode::kInvalidInput,
                      "template " + form->id + " has no party \"" + options_.party + "\"");
  }
  frozen_ = std::make_shared<templates::FrozenTemplate>(std::move(form), freezeOptions(options_, signer_ != nullptr));
  if (!signer_) return;
  prefixState_.emplace(signer_->credential().key->digest());
  prefixState_->update(core::viewOf(frozen_->prefix()));
}

void Press::prepareFonts(const templates::CharacterSet& characters) {
  fonts_ = std::make_shared<templates::FieldFonts>(frozen_, characters);
}

PressWorker::PressWorker(const Press& press) : press_(press), composer_(press.frozen_, press.fonts_) {}

std::string PressWorker::make(const templates::Record& record, core::DocumentId id, core::Instant at, PressCost* cost) {
  if (!press_.signer_) {
    composer_.compose(record, {id, at, {}}, composition_, cost ? &cost->compose : nullptr);
    return std::move(composition_.tail);
  }
  // The dictionary changes with the second only.
  const auto second = std::chrono::floor<std::chrono::seconds>(at);
  if (dictionary_.bytes.empty() || second != dictionarySecond_) {
    signing::SignatureDictionaryFields fields;
    fields.signedAt = at;
    fields.name = press_.signer_->credential().subjectName;
    fields.reason = press_.options_.reason;
    fields.contentsOctets = press_.signer_->maxSize();
    dictionary_ = signing::writeSignatureDictionary(fields);
    dictionarySecond_ = second;
  }
  composer_.compose(record, {id, at, dictionary_.bytes}, composition_, cost ? &cost->compose : nullptr);
  Lap lap(cost != nullptr);
  double ignored = 0;
  const std::span<char> tail(composition_.tail.data(), composition_.tail.size());
  const signing::PreparedSignature prepared =
      signing::prepare(*press_.prefixState_, press_.prefix().size(), tail, composition_.dictionaryOffset, dictionary_);
  lap.add(cost ? cost->hash : ignored);
  press_.signer_->sign(prepared.digest, cms_);
  lap.add(cost ? cost->sign : ignored);
  signing::complete(tail, prepared, cms_);
  lap.add(cost ? cost->complete : ignored);
  if (press_.options_.level > signing::Level::kT) {
    composition_.tail +=
        signing::extend(press_.prefix() + composition_.tail, press_.options_.level, press_.options_.services, at);
  }
  // The string goes to the store; its successor will be about as long.
  std::string finished = std::move(composition_.tail);
  composition_.tail = {};
  composition_.tail.reserve(finished.size() + finished.size() / 8);
  return finished;
}

}  // namespace qianda::contracts
