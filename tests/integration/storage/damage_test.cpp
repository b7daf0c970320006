#include <chrono>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "core/file.h"
#include "storage/segment_format.h"
#include "tests/unit/storage/store_fixture.h"

namespace qianda::storage {
namespace {

using core::ErrorCode;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr std::uint64_t kBlock = 4096;

// Three segments: 1 holds the prefix p and documents 1-4, 2 holds the prefix q and documents 5-6 (with prefix p) and 7
// (with prefix q), 3 holds document 8 (with prefix q). A group takes 3 blocks, a prefix 1.
class DamageTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    options_.segmentOctets = 8 * kBlock;
    SegmentDocumentStore store(folder_, options_);
    batch_ = store.openBatch(makeBatch("k")).id;
    const Sha256 p = store.putPrefix("prefix p ");
    append(store, {make(1, p), make(2, p)});
    append(store, {make(3, p), make(4, p)});
    const Sha256 q = store.putPrefix("prefix q ");
    append(store, {make(5, p), make(6, p)});
    append(store, {make(7, q)});
    append(store, {make(8, q)});
    ASSERT_TRUE(std::filesystem::exists(segment(3)));
    ASSERT_FALSE(std::filesystem::exists(segment(4)));
  }
  NewDocument make(std::uint64_t row, const Sha256& prefix) const { return makeDocument(batch_, row, prefix, 5000); }
  void append(DocumentStore& store, const std::vector<NewDocument>& group) {
    store.append(group);
    for (const NewDocument& document : group) ids_.push_back(document.id);
  }
  void flip(int number, std::uint64_t offset) const {
    std::fstream file(segment(number), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    const char octet = static_cast<char>(file.get() ^ 0x10);
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(octet);
  }
  std::uint64_t offsetOf(int number, std::string_view octets) const {
    return core::readFile(segment(number)).find(octets);
  }
  // Documents that cannot be read; the others must come back as they were stored.
  std::vector<std::uint64_t> unreadable(DocumentStore& store) const {
    std::vector<std::uint64_t> rows;
    for (std::uint64_t row = 1; row <= ids_.size(); ++row) {
      try {
        EXPECT_TRUE(store.read(ids_[row - 1]).ends_with(octetsOf(row, 5000))) << row;
      } catch (const core::Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kCorrupt);
        rows.push_back(row);
      }
    }
    return rows;
  }
  static std::vector<std::uint64_t> affectedRows(const std::vector<Damage>& damage) {
    std::vector<std::uint64_t> rows;
    for (const Damage& entry : damage) {
      for (const DocumentRow& document : entry.affected) rows.push_back(document.row);
    }
    return rows;
  }
  // Opening finds exactly these rows affected, they and no others are unreadable, and new documents can be stored.
  Damage expectAffected(const std::vector<std::uint64_t>& rows) {
    StoreOptions readOnly = options_;
    readOnly.readOnly = true;
    EXPECT_THAT(affectedRows(SegmentDocumentStore(folder_, readOnly).damage()),
                ::testing::UnorderedElementsAreArray(rows));
    SegmentDocumentStore store(folder_, options_);
    EXPECT_EQ(store.damage().size(), 1u);
    EXPECT_THAT(affectedRows(store.damage()), ::testing::UnorderedElementsAreArray(rows));
    EXPECT_THAT(affectedRows(store.check()), ::testing::UnorderedElementsAreArray(rows));
    EXPECT_THAT(unreadable(store), ::testing::UnorderedElementsAreArray(rows));
    const NewDocument fresh = makeDocument(batch_, 99, store.putPrefix("prefix r "), 100);
    store.append({fresh});
    EXPECT_EQ(store.read(fresh.id), "prefix r " + fresh.tail);
    return store.damage().empty() ? Damage{} : store.damage().front();
  }

  StoreOptions options_;
  std::string batch_;
  std::vector<core::DocumentId> ids_;
};

}  // namespace

TEST_F(DamageTest, NoneIsFoundInASoundStore) {
  SegmentDocumentStore store(folder_, options_);
  EXPECT_TRUE(store.damage().empty());
  EXPECT_EQ(store.discardedOctets(), 0u);
  EXPECT_TRUE(unreadable(store).empty());
}

TEST_F(DamageTest, AFlippedPayloadOctetCostsOneDocument) {
  const std::uint64_t offset = offsetOf(1, octetsOf(3, 5000));
  flip(1, offset + 1234);
  const Damage damage = expectAffected({3});
  EXPECT_EQ(damage.segment, "00000001.seg");
  EXPECT_EQ(damage.offset, offset - kRecordHeaderOctets);
  EXPECT_EQ(damage.problem, "payload checksum differs");
}

TEST_F(DamageTest, AFlippedRecordHeaderCostsOneDocument) {
  flip(2, offsetOf(2, octetsOf(6, 5000)) - 60);
  EXPECT_EQ(expectAffected({6}).problem, "record header damaged");
}

TEST_F(DamageTest, AFlippedPrefixCostsAllThatUseIt) {
  flip(1, offsetOf(1, "prefix p "));
  EXPECT_EQ(expectAffected({1, 2, 3, 4, 5, 6}).problem, "shared prefix: payload checksum differs");
}

TEST_F(DamageTest, ADamagedPrefixIsMendedByStoringItAgain) {
  flip(1, offsetOf(1, "prefix p "));
  SegmentDocumentStore store(folder_, options_);
  EXPECT_EQ(unreadable(store).size(), 6u);
  store.putPrefix("prefix p ");
  EXPECT_TRUE(unreadable(store).empty());
  EXPECT_TRUE(store.check().empty());
}

TEST_F(DamageTest, ADamagedFileHeaderCostsNoDocument) {
  flip(2, 9);
  EXPECT_EQ(expectAffected({}).problem, "file header checksum differs");
}

TEST_F(DamageTest, AMissingSegmentCostsItsDocumentsAndTheUsersOfItsPrefixes) {
  std::filesystem::remove(segment(2));
  EXPECT_EQ(expectAffected({5, 6, 7, 8}).problem, "the file is missing");
}

TEST_F(DamageTest, ATruncatedSegmentCostsWhatIsGone) {
  std::filesystem::resize_file(segment(1), offsetOf(1, octetsOf(4, 5000)) + 100);
  EXPECT_THAT(expectAffected({4}).problem, HasSubstr("truncated: "));
}

TEST_F(DamageTest, NewDocumentsGoToAFreshSegment) {
  flip(3, offsetOf(3, octetsOf(8, 5000)));
  const auto size = std::filesystem::file_size(segment(3));
  expectAffected({8});
  EXPECT_EQ(std::filesystem::file_size(segment(3)), size);
  EXPECT_TRUE(std::filesystem::exists(segment(4)));
}

TEST_F(DamageTest, TwoSwappedSegmentsAreNoticed) {
  std::filesystem::rename(segment(1), folder_ / "aside");
  std::filesystem::rename(segment(2), segment(1));
  std::filesystem::rename(folder_ / "aside", segment(2));
  SegmentDocumentStore store(folder_, options_);
  EXPECT_THAT(affectedRows(store.damage()), ::testing::IsSupersetOf({1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(unreadable(store).size(), 8u);
}

// A crash can leave any part of the last group; none of it may appear, all before it must.
TEST_F(DamageTest, AHalfWrittenGroupNeverExisted) {
  const std::string before = core::readFile(segment(3));
  const std::filesystem::path copy = folder_.string() + "-copy";
  std::filesystem::copy(folder_, copy, std::filesystem::copy_options::recursive);
  const auto copied = copy / "segments" / "00000003.seg";
  {
    SegmentDocumentStore store(folder_, options_);
    store.append({make(20, store.putPrefix("prefix p ")), make(21, store.putPrefix("prefix p "))});
  }
  const std::string after = core::readFile(segment(3));
  ASSERT_EQ(after.size(), before.size() + 3 * kBlock);
  for (std::size_t end = before.size() + 1; end <= after.size(); end += 97) {
    core::writeFile(copied, after.substr(0, end));
    SegmentDocumentStore store(copy, options_);
    ASSERT_EQ(store.discardedOctets(), end - before.size());
    ASSERT_EQ(std::filesystem::file_size(copied), before.size());
    ASSERT_TRUE(store.damage().empty());
    ASSERT_EQ(store.countDocuments(batch_), 8u);
  }
  SegmentDocumentStore store(copy, options_);
  EXPECT_EQ(store.discardedOctets(), 0u);
  EXPECT_TRUE(unreadable(store).empty());
  std::filesystem::remove_all(copy);
}

// A segment seen sound is read again only when its size or time changed, or on request.
TEST_F(DamageTest, OpeningReadsChangedSegmentsAndVerifyPayloadsAll) {
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  { SegmentDocumentStore store(folder_, options_); }
  const auto time = std::filesystem::last_write_time(segment(1));
  flip(1, offsetOf(1, octetsOf(3, 5000)) + 7);
  std::filesystem::last_write_time(segment(1), time);
  EXPECT_TRUE(SegmentDocumentStore(folder_, options_).damage().empty());
  StoreOptions all = options_;
  all.verifyPayloads = true;
  EXPECT_THAT(affectedRows(SegmentDocumentStore(folder_, all).damage()), UnorderedElementsAre(3));
  std::filesystem::last_write_time(segment(1), time + std::chrono::milliseconds(10));
  EXPECT_THAT(affectedRows(SegmentDocumentStore(folder_, options_).damage()), UnorderedElementsAre(3));
}

TEST_F(DamageTest, ASegmentThatWasNeverCommittedIsRemoved) {
  core::writeFile(segment(4), "half a header");
  SegmentDocumentStore store(folder_, options_);
  EXPECT_EQ(store.discardedOctets(), 13u);
  EXPECT_FALSE(std::filesystem::exists(segment(4)));
  EXPECT_TRUE(unreadable(store).empty());
}

TEST_F(DamageTest, ACatalogueOlderThanTheSegmentsIsRefusedAndNothingRemoved) {
  core::writeFile(segment(6), "unknown");
  EXPECT_EQ(codeOf([&] { SegmentDocumentStore(folder_, options_); }), ErrorCode::kCorrupt);
  EXPECT_TRUE(std::filesystem::exists(segment(6)));
}

TEST_F(DamageTest, AMissingCatalogueIsRefusedAndNothingRemoved) {
  std::filesystem::remove(folder_ / "catalogue.sqlite");
  EXPECT_EQ(codeOf([&] { SegmentDocumentStore(folder_, options_); }), ErrorCode::kCorrupt);
  EXPECT_TRUE(std::filesystem::exists(segment(1)));
}

TEST_F(DamageTest, ADamagedCatalogueIsRefusedWithAdvice) {
  const auto file = folder_ / "catalogue.sqlite";
  const std::string sound = core::readFile(file);
  for (const std::string& bad :
       {std::string("not a database"), sound.substr(0, sound.size() / 2), std::string(100, 'x') + sound.substr(100),
        sound.substr(0, 4096) + std::string(4096, '\x55') + sound.substr(8192)}) {
    core::writeFile(file, bad);
    try {
      SegmentDocumentStore store(folder_, options_);
      ADD_FAILURE() << "opened";
    } catch (const core::Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCorrupt);
      EXPECT_THAT(error.what(), HasSubstr(".recover"));
    }
  }
  core::writeFile(file, sound);
  SegmentDocumentStore store(folder_, options_);
  EXPECT_TRUE(unreadable(store).empty());
}

TEST_F(DamageTest, AFullDiskStoresNothingAndLeavesTheStoreUsable) {
  SegmentDocumentStore store(folder_);
  const Sha256 prefix = store.putPrefix("prefix p ");
  const auto size = std::filesystem::file_size(segment(3));
  std::vector<NewDocument> group;
  for (std::uint64_t row = 30; row < 60; ++row) group.push_back(makeDocument(batch_, row, prefix, 100'000));

  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  for (rlim_t limit : {rlim_t{size + 1}, rlim_t{size + 5000}, rlim_t{size + (1u << 20)}, rlim_t{size + 1'500'001}}) {
    const rlimit narrow{limit, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &narrow), 0);
    EXPECT_EQ(codeOf([&] { store.append(group); }), ErrorCode::kSystem) << limit;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_EQ(store.countDocuments(batch_), 8u);
    EXPECT_EQ(std::filesystem::file_size(segment(3)), size);
  }
  ::signal(SIGXFSZ, handler);

  store.append(group);
  EXPECT_EQ(store.countDocuments(batch_), 38u);
  for (const NewDocument& document : group) EXPECT_TRUE(store.read(document.id) == "prefix p " + document.tail);
  EXPECT_TRUE(store.check().empty());
}

}  // namespace qianda::storage
