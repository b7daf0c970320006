#include "server/delivery/delivery_desk.h"

#include "core/error.h"
#include "core/file.h"
#include "delivery/post/parcel_print.h"
#include "delivery/post/parcel_receipt.h"
#include "server/config/configuration.h"
#include "server/delivery/delivery_jobs.h"
#include "server/delivery/partner_wire.h"
#include "server/log/log.h"
#include "server/metrics/health.h"
#include "server/metrics/metrics.h"
#include "server/services.h"

namespace qianda::server {

using core::Error;
using core::ErrorCode;
using delivery::PostalTask;
using delivery::TaskEnd;

namespace {

constexpr std::size_t kLargestPartnersFile = 1u << 20;

}  // namespace

struct DeliveryDesk::Partner {
  delivery::PartnerSettings settings;
  std::unique_ptr<delivery::PostalPartner> partner;
  std::unique_ptr<delivery::PushReader> reader;
};

DeliveryDesk::DeliveryDesk(const Configuration& configuration, Services& services, CourtPressParts press)
    : configuration_(configuration),
      services_(services),
      press_(std::move(press)),
      writer_(*services.database),
      house_{*services.database,
             [this](const std::string& name) -> delivery::PostalPartner& {
               const auto found = partners_.find(name);
               if (found != partners_.end()) return *found->second->partner;
               throw Error(ErrorCode::kNotFound, "no postal partner " + name + " is configured");
             },
             {},
             services.clock} {
  house_.policy.unknownWait = configuration.duration("postal-unknown-wait");
  house_.policy.trackEvery = configuration.duration("postal-poll");
  if (const std::string& file = configuration.text("postal-partners"); !file.empty()) {
    for (delivery::PartnerSettings& one : delivery::parsePartners(core::readFile(file, kLargestPartnersFile), file)) {
      if (firstPartner_.empty()) firstPartner_ = one.name;
      auto partner = std::make_unique<Partner>();
      partner->partner = delivery::makePartner(one, partnerWire(configuration, one));
      partner->reader = delivery::makePushReader(one);
      partner->settings = std::move(one);
      partners_[partner->settings.name] = std::move(partner);
    }
  }
  services.delivery = this;
}

DeliveryDesk::~DeliveryDesk() {
  stopQueue();
  if (collection_ >= 0) services_.metrics->dropCollection(collection_);
  services_.delivery = nullptr;
}

delivery::IssueHouse DeliveryDesk::issueHouse() { return {*services_.database, press_, firstPartner_, true}; }

std::size_t DeliveryDesk::largestPush(const std::string& partner) const {
  const auto found = partners_.find(partner);
  return found == partners_.end() ? 0 : found->second->settings.largestPush;
}

// Of two that bring the same octets at once the second finds them.
delivery::PushEffect DeliveryDesk::keepPush(const std::string& name, const delivery::PushMessage& message,
                                            const delivery::PushReading& reading, core::Instant now) {
  const auto keep = [&] {
    return writer_.written<delivery::PushEffect>(
        [&](storage::Transaction& t) { return delivery::takePush(t, name, message, reading, now); });
  };
  try {
    return keep();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kConflict) throw;
    return keep();
  }
}

delivery::PushAnswer DeliveryDesk::takePush(const std::string& name, const delivery::PushMessage& message) {
  const auto found = partners_.find(name);
  if (found == partners_.end()) throw Error(ErrorCode::kNotFound, "no postal partner " + name);
  const delivery::PushReader& reader = *found->second->reader;
  const core::Instant now = services_.clock();
  const delivery::PushReading reading = reader.read(message, now);
  using Verdict = delivery::PushReading::Verdict;
  delivery::PushEffect effect;
  try {
    effect = keepPush(name, message, reading, now);
  } catch (const Error& error) {
    if (services_.log) services_.log->warning("postal_push", {{"partner", name}, {"reason", error.what()}});
    return reader.answer(reading, false);  // the partner sends it again
  }
  const char* outcome = reading.verdict == Verdict::kGood          ? effect.isRepeated ? "repeated" : "good"
                        : reading.verdict == Verdict::kQuarantined ? "quarantined"
                        : reading.verdict == Verdict::kForged      ? "forged"
                                                                   : "garbage";
  services_.metrics
      ->counter("qianda_postal_pushes_total", "Messages of postal partners by what became of them",
                {{"partner", name}, {"outcome", outcome}})
      .Increment();
  if (reading.verdict != Verdict::kGood && services_.log) {
    services_.log->warning("postal_push", {{"partner", name}, {"outcome", outcome}, {"reason", reading.reason}});
  }
  if (effect.events > 0) wake();
  return reader.answer(reading, reading.verdict == Verdict::kGood || reading.verdict == Verdict::kQuarantined);
}

void DeliveryDesk::wake() {
  if (queue_) queue_->wake();
  services_.wakeJobs();
}

void DeliveryDesk::startQueue() {
  if (partners_.empty()) return;
  delivery::QueueOptions options;
  options.threads = static_cast<int>(configuration_.integer("postal-threads"));
  options.shards = static_cast<int>(configuration_.integer("postal-shards"));
  options.clock = services_.clock;
  for (const auto& [name, partner] : partners_) {
    if (partner->settings.callsPerSecond > 0) options.ratePerSecond[name] = partner->settings.callsPerSecond;
  }
  options.onFault = [this](const std::string& reason) {
    if (services_.log) services_.log->warning("postal_queue", {{"reason", reason}});
  };
  std::optional<storage::RedisAddress> redis;
  if (const std::string& address = configuration_.text("redis"); !address.empty()) {
    redis = storage::parseRedisAddress(address);
  }
  queue_ = std::make_unique<delivery::PostalQueue>(
      *services_.database, redis,
      std::map<std::string, delivery::TaskHandler>{
          {"order", [this](const PostalTask& task, const auto&) { return delivery::orderParcel(house_, task); }},
          {"track", [this](const PostalTask& task, const auto&) { return delivery::trackParcel(house_, task); }},
          {"cancel", [this](const PostalTask& task, const auto&) { return delivery::cancelParcel(house_, task); }},
          {"receipt", [this](const PostalTask& task,
                             const auto&) { return delivery::fetchReceipt(house_, *services_.documents, task); }},
          {"label", [this](const PostalTask& task,
                           const auto&) { return delivery::printParcel(house_, *services_.documents, task); }}},
      std::move(options));
  // A Redis that is away makes the queue slower, not the node unfit: requests are not sent elsewhere for it.
  services_.health->addCheck("postal_queue", [this] {
    const delivery::QueueHealth now = health();
    if (now.hasRedis && !now.isRedisUp && now.deaf == 0) return std::string();
    std::string reasons;
    for (const std::string& fault : now.faults) reasons += (reasons.empty() ? "" : "; ") + fault;
    return reasons;
  });
  watch();
}

void DeliveryDesk::stopQueue() {
  if (queue_) queue_->stop();
}

delivery::QueueHealth DeliveryDesk::health() const { return queue_ ? queue_->health() : delivery::QueueHealth{}; }

void DeliveryDesk::watch() {
  Metrics& metrics = *services_.metrics;
  auto& ready = metrics.gauge("qianda_postal_tasks", "Postal tasks by state", {{"state", "ready"}});
  auto& delayed = metrics.gauge("qianda_postal_tasks", "Postal tasks by state", {{"state", "delayed"}});
  auto& running = metrics.gauge("qianda_postal_tasks", "Postal tasks by state", {{"state", "running"}});
  auto& dead = metrics.gauge("qianda_postal_tasks", "Postal tasks by state", {{"state", "dead"}});
  auto& lag = metrics.gauge("qianda_postal_lag", "Entries of the index of work that are not done");
  auto& oldest = metrics.gauge("qianda_postal_oldest_seconds", "For how long the oldest ready task has been due");
  auto& deaf = metrics.gauge("qianda_postal_deaf", "Threads of the queue that have not looked for 15 seconds");
  auto& unknown = metrics.gauge("qianda_postal_parcels", "Parcels by what is wrong", {{"state", "unknown"}});
  auto& stale = metrics.gauge("qianda_postal_parcels", "Parcels by what is wrong", {{"state", "stale"}});
  auto& alarmed = metrics.gauge("qianda_postal_parcels", "Parcels by what is wrong", {{"state", "alarmed"}});
  auto& redis = metrics.gauge("qianda_postal_redis_up", "Whether the queue's Redis answers");
  collection_ = metrics.atCollection([&, this] {
    const delivery::QueueHealth now = health();
    ready.Set(static_cast<double>(now.ready));
    delayed.Set(static_cast<double>(now.delayed));
    running.Set(static_cast<double>(now.running));
    dead.Set(static_cast<double>(now.dead));
    lag.Set(static_cast<double>(now.lag));
    oldest.Set(static_cast<double>(now.oldestDueAge.count()) / 1000);
    deaf.Set(now.deaf);
    redis.Set(now.isRedisUp);
    services_.database->read([&](storage::Transaction& t) {
      const auto count = [&](const std::string& where) {
        return static_cast<double>(t.findRow("SELECT COUNT(*) FROM parcels WHERE " + where)->number(0));
      };
      unknown.Set(count("state = 'unknown'"));
      stale.Set(count("is_stale = 1"));
      alarmed.Set(count("is_alarmed = 1"));
    });
  });
}

std::vector<JobLane> DeliveryDesk::lanes() { return deliveryLanes(services_, *this); }

}  // namespace qianda::server
