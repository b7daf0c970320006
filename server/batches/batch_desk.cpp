#include "server/batches/batch_desk.h"

#include <algorithm>
#include <thread>

#include "core/error.h"

namespace qianda::server {
namespace {

constexpr std::int64_t kMostAttempts = 10;

// One of the shards that this node makes at the moment: the later it began, the fewer cores it takes.
struct Running {
  explicit Running(std::atomic<unsigned>& all) : all(all), number(++all) {}
  ~Running() { --all; }
  std::atomic<unsigned>& all;
  const unsigned number;
};

}  // namespace

BatchDesk::BatchDesk(storage::Database& database, storage::DocumentStore& documents, contracts::SealCabinet& cabinet,
                     const SigningServices& signing, std::string verificationAddress,
                     std::function<core::Instant()> clock, std::int64_t shardRows)
    : forms_(templates::shippedTemplates()),
      house_{database,
             documents,
             cabinet,
             signing.longTerm(),
             signing.patience(),
             [this](const std::string& id, const std::string& version) { return form(id, version); },
             std::move(verificationAddress),
             0,
             std::move(clock)},
      level_(signing.level()),
      shardRows_(shardRows) {}

std::shared_ptr<const templates::Template> BatchDesk::form(const std::string& id, const std::string& version) const {
  for (const auto& form : forms_) {
    if (form->id == id && (version.empty() || form->version == version)) return form;
  }
  throw core::Error(core::ErrorCode::kNotFound,
                    "no template " + id + (version.empty() ? "" : " of version " + version));
}

std::shared_ptr<const templates::FrozenTemplate> BatchDesk::frozen(const std::string& id) {
  const std::lock_guard lock(mutex_);
  auto& kept = frozen_[id];
  if (!kept) kept = std::make_shared<templates::FrozenTemplate>(form(id), templates::FreezeOptions{});
  return kept;
}

unsigned BatchDesk::threads() const { return std::max(1u, std::thread::hardware_concurrency()); }

JobKind BatchDesk::job() {
  return {"batch", [this](const Job& job) {
            try {
              const Running running(running_);
              contracts::BatchHouse house = house_;
              house.threads = std::max(1u, threads() / running.number);
              const contracts::BatchEnd end = contracts::runAcceptedBatch(house, job.lease, job.stopping);
              if (end.isFinished) return JobEnd{JobEnd::How::kFinished, {}, {}};
              return JobEnd{JobEnd::How::kPostponed, end.again, end.reason};
            } catch (const core::Error& error) {
              const bool mayPass =
                  error.code() == core::ErrorCode::kUnavailable || error.code() == core::ErrorCode::kConflict;
              if (mayPass || job.lease.attempts < kMostAttempts) throw;
              giveUp(job.lease, error);
              return JobEnd{JobEnd::How::kFinished, {}, {}};
            }
          }};
}

// Nobody waits for ever: the batch ends with the reason its last run gave.
void BatchDesk::giveUp(const storage::Lease& lease, const core::Error& error) {
  const core::Instant now = house_.clock();
  house_.database.write([&](storage::Transaction& transaction) {
    contracts::failBatch(transaction, lease.subject, error.clientMessage(), now);
    storage::finishWork(transaction, lease, now);
  });
}

}  // namespace qianda::server
