// What the API and the workers share of batches: the templates there are, each frozen once for the checking of rosters,
// and everything that makes a batch (contracts/batches/batch_run.h). Made at the start; then any thread may ask.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "contracts/batches/batch_run.h"
#include "contracts/batches/batch_shards.h"
#include "core/error.h"
#include "server/jobs/job_runner.h"
#include "server/signing_services.h"
#include "templates/typesetter.h"

namespace qianda::server {

class BatchDesk {
 public:
  // All of them outlive the desk.
  BatchDesk(storage::Database& database, storage::DocumentStore& documents, contracts::SealCabinet& cabinet,
            const SigningServices& signing, std::string verificationAddress,
            std::function<core::Instant()> clock = core::now, std::int64_t shardRows = contracts::kShardRows);

  const std::vector<std::shared_ptr<const templates::Template>>& forms() const { return forms_; }
  // `version` empty: the one there is. Throws kNotFound; an id is never a path.
  std::shared_ptr<const templates::Template> form(const std::string& id, const std::string& version = {}) const;
  std::shared_ptr<const templates::FrozenTemplate> frozen(const std::string& id);

  const contracts::BatchHouse& house() const { return house_; }
  signing::Level level() const { return level_; }
  unsigned threads() const;
  std::int64_t shardRows() const { return shardRows_; }  // of new batches
  // The work "batch".
  JobKind job();

 private:
  void giveUp(const storage::Lease& lease, const core::Error& error);

  const std::vector<std::shared_ptr<const templates::Template>> forms_;
  contracts::BatchHouse house_;
  const signing::Level level_;
  const std::int64_t shardRows_;
  std::atomic<unsigned> running_ = 0;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const templates::FrozenTemplate>> frozen_;
};

}  // namespace qianda::server
