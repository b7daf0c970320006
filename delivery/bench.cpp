#include "delivery/bench.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include <openssl/rand.h>

#include "core/base64.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/id.h"
#include "delivery/callbacks/receive.h"
#include "delivery/cases/case_store.h"
#include "delivery/partner/partner_settings.h"
#include "delivery/partner/post_text.h"
#include "delivery/partner/sm4_envelope.h"
#include "delivery/post/parcel_work.h"
#include "delivery/queue/work_index.h"
#include "delivery/service/issue_steps.h"
#include "delivery/service/record_store.h"
#include "storage/sql/group_writer.h"
#include "storage/sql/instant.h"

namespace qianda::delivery {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Transaction;
using Steady = std::chrono::steady_clock;

constexpr const char* kPartner = "china-post";
constexpr const char* kPrefix = "qianda:post-bench";
constexpr std::int64_t kRecordsPerCase = 10, kCasesPerCommit = 50;
constexpr std::int64_t kMostBareCommits = 2000;
constexpr std::chrono::seconds kPatience{30};
const core::Actor kClerk{"01BENCH0000000000000000000", "user:bench", "127.0.0.1", "bench"};

double secondsSince(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

// `work(i)` for every i below `count` by `threads` callers, each call timed; what one throws ends it all.
template <typename Work>
DeliveryPace pace(int threads, std::int64_t count, const Work& work) {
  std::atomic<std::int64_t> next = 0;
  std::vector<std::vector<double>> took(static_cast<std::size_t>(threads));
  std::exception_ptr failure;
  std::mutex mutex;
  std::vector<std::thread> running;
  const auto begin = Steady::now();
  for (auto& mine : took) {
    running.emplace_back([&] {
      try {
        for (std::int64_t i = next++; i < count; i = next++) {
          const auto from = Steady::now();
          work(i);
          mine.push_back(secondsSince(from) * 1000);
        }
      } catch (...) {
        next = count;
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  const double seconds = secondsSince(begin);
  if (failure) std::rethrow_exception(failure);
  std::vector<double> all;
  for (const auto& mine : took) all.insert(all.end(), mine.begin(), mine.end());
  std::sort(all.begin(), all.end());
  return {static_cast<double>(count) / seconds, all.at(all.size() / 2), all.at(all.size() * 99 / 100), count, 0};
}

std::int64_t countOf(storage::Database& database, const std::string& sql) {
  return database.looked<std::int64_t>([&](Transaction& t) { return t.findRow(sql)->number(0); });
}

void refuseOthers(storage::Database& database) {
  const bool isOthers = database.looked<bool>([](Transaction& t) {
    return t.findRow("SELECT 1 FROM cases WHERE organisation <> $1 LIMIT 1", {kClerk.organisation}) ||
           t.findRow(
               "SELECT 1 FROM postal_tasks t WHERE parcel NOT LIKE 'bench-%' AND NOT EXISTS (SELECT 1 FROM "
               "parcels p WHERE p.id = t.parcel AND p.organisation = $1) LIMIT 1",
               {kClerk.organisation});
  });
  if (isOthers) {
    throw Error(ErrorCode::kUsage,
                database.name() + " holds cases of a court: the bench writes to a database of its own");
  }
}

void dropKeys(const storage::RedisAddress& redis) {
  WorkIndex index(redis, kPrefix, QueueOptions().shards, kPatience);
  for (int shard = 0; shard < QueueOptions().shards; ++shard) {
    for (const std::string& key : {index.stream(shard), index.later(shard), index.lease(shard)}) {
      index.redis().command({"DEL", key});
    }
  }
  index.redis().command({"DEL", index.members()});
}

// Takes away what a later run or a reader of the rows would stumble over; cases and records stay.
void clearWork(storage::Database& database, const storage::RedisAddress& redis) {
  database.write([](Transaction& t) {
    t.execute("DELETE FROM postal_tasks");
    t.execute("DELETE FROM postal_index");
  });
  dropKeys(redis);
}

CaseFile inventedCase(const std::string& number, core::Date day) {
  CaseFile file;
  file.number = number;
  file.cause = "劳动报酬";
  file.court = "示例市劳动人事争议仲裁委员会";
  CaseParty worker, employer;
  worker.role = "applicant";
  worker.name = "林示例";
  worker.idNumber = "000000199001010015";
  employer.role = "respondent";
  employer.kind = "organisation";
  employer.name = "珠海示例科技有限公司";
  employer.idNumber = "91000000100000000X";
  file.parties = {worker, employer};
  for (const char* party : {"0", "1"}) {
    ServiceAddress address;
    address.party = party;
    address.phone = "13800000001";
    address.province = "广东省";
    address.city = "珠海市";
    address.district = "香洲区";
    address.street = "示例路1号";
    address.ground = AddressGround::kConfirmed;
    address.since = day;
    file.addresses.push_back(address);
  }
  return file;
}

struct Attempt {
  std::string record, id;
};

// A case, a step that issued it a document for each record, and the records with a postal attempt each.
void makeCase(Transaction& t, std::int64_t records, core::Instant at, std::vector<Attempt>& attempts) {
  const core::Date day = core::fromDays(core::toDays(core::chinaDate(at)) - 30);
  const std::string id =
      createCase(t, kClerk, inventedCase("示例〔" + core::DocumentId::random().text() + "〕号", day), day, at);
  const CaseFile file = getCase(t, kClerk.organisation, id);
  const std::string step = core::DocumentId::at(at).text();
  t.insertAll(
      "INSERT INTO issued_steps (id, organisation, case_id, step, idempotency_key, request_digest, actor, at_ms) "
      "VALUES",
      8, {{step, kClerk.organisation, id, std::string("accept"), step, std::string(), kClerk.name, storage::msOf(at)}});
  for (std::int64_t i = 0; i < records; ++i) {
    const CaseParty& party = file.parties[static_cast<std::size_t>(i) % file.parties.size()];
    const auto address = std::find_if(file.addresses.begin(), file.addresses.end(),
                                      [&](const ServiceAddress& one) { return one.party == party.id; });
    const std::string document = core::DocumentId::at(at).text();
    t.insertAll(
        "INSERT INTO court_documents (id, organisation, case_id, step, kind, title, party, sha256, size, pages, seal, "
        "created_by, created_ms) VALUES",
        13,
        {{document, kClerk.organisation, id, step, std::string("response_notice"), std::string("应诉通知书"), party.id,
          core::sha256Hex(document), std::int64_t{1}, std::int64_t{1}, std::string(), kClerk.name, storage::msOf(at)}});
    const std::string record = insertRecord(t, kClerk, {id, step, party.id, "", {document}}, at);
    const std::string attempt = startAttempt(t, kClerk, record, {ServiceMethod::kPostal, address->id}, at);
    recompute(t, kClerk, record, at);
    attempts.push_back({record, attempt});
  }
}

std::vector<Attempt> makeAttempts(storage::Database& database, std::int64_t count) {
  const core::Instant at = core::now() - std::chrono::hours(20);
  std::vector<Attempt> attempts;
  database.write([&](Transaction& t) {
    setSender(t, kClerk, {"示例仲裁院", "07560000000", "519000", "广东省", "珠海市", "香洲区", "示例大道1号"}, at);
  });
  while (static_cast<std::int64_t>(attempts.size()) < count) {
    std::vector<Attempt> made;
    database.write([&](Transaction& t) {
      made.clear();
      for (std::int64_t i = 0; i < kCasesPerCommit; ++i) {
        const std::int64_t missing = count - static_cast<std::int64_t>(attempts.size() + made.size());
        if (missing <= 0) return;
        makeCase(t, std::min(missing, kRecordsPerCase), at, made);
      }
    });
    attempts.insert(attempts.end(), made.begin(), made.end());
  }
  return attempts;
}

DeliveryPace commitBarely(storage::Database& database, int threads, std::int64_t count) {
  database.write([](Transaction& t) {
    t.execute("CREATE TABLE IF NOT EXISTS bench_commits (id TEXT PRIMARY KEY, at_ms BIGINT NOT NULL)");
  });
  const DeliveryPace paced = pace(threads, count, [&](std::int64_t) {
    database.write([](Transaction& t) {
      t.execute("INSERT INTO bench_commits (id, at_ms) VALUES ($1, $2)",
                {core::DocumentId::random().text(), storage::msOf(core::now())});
    });
  });
  database.write([](Transaction& t) { t.execute("DROP TABLE bench_commits"); });
  return paced;
}

DeliveryPace addSingly(const storage::RedisAddress& redis, int threads, std::int64_t count) {
  const std::string stream = "{qianda:post-bench}:xadd", entry = entryText(core::DocumentId::random().text(), 1);
  const DeliveryPace paced = pace(threads, count, [&](std::int64_t) {
    thread_local std::unique_ptr<storage::RedisConnection> link;  // its thread makes nothing else
    if (!link) link = std::make_unique<storage::RedisConnection>(redis, kPatience);
    link->command({"XADD", stream, "*", "t", entry});
  });
  storage::RedisConnection(redis, kPatience).command({"DEL", stream});
  return paced;
}

struct Accepted {
  DeliveryPace pace;
  std::int64_t handled = 0, sent = 0;
  std::vector<std::string> parcels;
};

Accepted acceptTasks(storage::Database& database, const storage::RedisAddress& redis,
                     const std::vector<Attempt>& attempts, int threads) {
  Accepted accepted;
  accepted.parcels.resize(attempts.size());
  std::atomic<std::int64_t> handled = 0;
  QueueOptions options;
  options.prefix = kPrefix;
  const auto answer = [&](const PostalTask&, const std::atomic<bool>&) {
    ++handled;
    return TaskEnd{TaskEnd::How::kDone, "", std::nullopt, TaskEnd::Partner::kAnswered};
  };
  PostalQueue queue(database, redis, {{"order", answer}}, options);
  const auto begin = Steady::now();
  while (queue.health().shards.size() < static_cast<std::size_t>(options.shards) || !queue.health().isRedisUp) {
    if (Steady::now() - begin > kPatience) throw Error(ErrorCode::kUnavailable, "the postal queue does not start");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  storage::GroupWriter writer(database);
  accepted.pace = pace(threads, static_cast<std::int64_t>(attempts.size()), [&](std::int64_t i) {
    const Attempt& attempt = attempts[static_cast<std::size_t>(i)];
    accepted.parcels[static_cast<std::size_t>(i)] = writer.written<std::string>([&](Transaction& t) {
      return postAttempt(t, kClerk, attempt.record, attempt.id, kPartner, false, core::now());
    });
    queue.wake();
  });
  accepted.pace.commits = writer.figures().commits;
  accepted.handled = handled;
  accepted.sent = accepted.pace.count -
                  countOf(database, "SELECT COUNT(*) FROM postal_tasks WHERE sent_ms = 0 AND state = 'ready'");
  const auto ended = Steady::now();
  while (countOf(database, "SELECT COUNT(*) FROM postal_tasks WHERE sent_ms = 0 AND state = 'ready'") > 0) {
    if (Steady::now() - ended > kPatience) throw Error(ErrorCode::kUnavailable, "tasks do not reach Redis");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  queue.stop();
  return accepted;
}

struct TrackStep {
  const char *code, *name, *words;
};
constexpr TrackStep kTrack[] = {{"203", "收寄计费信息", "已收寄"},
                                {"305", "离开处理中心", "离开珠海处理中心"},
                                {"306", "到达投递机构", "到达香洲投递部"},
                                {"702", "投递邮件接收-下段", "正在投递"},
                                {"704", "投递结果反馈-妥投", nullptr}};
constexpr std::int64_t kTold = std::size(kTrack);
// Of the parties of a case, in turn: a person and an organisation.
constexpr const char* kSignatures[] = {"已妥投，签收人：林示例（本人），证件号已登记",
                                       "已妥投，签收人：珠海示例科技有限公司（单位收发章），证件号已登记"};

PartnerSettings inventedPartner() {
  core::Bytes key(16);
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) throw Error(ErrorCode::kSystem, "no random octets");
  PartnerSettings settings;
  settings.name = kPartner;
  settings.protocol = "china_post";
  settings.address = "http://127.0.0.1:1";
  settings.keys = {core::toBase64(key)};
  settings.senderNo = "1100000000001";
  settings.authorization = core::toBase64(key);
  settings.window = std::chrono::hours(24);  // they are all made before
  return settings;
}

PushMessage pushOf(const PartnerSettings& settings, const std::string& waybill, std::size_t step, const char* signature,
                   core::Instant now) {
  const TrackStep& told = kTrack[step];
  const std::string json = R"({"waybillNo":")" + waybill + R"(","opTime":")" +
                           postTime(now - std::chrono::hours(10) + std::chrono::hours(step)) + R"(","opCode":")" +
                           told.code + R"(","opName":")" + told.name + R"(","opDesc":")" +
                           (told.words ? told.words : signature) +
                           R"(","opOrgCode":"51900001","opOrgName":"香洲投递部","deliverCode":")" +
                           (step + 1 == kTold ? "10" : "") + R"(","attemptDeliveryCode":""})";
  const std::string text = R"({"logitcsInterface":")" + sealSm4(json, settings.keys.front(), settings.pushesCarryKey) +
                           R"(","method":"040002","msgType":")" + settings.msgType + R"(","senderNo":")" +
                           settings.senderNo + R"(","serialNo":")" + waybill + "-" + std::to_string(step) +
                           R"(","timeStamp":")" + postTime(now) + R"(","version":")" + settings.version + R"("})";
  PushMessage message;
  message.headers = {{"content-type", "application/json"}};
  message.body.assign(text.begin(), text.end());
  message.peer = "127.0.0.1";
  return message;
}

// The partner took them: each has its number.
std::vector<std::string> giveWaybills(storage::Database& database, const std::vector<std::string>& parcels,
                                      std::int64_t count) {
  const std::int64_t first = 1'000'000'000'000 + storage::msOf(core::now()) % 1'000'000'000 * 8'000;
  std::vector<std::string> waybills;
  for (std::int64_t i = 0; i < count; ++i) waybills.push_back(std::to_string(first + i));
  database.write([&](Transaction& t) {
    for (std::size_t i = 0; i < waybills.size(); ++i) {
      Parcel parcel = lockParcel(t, parcels[i]);
      parcel.stage = parcel.state = ParcelState::kPrinted;
      parcel.waybill = waybills[i];
      saveParcel(t, parcel, core::now());
    }
  });
  return waybills;
}

DeliveryPace takeCallbacks(storage::Database& database, const std::vector<std::string>& parcels, std::int64_t count,
                           int threads) {
  const PartnerSettings settings = inventedPartner();
  const auto reader = makePushReader(settings);
  const auto items = (count + kTold - 1) / kTold;
  const std::vector<std::string> waybills = giveWaybills(database, parcels, items);
  std::vector<PushMessage> messages;
  for (std::size_t step = 0; step < std::size(kTrack); ++step) {
    for (std::size_t i = 0; i < waybills.size(); ++i) {
      messages.push_back(pushOf(settings, waybills[i], step, kSignatures[i % std::size(kSignatures)], core::now()));
    }
  }
  storage::GroupWriter writer(database);
  DeliveryPace paced = pace(threads, items * kTold, [&](std::int64_t i) {
    const PushMessage& message = messages[static_cast<std::size_t>(i)];
    const core::Instant now = core::now();
    const PushReading reading = reader->read(message, now);
    const auto effect =
        writer.written<PushEffect>([&](Transaction& t) { return takePush(t, kPartner, message, reading, now); });
    const PushAnswer told = reader->answer(reading, true);
    if (reading.verdict != PushReading::Verdict::kGood || effect.events != 1 || effect.strays != 0 ||
        told.status != 200) {
      throw Error(ErrorCode::kCorrupt, "callback " + std::to_string(i) + " had no effect: " + reading.reason);
    }
  });
  paced.commits = writer.figures().commits;
  return paced;
}

std::int64_t servedNow(storage::Database& database) {
  return database.looked<std::int64_t>([](Transaction& t) {
    return t
        .findRow("SELECT COUNT(*) FROM service_records WHERE organisation = $1 AND state = 'served'",
                 {kClerk.organisation})
        ->number(0);
  });
}

DeliveryPace both(const DeliveryPace& one, const DeliveryPace& other) {
  const std::int64_t count = one.count + other.count;
  const double seconds =
      static_cast<double>(one.count) / one.perSecond + static_cast<double>(other.count) / other.perSecond;
  return {static_cast<double>(count) / seconds, std::max(one.p50Ms, other.p50Ms), std::max(one.p99Ms, other.p99Ms),
          count, static_cast<std::uint64_t>(count)};
}

}  // namespace

DeliveryBench benchDelivery(storage::Database& database, const storage::RedisAddress& redis,
                            const DeliveryBenchRequest& request) {
  refuseOthers(database);
  clearWork(database, redis);
  DeliveryBench bench;
  const std::int64_t needed = std::max(request.tasks, (request.callbacks + kTold - 1) / kTold);
  const std::vector<Attempt> attempts = makeAttempts(database, needed);
  const std::int64_t commits = std::min(request.tasks, kMostBareCommits);
  const DeliveryPace before = commitBarely(database, request.threads, commits);
  bench.xadds = addSingly(redis, request.threads, request.tasks);
  Accepted accepted = acceptTasks(database, redis, attempts, request.threads);
  bench.tasks = accepted.pace;
  bench.tasksHandled = accepted.handled;
  bench.tasksSent = accepted.sent;
  clearWork(database, redis);
  const std::int64_t servedBefore = servedNow(database);
  bench.callbacks = takeCallbacks(database, accepted.parcels, request.callbacks, request.threads);
  bench.bareCommits = both(before, commitBarely(database, request.threads, commits));
  bench.served = servedNow(database) - servedBefore;
  if (bench.served * kTold != bench.callbacks.count) {
    throw Error(ErrorCode::kCorrupt, "callbacks served " + std::to_string(bench.served) + " records of " +
                                         std::to_string(bench.callbacks.count / kTold));
  }
  return bench;
}

ReindexFigures benchReindex(storage::Database& database, const storage::RedisAddress& redis, std::int64_t open) {
  refuseOthers(database);
  clearWork(database, redis);
  const ReindexFigures figures = measureReindex(database, redis, open, kPrefix);
  clearWork(database, redis);
  return figures;
}

}  // namespace qianda::delivery
