#include "contracts/batches/batch_run.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "contracts/batches/batch_end.h"
#include "contracts/batches/batch_intake.h"
#include "contracts/batches/row_snapshot.h"
#include "contracts/envelope/create_envelopes.h"
#include "contracts/outage.h"
#include "contracts/pipeline.h"
#include "contracts/press.h"
#include "core/error.h"
#include "templates/law/law.h"
#include "templates/roster.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Transaction;
using templates::Template;

constexpr std::chrono::minutes kServiceRetry{1};
constexpr std::size_t kAdoptedAtOnce = 256;

// A row with its document, or the reason why it has none.
struct MadeRow {
  std::int64_t row = 0;
  std::string name, reason;
  NewEnvelope envelope;
  EvidenceSnapshot snapshot;
};

class Run {
 public:
  Run(const BatchHouse& house, const storage::Lease& lease, const std::atomic<bool>& stopping)
      : house_(house), lease_(lease), stopping_(stopping) {}

  BatchEnd go() {
    house_.database.write([&](Transaction& t) { batch_ = takeBatch(t, lease_, house_.clock()); });
    if (isOver(batch_)) {
      house_.database.write([&](Transaction& t) { storage::finishWork(t, lease_, house_.clock()); });
      return {};
    }
    if (mayGoOn()) {
      prepare();
      adopt();
      make();
    }
    return end();
  }

 private:
  // Opens everything the batch shares. Seals only for its reservation.
  void prepare() {
    form_ = house_.form(batch_.templateId, batch_.templateVersion);
    law_.emplace(form_);
    checkedOn_ = core::chinaDate(batch_.createdAt);
    house_.database.read([&](Transaction& t) { seal_ = getSeal(t, batch_.organisation, batch_.seal); });
    services_.emplace(house_.outside, house_.patience);
    PressOptions options;
    options.seal = seal_.design;
    if (!house_.verificationAddress.empty()) options.verificationAddress = house_.verificationAddress;
    options.level = signing::levelNamed(batch_.level);
    options.services = services_->longTerm();
    std::shared_ptr<const signing::CadesSigner> signer;
    if (batch_.employerFirst) {
      signing::CadesOptions cades;
      if (options.level >= signing::Level::kT) cades.time = services_->time();
      signing::Credential credential = house_.cabinet.open(seal_, reservation_);
      concurrency_ = credential.key->concurrency();
      signer = std::make_shared<signing::CadesSigner>(std::move(credential), cades);
    }
    press_.emplace(form_, std::move(signer), std::move(options));
    templates::CharacterSet characters;
    characters.add(batch_.characters);
    press_->prepareFonts(characters);
    content_.emplace(signing::DigestAlgorithm::kSha256);
    content_->update(core::viewOf(press_->prefix()));
    roster_.emplace(loadRoster(house_.database, batch_.id));
    fields_ = {form_->findField("worker_name"), form_->findField("worker_id_no"), form_->findField("worker_phone")};
    storage::BatchRow row;
    row.id = batch_.id;
    row.idempotencyKey = "service:" + batch_.id;
    row.requestDigest = batch_.requestSha256;
    row.templateId = batch_.templateId;
    row.templateVersion = batch_.templateVersion;
    row.rows = static_cast<std::uint64_t>(batch_.rows);
    row.state = "running";
    row.createdAt = batch_.createdAt;
    row.level = batch_.level;
    house_.documents.openBatch(row);
    prefix_ = house_.documents.putPrefix(press_->prefix());
  }

  // Nothing is dropped in silence: why the run goes no further is its end.
  bool mayGoOn() {
    if (stopping_) throw Error(ErrorCode::kUnavailable, "interrupted: the batch goes on elsewhere");
    house_.database.read([&](Transaction& t) {
      const BatchRecord now = loadBatch(t, batch_.id);
      if (now.runner != lease_.token)
        throw Error(ErrorCode::kConflict, "batch " + batch_.id + " has another runner now");
      if (now.isCancelAsked) {
        state_ = "cancelled";
      } else if (!batch_.reservation.empty()) {
        reservation_ = getReservation(t, batch_.reservation);
        if (const auto refusal = stillGranted(t, reservation_, house_.clock())) {
          state_ = "stopped";
          reason_ = refusal->reason;
        }
      }
    });
    return state_.empty();
  }

  MadeRow rowOf(const templates::RosterRow& row, const templates::Record& record) const {
    MadeRow made;
    made.row = static_cast<std::int64_t>(row.row);
    made.name = record.values[fields_[0]].text;
    NewEnvelope& envelope = made.envelope;
    envelope.organisation = batch_.organisation;
    envelope.batch = batch_.id;
    envelope.row = made.row;
    envelope.kind = form_->law == templates::LawProfile::kNone ? "document" : "labour_contract";
    envelope.templateId = batch_.templateId;
    envelope.templateVersion = batch_.templateVersion;
    envelope.title = form_->titleZh + "（" + made.name + "）";
    envelope.level = batch_.level;
    envelope.createdBy = batch_.createdBy;
    envelope.expires = batch_.expires;
    NewParty employer{"employer",
                      PartyKind::kOrganisation,
                      batch_.employerFirst ? 1 : 2,
                      batch_.employerFirst,
                      seal_.design.ownerName,
                      "",
                      "",
                      batch_.organisation,
                      seal_.id};
    NewParty worker{"worker",
                    PartyKind::kPerson,
                    batch_.employerFirst ? 2 : 1,
                    false,
                    made.name,
                    record.values[fields_[1]].text,
                    record.values[fields_[2]].text,
                    "",
                    ""};
    envelope.parties = {std::move(employer), std::move(worker)};
    return made;
  }

  void seeDocument(MadeRow& made, core::DocumentId id, std::size_t size, const std::string& sha256) const {
    made.envelope.document = id;
    made.envelope.size = static_cast<std::int64_t>(size);
    made.envelope.sha256 = sha256;
  }

  // `found`: what is to be known of it and keeps nobody.
  templates::Record recordOf(const templates::RosterReader& reader, const templates::RosterRow& row,
                             std::vector<templates::Fault>& found) const {
    templates::Record record = reader.parse(row, found);
    const auto fault = std::find_if(found.begin(), found.end(), templates::isBlocking);
    if (fault != found.end()) throw Error(ErrorCode::kInvalidInput, describe(*fault));
    return record;
  }

  void takeSnapshot(MadeRow& made, core::DocumentId id, const templates::Record& record,
                    std::vector<templates::Fault>& found) const {
    law_->check(record, checkedOn_, found);
    made.snapshot = snapshotOf(id.text(), *form_, record, found, checkedOn_);
  }

  // Documents that an earlier run made durable and did not live to commit.
  void adopt() {
    done_.assign(static_cast<std::size_t>(batch_.rows), false);
    house_.database.read([&](Transaction& t) {
      for (const storage::Row& row : t.query("SELECT row_number FROM batch_rows WHERE batch = $1", {batch_.id})) {
        done_.at(static_cast<std::size_t>(row.number(0) - 1)) = true;
      }
    });
    std::unordered_map<std::uint64_t, core::DocumentId> orphans;
    house_.documents.forEach(batch_.id, [&](const storage::DocumentRow& document) {
      if (!done_.at(document.row - 1)) orphans.emplace(document.row, document.id);
    });
    if (orphans.empty()) return;
    templates::RosterReader reader(form_, roster_->path());
    std::vector<MadeRow> group;
    for (templates::RosterRow row; reader.next(row);) {
      const auto orphan = orphans.find(row.row);
      if (orphan == orphans.end()) continue;
      std::vector<templates::Fault> found;
      const templates::Record record = recordOf(reader, row, found);
      MadeRow made = rowOf(row, record);
      takeSnapshot(made, orphan->second, record, found);
      const std::string octets = house_.documents.read(orphan->second);
      signing::HashState hash(signing::DigestAlgorithm::kSha256);
      hash.update(core::viewOf(octets));
      seeDocument(made, orphan->second, octets.size(), core::toHex(hash.finish()));
      group.push_back(std::move(made));
      done_[row.row - 1] = true;
      if (group.size() == kAdoptedAtOnce) commit(std::exchange(group, {}));
    }
    if (!group.empty()) commit(std::move(group));
  }

  void make() {
    Outage outage(&*services_);
    templates::RosterReader reader(form_, roster_->path());
    PipelineSteps<templates::RosterRow, PressWorker> steps;
    steps.source = [&](templates::RosterRow& row) {
      while (!outage.exists() && !isEnding_ && !stopping_ && reader.next(row)) {
        if (!done_.at(row.row - 1)) return true;
      }
      return false;
    };
    steps.startWorker = [&](unsigned) { return PressWorker(*press_); };
    steps.make = [&](templates::RosterRow& row, PressWorker& worker) {
      return outage.unless([&] { return makeRow(reader, row, worker); });
    };
    PipelineSink sink;
    sink.store = [&](const Documents& documents) { store(documents); };
    PipelineOptions options;
    options.workers =
        std::max({house_.threads ? house_.threads : std::max(1u, std::thread::hardware_concurrency()), concurrency_});
    const std::size_t share = static_cast<std::size_t>(batch_.rows) / (std::size_t{4} * options.workers);
    options.chunk = std::clamp<std::size_t>(share, 1, options.chunk);
    runPipeline(steps, sink, options);
    if (state_.empty() && !failed_.empty() && mayGoOn()) commit({});
    if (state_.empty() && outage.exists()) {
      state_ = services_->waitingFor();
      reason_ = outage.reason();
    }
  }

  std::optional<storage::NewDocument> makeRow(const templates::RosterReader& reader, const templates::RosterRow& row,
                                              PressWorker& worker) {
    storage::NewDocument document;
    document.batchId = batch_.id;
    document.row = row.row;
    document.prefix = prefix_;
    document.createdAt = house_.clock();
    document.id = core::DocumentId::at(document.createdAt);
    MadeRow made;
    try {
      std::vector<templates::Fault> found;
      const templates::Record record = recordOf(reader, row, found);
      made = rowOf(row, record);
      takeSnapshot(made, document.id, record, found);
      document.tail = worker.make(record, document.id, document.createdAt);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kInvalidInput) throw;
      const std::lock_guard lock(mutex_);
      failed_.push_back({static_cast<std::int64_t>(row.row), made.name, error.clientMessage(), {}, {}});
      return std::nullopt;
    }
    signing::HashState hash(*content_);
    hash.update(core::viewOf(document.tail));
    seeDocument(made, document.id, press_->prefix().size() + document.tail.size(), core::toHex(hash.finish()));
    const std::lock_guard lock(mutex_);
    made_.emplace(row.row, std::move(made));
    return document;
  }

  void store(const Documents& documents) {
    house_.atStep("group_made");
    if (isEnding_ || !mayGoOn()) {
      isEnding_ = true;
      return;
    }
    house_.documents.append(documents);
    house_.atStep("documents_durable");
    std::vector<MadeRow> group;
    group.reserve(documents.size());
    {
      const std::lock_guard lock(mutex_);
      for (const storage::NewDocument& document : documents) {
        group.push_back(std::move(made_.extract(document.row).mapped()));
      }
    }
    commit(std::move(group));
    house_.atStep("group_committed");
  }

  // What makes rows true, all or nothing; the failed ones of the moment go along.
  void commit(const std::vector<MadeRow>& group) {
    std::vector<MadeRow> failed;
    {
      const std::lock_guard lock(mutex_);
      failed.swap(failed_);
    }
    const core::Instant now = house_.clock();
    std::vector<storage::Values> rows;
    std::vector<NewEnvelope> envelopes;
    std::vector<EvidenceSnapshot> snapshots;
    signing::HashState digest(signing::DigestAlgorithm::kSha256);
    for (const MadeRow& made : group) {
      rows.push_back({batch_.id, made.row, std::string("made"), made.envelope.document.text(), made.envelope.sha256,
                      made.name, std::string()});
      envelopes.push_back(made.envelope);
      snapshots.push_back(made.snapshot);
      digest.update(core::viewOf(made.envelope.sha256));
    }
    for (const MadeRow& row : failed) {
      rows.push_back(
          {batch_.id, row.row, std::string("failed"), storage::Value(), std::string(), row.name, row.reason});
    }
    const std::string sealed = core::toHex(digest.finish());
    const auto count = static_cast<std::int64_t>(group.size());
    house_.database.write([&](Transaction& t) {
      const auto changed = t.execute(
          "UPDATE batches SET made = made + $1, failed = failed + $2, revision = revision + 1, changed_ms = $3 WHERE "
          "id "
          "= $4 AND runner = $5 AND finished_ms = 0",
          {count, static_cast<std::int64_t>(failed.size()), now.time_since_epoch().count(), batch_.id, lease_.token});
      if (changed != 1) throw Error(ErrorCode::kConflict, "batch " + batch_.id + " has another runner now");
      t.insertAll("INSERT INTO batch_rows (batch, row_number, state, envelope, sha256, name, reason) VALUES", 7, rows);
      if (!envelopes.empty()) createEnvelopes(t, envelopes, now);
      storeSnapshots(t, snapshots);
      if (count > 0 && !batch_.reservation.empty()) {
        settleSeal(t, reservation_, count, sealed, {batch_.organisation, batch_.createdBy, "", ""}, now);
      }
      house_.atStep("before_commit");
    });
  }

  BatchEnd end() {
    if (stopping_) throw Error(ErrorCode::kUnavailable, "interrupted: the batch goes on elsewhere");
    const core::Instant now = house_.clock();
    house_.atStep("before_end");
    if (state_.starts_with("pending_")) {
      house_.database.write([&](Transaction& t) { suspend(t, batch_, lease_, state_, reason_, now); });
      return {false, now + kServiceRetry, reason_};
    }
    house_.database.write(
        [&](Transaction& t) { finish(t, batch_, lease_, state_.empty() ? "complete" : state_, reason_, now); });
    if (state_.empty() && press_) house_.documents.completeBatch(batch_.id);
    return {};
  }

  const BatchHouse& house_;
  const storage::Lease& lease_;
  const std::atomic<bool>& stopping_;
  BatchRecord batch_;
  SealReservation reservation_;
  Seal seal_;
  std::shared_ptr<const Template> form_;
  std::optional<templates::law::Checker> law_;
  core::Date checkedOn_{};
  std::optional<BatchServices> services_;
  std::optional<Press> press_;
  std::optional<signing::HashState> content_;  // of the prefix
  std::optional<core::UnlinkedFile> roster_;
  std::array<std::size_t, 3> fields_{};  // name, document number, phone of the worker
  storage::Sha256 prefix_{};
  unsigned concurrency_ = 0;
  std::vector<bool> done_;  // by row, before this run
  std::mutex mutex_;        // made_, failed_
  std::unordered_map<std::uint64_t, MadeRow> made_;
  std::vector<MadeRow> failed_;
  std::atomic<bool> isEnding_ = false;
  std::string state_, reason_;  // why it goes no further; empty: nothing is left to do
};

}  // namespace

BatchEnd runAcceptedBatch(const BatchHouse& house, const storage::Lease& lease, const std::atomic<bool>& stopping) {
  return Run(house, lease, stopping).go();
}

void failBatch(Transaction& transaction, const std::string& batch, const std::string& reason, core::Instant now) {
  endBatch(transaction, loadBatch(transaction, batch), "failed", reason, now);
}

}  // namespace qianda::contracts
