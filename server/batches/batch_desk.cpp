#include "server/batches/batch_desk.h"

#include <algorithm>
#include <thread>

#include "core/error.h"

namespace qianda::server {

BatchDesk::BatchDesk(storage::Database& database, storage::DocumentStore& documents, contracts::SealCabinet& cabinet,
                     const SigningServices& signing, std::string verificationAddress,
                     std::function<core::Instant()> clock)
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
      level_(signing.level()) {}

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
            const contracts::BatchEnd end = contracts::runAcceptedBatch(house_, job.lease, job.stopping);
            if (end.isFinished) return JobEnd{JobEnd::How::kFinished, {}, {}};
            return JobEnd{JobEnd::How::kPostponed, end.again, end.reason};
          }};
}

}  // namespace qianda::server
