#include "contracts/bench.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <mutex>
#include <thread>
#include <utility>

#include <sys/resource.h>

#include "contracts/batch.h"
#include "contracts/roster_snapshot.h"
#include "core/error.h"
#include "signing/keys/bare_rate.h"
#include "signing/verify/verifier.h"
#include "storage/segment_document_store.h"
#include "templates/roster.h"
#include "templates/sample_roster.h"

namespace qianda::contracts {
namespace {

constexpr std::chrono::milliseconds kBareDuration{250};
constexpr int kBareSamples = 4;  // before the batch, and as many after it
constexpr const char* kEmployer = "珠海示例科技有限公司";

class Clock {
 public:
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    return std::chrono::duration<double>(now - std::exchange(last_, now)).count();
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// What both benches prepare: a key, a press and a checked roster.
struct Stage {
  signing::ThrowawayCredential credential;
  std::filesystem::path roster;
  Press press;
  RosterVerdict verdict;
  double checkSeconds = 0;

  explicit Stage(const BenchRequest& request)
      : credential(signing::makeThrowawayCredential(request.key, kEmployer)),
        roster(request.folder / "roster.csv"),
        press(request.form, std::make_shared<signing::CadesSigner>(credential.credential), options()) {
    {
      std::ofstream out(roster, std::ios::binary);
      templates::writeSampleRoster(*request.form, request.count, request.seed, core::chinaDate(core::now()), out);
      if (!out) throw core::Error(core::ErrorCode::kSystem, "cannot write " + roster.string());
    }
    Clock clock;
    verdict = checkRoster(press.frozen(), roster, core::chinaDate(core::now()), request.threads);
    if (!verdict.passes()) {
      throw core::Error(core::ErrorCode::kSystem, "the sample roster is refused: " + describe(verdict.faults.front()));
    }
    press.prepareFonts(verdict.characters);
    checkSeconds = clock.lap();
  }

  static PressOptions options() {
    PressOptions chosen;
    chosen.seal.ownerName = kEmployer;
    return chosen;
  }
};

std::uint64_t peakRss() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

// Reads every document back and counts those that pass.
std::uint64_t verifyAll(storage::DocumentStore& store, const std::string& batchId, const core::Bytes& root,
                        unsigned threads, std::uint64_t& octets) {
  std::vector<core::DocumentId> ids;
  store.forEach(batchId, [&](const storage::DocumentRow& row) {
    ids.push_back(row.id);
    octets += row.size;
  });
  const signing::Verifier verifier({{root}});
  std::atomic<std::size_t> next = 0;
  std::atomic<std::uint64_t> passed = 0;
  std::exception_ptr failure;
  std::mutex mutex;
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      try {
        for (std::size_t at; (at = next++) < ids.size();) {
          const signing::FileVerdict verdict = verifier.verify(store.read(ids[at]), core::now());
          passed += verdict.indication == signing::Indication::kTotalPassed;
        }
      } catch (...) {
        const std::lock_guard lock(mutex);
        failure = std::current_exception();
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  if (failure) std::rethrow_exception(failure);
  return passed;
}

}  // namespace

BatchBench benchBatch(const BenchRequest& request) {
  const Stage stage(request);
  BatchBench bench;
  bench.checkSeconds = stage.checkSeconds;
  storage::SegmentDocumentStore store(request.folder / "data");
  BatchRequest batch;
  batch.form = request.form;
  batch.roster = stage.roster;
  batch.rosterSha256 = batch.signerSha256 = "bench";
  batch.rows = stage.verdict.rows;
  batch.threads = request.threads;
  // The machine's pace drifts: the median of samples from both sides of the batch is its limit.
  const signing::BareKey bareKey(request.key);
  std::vector<double> rates, keyRates;
  const auto sample = [&] {
    for (int i = 0; i < kBareSamples; ++i) {
      rates.push_back(bareKey.signs(request.threads, kBareDuration).perSecond);
      keyRates.push_back(
          signing::measureKey(*stage.credential.credential.key, request.threads, kBareDuration).perSecond);
    }
  };
  sample();
  const BatchOutcome outcome = runBatch(store, stage.press, batch);
  sample();
  bench.bareRatePerCore = signing::medianOf(std::move(rates));
  bench.keyRatePerCore = signing::medianOf(std::move(keyRates));
  bench.contracts = outcome.created;
  bench.seconds = outcome.seconds;
  bench.storedOctets = store.storedOctets();
  bench.peakRssOctets = peakRss();
  bench.verified = verifyAll(store, outcome.batch.id, stage.credential.root, request.threads, bench.octets);
  return bench;
}

TemplateBench benchTemplate(const BenchRequest& request) {
  const Stage stage(request);
  TemplateBench bench;
  bench.prefixOctets = stage.press.prefix().size();
  storage::SegmentDocumentStore store(request.folder / "data");
  storage::BatchRow wanted;
  wanted.id = core::DocumentId::random().text();
  wanted.idempotencyKey = wanted.requestDigest = wanted.state = "running";
  wanted.templateId = request.form->id;
  wanted.templateVersion = request.form->version;
  wanted.rows = stage.verdict.rows;
  wanted.createdAt = core::now();
  const std::string batchId = store.openBatch(wanted).id;
  const storage::Sha256 prefix = store.putPrefix(stage.press.prefix());

  templates::RosterReader reader(request.form, stage.roster);
  PressWorker worker(stage.press);
  templates::RosterRow row;
  std::vector<storage::NewDocument> group;
  Clock clock, whole;
  const auto flush = [&] {
    clock.lap();
    store.append(group);
    bench.store += clock.lap();
    group.clear();
  };
  while (reader.next(row)) {
    std::vector<templates::Fault> faults;
    const templates::Record record = reader.parse(row, faults);
    bench.parse += clock.lap();
    storage::NewDocument document{core::DocumentId::at(core::now()), batchId, row.row, prefix, {}, core::now()};
    document.tail = worker.make(record, document.id, document.createdAt, &bench.cost);
    bench.tailOctets += document.tail.size();
    ++bench.contracts;
    group.push_back(std::move(document));
    constexpr std::size_t kGroup = 256;
    if (group.size() == kGroup) flush();
    clock.lap();
  }
  if (!group.empty()) flush();
  bench.seconds = whole.lap();
  return bench;
}

}  // namespace qianda::contracts
