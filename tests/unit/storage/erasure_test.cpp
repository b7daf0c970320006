// Documents in segment files that are erased: gone from the files, and nothing else with them.
#include <fstream>
#include <iterator>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/store_lock.h"
#include "tests/unit/storage/store_fixture.h"

namespace qianda::storage {
namespace {

using core::DocumentId;
using core::ErrorCode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

template <typename Work>
bool isErased(Work&& work) {
  try {
    work();
  } catch (const core::Error& error) {
    return saysErased(error);
  }
  ADD_FAILURE() << "nothing was thrown";
  return false;
}

class ErasureTest : public StoreTest {
 protected:
  // Whether the octets are in any file of the store.
  bool isOnDisk(const std::string& octets) const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string file{std::istreambuf_iterator<char>(in), {}};
      if (file.find(octets) != std::string::npos) return true;
    }
    return false;
  }
  void runOnCatalogue(const std::string& sql) const {
    ASSERT_EQ(std::system(("sqlite3 '" + (folder_ / "catalogue.sqlite").string() + "' \"" + sql + '"').c_str()), 0);
  }
  const std::string secret_ = "the name and number of a person: " + octetsOf(5, 5000);
};

TEST_F(ErasureTest, TheOctetsAreGoneFromTheFilesAndTheNeighboursAreNot) {
  const DocumentId before = DocumentId::random(), erased = DocumentId::random(), after = DocumentId::random();
  {
    SegmentDocumentStore store(folder_);
    store.appendWhole(before, octetsOf(1, 9000), core::now());
    store.appendWhole(erased, secret_, core::now());
    store.appendWhole(after, octetsOf(2, 9000), core::now());
    ASSERT_TRUE(isOnDisk(secret_)) << "the test looks in the wrong place";
    store.erase({erased});
    EXPECT_FALSE(isOnDisk(secret_));
    EXPECT_FALSE(isOnDisk(secret_.substr(0, 30)));
    EXPECT_FALSE(isOnDisk(secret_.substr(secret_.size() - 30)));
    EXPECT_TRUE(isErased([&] { store.read(erased); }));
    EXPECT_TRUE(store.check().empty());
    store.erase({erased});  // bears repetition
    store.appendWhole(DocumentId::random(), "and it goes on", core::now());
  }
  for (const bool readOnly : {true, false}) {
    SegmentDocumentStore store(folder_, {.verifyPayloads = true, .readOnly = readOnly});
    EXPECT_TRUE(store.damage().empty());
    EXPECT_EQ(store.read(before), octetsOf(1, 9000));
    EXPECT_EQ(store.read(after), octetsOf(2, 9000));
    EXPECT_TRUE(isErased([&] { store.read(erased); }));
  }
  SegmentDocumentStore store(folder_);
  EXPECT_EQ(codeOf([&] { store.erase({DocumentId::random()}); }), ErrorCode::kNotFound);
  EXPECT_TRUE(isErased([&] { store.appendRevision(erased, DocumentId::random(), "+", core::now()); }));
  EXPECT_FALSE(isErased([&] { store.read(DocumentId::random()); })) << "one that never was is another matter";
}

TEST_F(ErasureTest, NothingIsMarkedWhenOneOfTheIdsIsUnknown) {
  SegmentDocumentStore store(folder_);
  const DocumentId id = DocumentId::random();
  store.appendWhole(id, secret_, core::now());
  EXPECT_EQ(codeOf([&] { store.erase({id, DocumentId::random()}); }), ErrorCode::kNotFound);
  EXPECT_EQ(store.read(id), secret_);
}

TEST_F(ErasureTest, APrefixStaysWhileADocumentUsesItAndGoesWithTheLast) {
  SegmentDocumentStore store(folder_);
  const std::string shared = "what all contracts of a template share " + octetsOf(9, 20000);
  const BatchRow batch = store.openBatch(makeBatch("k"));
  const Sha256 prefix = store.putPrefix(shared);
  const NewDocument one = makeDocument(batch.id, 1, prefix, 4000), two = makeDocument(batch.id, 2, prefix, 4000);
  store.append({one, two});
  store.erase({one.id});
  EXPECT_FALSE(isOnDisk(one.tail));
  EXPECT_EQ(store.read(two.id), shared + two.tail);
  store.erase({two.id});
  EXPECT_FALSE(isOnDisk(shared.substr(0, 40)));
  EXPECT_TRUE(store.check().empty());

  // The rows exist still: a batch that is run again does not make them anew. What the batch lists are living ones.
  EXPECT_THAT(store.existingRows(batch.id, 3), ElementsAre(true, true, false));
  std::vector<std::uint64_t> listed;
  store.forEach(batch.id, [&](const DocumentRow& row) { listed.push_back(row.row); });
  EXPECT_THAT(listed, IsEmpty());

  // Who comes with the erased prefix is told; who puts it again can use it.
  const NewDocument three = makeDocument(batch.id, 3, prefix, 10);
  EXPECT_EQ(codeOf([&] { store.append({three}); }), ErrorCode::kNotFound);
  EXPECT_EQ(store.putPrefix(shared), prefix);
  store.append({three});
  EXPECT_EQ(store.read(three.id), shared + three.tail);
  EXPECT_TRUE(store.check().empty());
}

TEST_F(ErasureTest, ALaterRevisionOutlivesAnErasedOne) {
  SegmentDocumentStore store(folder_);
  const BatchRow batch = store.openBatch(makeBatch("k"));
  const NewDocument first = makeDocument(batch.id, 1, store.putPrefix("prefix "), 3000);
  store.append({first});
  const DocumentId second = DocumentId::random(), lost = DocumentId::random(), third = DocumentId::random();
  store.appendRevision(first.id, second, "+signed", core::now());
  store.appendRevision(first.id, lost, "+lost the race", core::now());
  store.appendRevision(second, third, "+sealed", core::now());
  EXPECT_THAT(store.listContinuations(first.id), testing::UnorderedElementsAre(second, lost, third));
  EXPECT_THAT(store.listContinuations(second), ElementsAre(third));
  EXPECT_THAT(store.listContinuations(third), IsEmpty());
  store.erase({first.id, second, lost});
  EXPECT_EQ(store.read(third), "prefix " + first.tail + "+signed+sealed");
  EXPECT_FALSE(isOnDisk("lost the race"));
  EXPECT_TRUE(store.check().empty());
  store.erase({third});
  EXPECT_FALSE(isOnDisk(first.tail));
}

TEST_F(ErasureTest, WhatClaimsToBeErasedAndIsNotIsFound) {
  const DocumentId id = DocumentId::random();
  {
    SegmentDocumentStore store(folder_);
    store.appendWhole(id, secret_, core::now());
  }
  runOnCatalogue("UPDATE documents SET erased = 2");
  SegmentDocumentStore store(folder_, {.verifyPayloads = true});
  ASSERT_EQ(store.damage().size(), 1u);
  EXPECT_EQ(store.damage().front().problem, "octets of an erased record are there");
}

TEST_F(ErasureTest, WhatIsErasedIsNotTakenForDamageAndNotTheOtherWayRound) {
  const DocumentId id = DocumentId::random(), other = DocumentId::random();
  {
    SegmentDocumentStore store(folder_);
    store.appendWhole(id, secret_, core::now());
    store.appendWhole(other, octetsOf(3, 500), core::now());
    store.erase({id});
  }
  runOnCatalogue("UPDATE documents SET erased = 0");  // an older copy of the catalogue, put back
  SegmentDocumentStore store(folder_, {.verifyPayloads = true});
  ASSERT_EQ(store.damage().size(), 1u);
  EXPECT_EQ(store.damage().front().affected.front().id, id);
  EXPECT_EQ(store.read(other), octetsOf(3, 500));
}

TEST_F(ErasureTest, WhatACrashInterruptedIsFinishedByTheNextOpening) {
  const DocumentId id = DocumentId::random();
  {
    SegmentDocumentStore store(folder_);
    store.appendWhole(id, secret_, core::now());
  }
  runOnCatalogue("UPDATE documents SET erased = 1");  // died between the mark and the overwriting
  {
    SegmentDocumentStore reader(folder_, {.readOnly = true});
    EXPECT_TRUE(reader.damage().empty());
    EXPECT_TRUE(isErased([&] { reader.read(id); }));
    EXPECT_TRUE(isOnDisk(secret_));
  }
  SegmentDocumentStore store(folder_);
  EXPECT_TRUE(store.damage().empty());
  EXPECT_FALSE(isOnDisk(secret_));
  EXPECT_TRUE(store.check().empty());
}

TEST_F(ErasureTest, WhileACopyIsBeingMadeNothingIsErased) {
  SegmentDocumentStore store(folder_);
  const DocumentId id = DocumentId::random();
  store.appendWhole(id, secret_, core::now());
  {
    const StoreLock copying(folder_ / kErasingLock, StoreLock::Hold::kShared);
    EXPECT_EQ(codeOf([&] { store.erase({id}); }), ErrorCode::kUnavailable);
    EXPECT_EQ(store.read(id), secret_);
  }
  store.erase({id});
  EXPECT_FALSE(isOnDisk(secret_));
}

TEST_F(ErasureTest, ReadersSeeADocumentWholeOrErased) {
  SegmentDocumentStore store(folder_);
  std::vector<DocumentId> ids;
  for (std::uint64_t i = 0; i < 12; ++i) {
    ids.push_back(DocumentId::random());
    store.appendWhole(ids.back(), octetsOf(i, 50000), core::now());
  }
  std::atomic<bool> done{false};
  std::atomic<int> others{0}, erased{0};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&] {
      while (!done) {
        for (std::uint64_t i = 0; i < ids.size(); ++i) {
          try {
            if (store.read(ids[i]) != octetsOf(i, 50000)) ++others;
          } catch (const core::Error& error) {
            ++(saysErased(error) ? erased : others);
          }
        }
      }
    });
  }
  for (const DocumentId& id : ids) store.erase({id});
  while (erased == 0) std::this_thread::yield();
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(others, 0);
}

// A child erases one document after the other and is killed at some moment; what it was told to be erased is, and
// nothing is half so.
TEST_F(ErasureTest, AKillAtAnyMomentLeavesNothingHalfErased) {
  constexpr std::uint64_t kDocuments = 60;
  std::vector<DocumentId> ids;
  {
    SegmentDocumentStore store(folder_);
    for (std::uint64_t i = 0; i < kDocuments; ++i) {
      ids.push_back(DocumentId::random());
      store.appendWhole(ids.back(), octetsOf(i, 2000), core::now());
    }
  }
  std::size_t reported = 0;
  for (int kill = 0; kill < 200 && reported < ids.size() / 2; ++kill) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const std::size_t first = reported;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      SegmentDocumentStore store(folder_);
      for (std::size_t i = first; i < ids.size(); ++i) {
        store.erase({ids[i]});
        if (::write(ends[1], "x", 1) != 1) ::_exit(9);
      }
      for (;;) ::pause();
    }
    ::close(ends[1]);
    char octet = 0;
    for (int wait = 0; wait <= kill % 5 && ::read(ends[0], &octet, 1) == 1; ++wait) ++reported;
    ::kill(child, SIGKILL);
    while (::read(ends[0], &octet, 1) == 1) ++reported;
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));

    SegmentDocumentStore store(folder_, {.verifyPayloads = true});
    ASSERT_TRUE(store.damage().empty()) << store.damage().front().problem;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      try {
        ASSERT_TRUE(store.read(ids[i]) == octetsOf(i, 2000));
        ASSERT_GE(i, reported) << "a document that was reported as erased can be read";
      } catch (const core::Error& error) {
        ASSERT_TRUE(saysErased(error)) << error.what();
        ASSERT_LE(i, reported) << "a document was erased that nobody asked for";
        ASSERT_FALSE(i < reported && i + 1 == reported && isOnDisk(octetsOf(i, 2000).substr(100, 64)));
      }
    }
  }
  EXPECT_GE(reported, ids.size() / 2);
}

}  // namespace
}  // namespace qianda::storage
