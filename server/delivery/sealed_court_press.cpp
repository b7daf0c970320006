#include "server/delivery/sealed_court_press.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

#include "contracts/roster_check.h"
#include "contracts/seals/seal_grants.h"
#include "contracts/seals/seals.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/json_text.h"
#include "storage/audit/audit_log.h"

namespace qianda::server {

using contracts::SealRefusal;
using contracts::SealReservation;
using core::Error;
using core::ErrorCode;
using delivery::Pressed;
using delivery::PressItem;

namespace {

constexpr const char* kParty = "court";
constexpr std::size_t kLeastForThreads = 8;

}  // namespace

// The items of one template.
struct SealedCourtPress::Group {
  contracts::Seal seal;
  std::shared_ptr<const templates::Template> form;
  std::vector<std::size_t> items;
  SealReservation reservation;
};

std::shared_ptr<const contracts::Press> SealedCourtPress::frozenPress(
    const contracts::Seal& seal, const SealReservation& reservation,
    const std::shared_ptr<const templates::Template>& form) {
  const std::string key = seal.id + "/" + seal.certificateSha256 + "/" + form->sourceSha256;
  const std::lock_guard lock(mutex_);
  auto& kept = frozen_[key];
  if (kept) return kept;
  contracts::PressOptions options;
  options.party = kParty;
  options.seal = seal.design;
  options.reason = "仲裁文书";
  if (!parts_.verificationAddress.empty()) options.verificationAddress = parts_.verificationAddress;
  options.level = parts_.signing.level();
  options.services = parts_.signing.longTerm();
  signing::CadesOptions cades;
  if (options.level >= signing::Level::kT) cades.time = parts_.signing.time();
  kept = std::make_shared<contracts::Press>(
      form, std::make_shared<signing::CadesSigner>(parts_.cabinet.open(seal, reservation), cades), std::move(options));
  return kept;
}

// All or nothing: without a grant for one of the templates nothing is sealed. What an earlier call reserved for the
// same subject and did not live to settle goes back first.
void SealedCourtPress::reserve(const core::Actor& actor, const std::string& subject, std::vector<Group>& groups,
                               core::Instant now) {
  std::optional<SealRefusal> refused;
  try {
    parts_.database.write([&](storage::Transaction& t) {
      refused.reset();
      for (Group& group : groups) {
        const std::string part = subject + ":" + group.form->id;
        for (const auto& row :
             t.query("SELECT id FROM seal_reservations WHERE subject = $1 AND remaining > 0", {part})) {
          contracts::releaseSeal(t, row.text(0));
        }
        auto answer = contracts::reserveSeal(
            t, actor, {group.seal.id, group.form->id, part, static_cast<std::int64_t>(group.items.size())}, now);
        if (auto* refusal = std::get_if<SealRefusal>(&answer)) {
          refused = std::move(*refusal);
          throw Error(ErrorCode::kConflict, refused->reason);
        }
        group.reservation = std::get<SealReservation>(answer);
      }
    });
  } catch (const Error&) {
    if (!refused) throw;
    parts_.database.write([&](storage::Transaction& t) {
      storage::appendAudit(t, {"organisation:" + actor.organisation, actor.organisation, now, "seal.refused",
                               actor.name, actor.peer, actor.device,
                               core::jsonOf({{"seal", groups.front().seal.id},
                                             {"subject", subject},
                                             {"grant", refused->grant},
                                             {"code", refused->code}})});
    });
    throw;
  }
}

void SealedCourtPress::make(Group& group, const std::vector<PressItem>& items, Pressed& pressed, core::Instant now) {
  contracts::Press press = *frozenPress(group.seal, group.reservation, group.form);
  templates::CharacterSet characters;
  std::vector<templates::Fault> faults;
  for (const std::size_t at : group.items) {
    characters.add(items[at].record);
    press.frozen().checkGlyphs(items[at].record, faults);
  }
  if (!faults.empty()) throw Error(ErrorCode::kInvalidInput, contracts::describe(faults.front()));
  press.prepareFonts(characters);

  storage::BatchRow batch;
  batch.id = core::DocumentId::at(now).text();
  batch.idempotencyKey = "court:" + batch.id;
  batch.templateId = group.form->id;
  batch.templateVersion = group.form->version;
  batch.rows = group.items.size();
  batch.state = "running";
  batch.createdAt = now;
  batch.level = signing::nameOf(press.level());
  parts_.documents.openBatch(batch);
  const storage::Sha256 prefix = parts_.documents.putPrefix(press.prefix());
  signing::HashState shared(signing::DigestAlgorithm::kSha256);  // of what all documents begin with
  shared.update(core::viewOf(press.prefix()));

  std::vector<storage::NewDocument> made(group.items.size());
  std::atomic<std::size_t> next = 0;
  std::exception_ptr fault;
  std::mutex mutex;
  const auto work = [&] {
    try {
      contracts::PressWorker worker(press);
      for (std::size_t i = next++; i < made.size(); i = next++) {
        storage::NewDocument& document = made[i];
        document.id = core::DocumentId::at(now);
        document.batchId = batch.id;
        document.row = i + 1;
        document.prefix = prefix;
        document.createdAt = now;
        document.tail = worker.make(items[group.items[i]].record, document.id, now);
        delivery::PressedDocument& told = pressed.documents[group.items[i]];
        told.id = document.id;
        told.pages = worker.pages();
        told.size = static_cast<std::int64_t>(press.prefix().size() + document.tail.size());
        signing::HashState whole(shared);
        whole.update(core::viewOf(document.tail));
        told.sha256 = core::toHex(whole.finish());
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      fault = std::current_exception();
      next = made.size();
    }
  };
  std::vector<std::jthread> others;
  const std::size_t threads =
      std::min<std::size_t>(std::max(1u, std::thread::hardware_concurrency()), made.size() / kLeastForThreads + 1);
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  others.clear();
  if (fault) std::rethrow_exception(fault);
  parts_.documents.append(made);
  parts_.documents.completeBatch(batch.id);
}

Pressed SealedCourtPress::press(const core::Actor& actor, const std::string& seal, const std::string& subject,
                                const std::vector<PressItem>& items, core::Instant now) {
  std::vector<Group> groups;
  const auto opened = parts_.database.looked<contracts::Seal>(
      [&](storage::Transaction& t) { return contracts::getSeal(t, actor.organisation, seal); });
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const Group& one) { return one.form->sourceSha256 == items[i].form->sourceSha256; });
    if (group == groups.end()) group = groups.insert(groups.end(), Group{opened, items[i].form, {}, {}});
    group->items.push_back(i);
  }
  reserve(actor, subject, groups, now);
  Pressed pressed;
  pressed.documents.resize(items.size());
  try {
    for (Group& group : groups) make(group, items, pressed, now);
  } catch (...) {
    parts_.database.write([&](storage::Transaction& t) {
      for (const Group& group : groups) contracts::releaseSeal(t, group.reservation.id);
    });
    throw;
  }
  std::vector<std::pair<SealReservation, std::string>> uses;
  for (const Group& group : groups) {
    std::string digests;
    for (const std::size_t at : group.items) digests += pressed.documents[at].sha256;
    uses.emplace_back(group.reservation, core::sha256Hex(digests));
    uses.back().first.remaining = static_cast<std::int64_t>(group.items.size());
  }
  pressed.settle = [uses, actor, now](storage::Transaction& t) {
    for (const auto& [reservation, digest] : uses) {
      contracts::settleSeal(t, reservation, reservation.remaining, digest, actor, now);
    }
  };
  return pressed;
}

}  // namespace qianda::server
