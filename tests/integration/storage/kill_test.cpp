// A child process appends and is killed at a random moment; what it was told to be stored must be there, whole and
// once.
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/storage/store_fixture.h"

namespace qianda::storage {
namespace {

constexpr int kKills = 80;
constexpr std::uint64_t kRows = 1'000'000;

class KillTest : public StoreTest {};

std::string prefixOctets() { return octetsOf(77, 20000); }
std::size_t tailSize(std::uint64_t row) { return row * 7919 % 9000; }

// Appends random groups until it is killed; after each append it writes the rows it stored to the pipe.
[[noreturn]] void appendForever(const std::filesystem::path& folder, int pipe, unsigned seed) {
  std::minstd_rand random(seed);
  StoreOptions options;
  options.segmentOctets = 3u << 20;
  SegmentDocumentStore store(folder, options);
  const BatchRow batch = store.openBatch(makeBatch("kill"));
  const Sha256 prefix = store.putPrefix(prefixOctets());
  const std::vector<bool> exists = store.existingRows(batch.id, kRows);
  std::uint64_t row = 0;
  for (;;) {
    std::vector<NewDocument> group(1 + random() % 120);
    std::vector<std::uint64_t> rows;
    for (NewDocument& document : group) {
      while (exists[row]) ++row;
      ++row;
      document = makeDocument(batch.id, row, prefix, tailSize(row));
      rows.push_back(row);
    }
    store.append(group);
    const auto size = static_cast<ssize_t>(rows.size() * sizeof rows[0]);
    if (::write(pipe, rows.data(), static_cast<std::size_t>(size)) != size) ::_exit(9);
  }
}

void collect(int pipe, std::set<std::uint64_t>& rows) {
  std::uint64_t row = 0;
  while (::read(pipe, &row, sizeof row) == sizeof row) rows.insert(row);
}

}  // namespace

TEST_F(KillTest, WhatWasReportedIsThereWholeAndOnce) {
  const std::string prefix = prefixOctets();
  std::minstd_rand random(20260131);
  std::set<std::uint64_t> reported;
  std::map<std::uint64_t, core::DocumentId> known;
  std::uint64_t discarded = 0;
  // On a busy machine a child may do next to nothing before it dies.
  for (int kill = 0; kill < kKills || (reported.size() <= 1000 && kill < 10 * kKills); ++kill) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      try {
        appendForever(folder_, ends[1], static_cast<unsigned>(kill + 1));
      } catch (const std::exception& error) {
        std::fprintf(stderr, "child: %s\n", error.what());
      }
      ::_exit(8);
    }
    ::close(ends[1]);
    std::thread reader(collect, ends[0], std::ref(reported));
    std::this_thread::sleep_for(std::chrono::microseconds(3000 + random() % 40000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    reader.join();
    ::close(ends[0]);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child failed by itself";

    SegmentDocumentStore store(folder_);
    ASSERT_TRUE(store.damage().empty()) << store.damage().front().problem;
    discarded += store.discardedOctets();
    const BatchRow batch = store.openBatch(makeBatch("kill"));
    std::set<std::uint64_t> found;
    store.forEach(batch.id, [&](const DocumentRow& document) {
      ASSERT_TRUE(found.insert(document.row).second) << "row " << document.row << " twice";
      const auto [entry, isNew] = known.try_emplace(document.row, document.id);
      ASSERT_EQ(entry->second, document.id) << "row " << document.row << " became another document";
      if (!isNew) return;
      const bool isWhole = store.read(document.id) == prefix + octetsOf(document.row, tailSize(document.row));
      ASSERT_TRUE(isWhole) << "row " << document.row;
    });
    ASSERT_TRUE(std::includes(found.begin(), found.end(), reported.begin(), reported.end()))
        << "a reported row is missing after kill " << kill;
    ASSERT_EQ(found.size(), known.size()) << "a row disappeared";
  }
  SegmentDocumentStore store(folder_);
  EXPECT_TRUE(store.check().empty());
  EXPECT_GT(reported.size(), 1000u) << "the kills came before any work";
  EXPECT_GT(discarded, 0u) << "no kill hit a write";
  RecordProperty("documents", static_cast<int>(known.size()));
}

}  // namespace qianda::storage
