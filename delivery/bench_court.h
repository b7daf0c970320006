// The invented court that delivery/bench.h measures: cases with a person and an organisation, records with a postal
// attempt each, and a partner that speaks China Post's protocol with a key drawn here, and tells of each item
// kBenchEvents events: posted to signed for. Plain functions, any thread.
#pragma once

#include <string>
#include <vector>

#include "core/actor.h"
#include "delivery/partner/partner_settings.h"
#include "storage/sql/database.h"

namespace qianda::delivery {

inline constexpr const char* kBenchPartner = "china-post";
inline constexpr std::size_t kBenchEvents = 5;
inline const core::Actor kBenchClerk{"01BENCH0000000000000000000", "user:bench", "127.0.0.1", "bench"};

struct BenchAttempt {
  std::string record, id;
};
// Committed; of a person and of an organisation in turn, since 20 hours ago.
std::vector<BenchAttempt> makeBenchAttempts(storage::Database& database, std::int64_t count);

PartnerSettings inventBenchPartner();
// The item with this number in the order of makeBenchAttempts; its events lie within the last ten hours.
PushMessage makeBenchPush(const PartnerSettings& settings, const std::string& waybill, std::size_t step,
                          std::size_t item, core::Instant now);

}  // namespace qianda::delivery
