#include "contracts/pipeline.h"

#include <atomic>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "core/error.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using namespace std::chrono_literals;

struct Worker {
  unsigned index = 0;
  std::thread::id thread;
};

// Counts to `rows`; every document's tail is `size` octets.
PipelineSteps<std::uint64_t, Worker> counting(std::uint64_t rows, std::size_t size) {
  PipelineSteps<std::uint64_t, Worker> steps;
  steps.source = [rows, next = std::uint64_t{0}](std::uint64_t& row) mutable { return (row = ++next) <= rows; };
  steps.startWorker = [](unsigned index) { return Worker{index, std::this_thread::get_id()}; };
  steps.make = [size](std::uint64_t& row, Worker& worker) {
    EXPECT_EQ(worker.thread, std::this_thread::get_id());
    storage::NewDocument document;
    document.row = row;
    document.tail.assign(size, 'x');
    return document;
  };
  return steps;
}

void ignore(const Documents&) {}

std::string messageOf(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST(Pipeline, EveryItemIsStoredOnce) {
  for (unsigned workers : {1u, 2u, 5u}) {
    std::multiset<std::uint64_t> rows;
    PipelineSink sink{[&](const Documents& group) {
      for (const auto& document : group) rows.insert(document.row);
    }};
    PipelineOptions options;
    options.workers = workers;
    EXPECT_EQ(runPipeline(counting(10'007, 10), sink, options), 10'007u);
    EXPECT_EQ(rows.size(), 10'007u);
    EXPECT_EQ(std::set(rows.begin(), rows.end()).size(), 10'007u);
    EXPECT_EQ(*rows.rbegin(), 10'007u);
  }
}

TEST(Pipeline, NothingInNothingOut) {
  std::uint64_t last = 99;
  PipelineSink sink{[](const Documents&) { ADD_FAILURE() << "a group of nothing"; },
                    [&](std::uint64_t n) { last = n; }};
  EXPECT_EQ(runPipeline(counting(0, 10), sink), 0u);
  EXPECT_EQ(last, 0u);
}

TEST(Pipeline, MemoryIsBoundedAndGroupsAreLarge) {
  constexpr std::size_t kSize = 20'000;
  PipelineOptions options;
  options.workers = 3;
  options.inFlightOctets = 4u << 20;
  std::atomic<std::int64_t> made = 0, stored = 0, most = 0;
  auto steps = counting(3000, kSize);
  steps.make = [&, make = steps.make](std::uint64_t& row, Worker& worker) {
    most = std::max<std::int64_t>(most, ++made - stored);
    return make(row, worker);
  };
  std::size_t groups = 0;
  PipelineSink sink{[&](const Documents& group) {
    std::this_thread::sleep_for(3ms);  // a disk slower than the workers
    stored += static_cast<std::int64_t>(group.size());
    ++groups;
  }};
  runPipeline(steps, sink, options);
  const auto chunks = static_cast<std::int64_t>(options.workers * options.chunk);
  EXPECT_LE(most, static_cast<std::int64_t>(options.inFlightOctets / kSize) + chunks + 1);
  EXPECT_LE(groups, 60u);
}

TEST(Pipeline, ASlowSourceDoesNotHoldDocumentsBack) {
  auto steps = counting(64, 10);
  steps.source = [source = steps.source](std::uint64_t& row) mutable {
    std::this_thread::sleep_for(1ms);
    return source(row);
  };
  std::size_t groups = 0;
  PipelineSink sink{[&](const Documents&) { ++groups; }};
  PipelineOptions options;
  options.chunk = 8;
  options.patience = 1ms;
  runPipeline(steps, sink, options);
  EXPECT_GE(groups, 2u);
}

TEST(Pipeline, TheFirstFailureOfAnyStageStopsItAndIsThrown) {
  const PipelineSink sink{ignore};
  auto fail = [](const char* stage) { throw Error(ErrorCode::kSystem, stage); };

  auto badSource = counting(1'000'000'000, 10);
  badSource.source = [&, source = badSource.source](std::uint64_t& row) mutable {
    const bool more = source(row);
    if (row == 500) fail("source");
    return more;
  };
  EXPECT_EQ(messageOf([&] { runPipeline(badSource, sink); }), "source");

  auto badStart = counting(1'000'000'000, 10);
  badStart.startWorker = [&](unsigned index) {
    if (index == 0) fail("start");
    return Worker{index, std::this_thread::get_id()};
  };
  EXPECT_EQ(messageOf([&] { runPipeline(badStart, sink); }), "start");

  auto badMake = counting(1'000'000'000, 10);
  badMake.make = [&, make = badMake.make](std::uint64_t& row, Worker& worker) {
    if (row == 500) fail("make");
    return make(row, worker);
  };
  EXPECT_EQ(messageOf([&] { runPipeline(badMake, sink); }), "make");

  const PipelineSink badSink{[&](const Documents&) { fail("store"); }};
  EXPECT_EQ(messageOf([&] { runPipeline(counting(1'000'000'000, 10), badSink); }), "store");
}

TEST(Pipeline, ProgressRisesToTheTotal) {
  std::vector<std::uint64_t> reports;
  PipelineSink sink{[](const Documents&) { std::this_thread::sleep_for(2ms); },
                    [&](std::uint64_t stored) { reports.push_back(stored); }};
  PipelineOptions options;
  options.inFlightOctets = 1u << 20;
  const auto start = std::chrono::steady_clock::now();
  runPipeline(counting(8000, 10'000), sink, options);
  const auto tenths = (std::chrono::steady_clock::now() - start) / 100ms;
  EXPECT_TRUE(std::is_sorted(reports.begin(), reports.end()));
  ASSERT_GE(reports.size(), 2u);
  EXPECT_LE(reports.size(), static_cast<std::size_t>(tenths) + 1);
  EXPECT_EQ(reports.back(), 8000u);
}

}  // namespace qianda::contracts
