#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <openssl/evp.h>

#include "storage/segment_document_store.h"
#include "tests/unit/storage/store_fixture.h"

namespace qianda::storage {
namespace {

using core::ErrorCode;
using ::testing::ElementsAre;

class DocumentStoreTest : public StoreTest {};

TEST_F(DocumentStoreTest, ADocumentIsPrefixAndTail) {
  const NewDocument document = [&] {
    SegmentDocumentStore store(folder_);
    const BatchRow batch = store.openBatch(makeBatch("k"));
    const Sha256 prefix = store.putPrefix("prefix ");
    NewDocument made = makeDocument(batch.id, 1, prefix, 0);
    made.tail = "tail";
    store.append({made});
    EXPECT_EQ(store.read(made.id), "prefix tail");
    return made;
  }();
  SegmentDocumentStore reopened(folder_);
  EXPECT_TRUE(reopened.damage().empty());
  EXPECT_EQ(reopened.read(document.id), "prefix tail");
  EXPECT_EQ(codeOf([&] { reopened.read(core::DocumentId::random()); }), ErrorCode::kNotFound);
}

TEST_F(DocumentStoreTest, APrefixIsNamedByItsSha256AndStoredOnce) {
  SegmentDocumentStore store(folder_);
  const std::string octets = octetsOf(1, 100000);
  Sha256 expected{};
  EVP_Digest(octets.data(), octets.size(), expected.data(), nullptr, EVP_sha256(), nullptr);
  EXPECT_EQ(store.putPrefix(octets), expected);
  const auto size = std::filesystem::file_size(segment(1));
  EXPECT_EQ(store.putPrefix(octets), expected);
  EXPECT_EQ(std::filesystem::file_size(segment(1)), size);
}

TEST_F(DocumentStoreTest, TheSameKeyGivesTheSameBatch) {
  SegmentDocumentStore store(folder_);
  const BatchRow first = store.openBatch(makeBatch("k"));
  EXPECT_EQ(first.state, "running");
  EXPECT_EQ(store.openBatch(makeBatch("k")).id, first.id);
  BatchRow other = makeBatch("k");
  other.requestDigest = std::string(64, 'b');
  EXPECT_EQ(codeOf([&] { store.openBatch(other); }), ErrorCode::kConflict);
  store.completeBatch(first.id);
  EXPECT_EQ(store.openBatch(makeBatch("k")).state, "complete");
  ASSERT_TRUE(store.findBatch(first.id));
  EXPECT_EQ(store.findBatch(first.id)->rows, 100u);
  EXPECT_EQ(store.findBatch(first.id)->createdAt, first.createdAt);
  EXPECT_EQ(store.listBatches().size(), 1u);
  EXPECT_EQ(codeOf([&] { store.completeBatch("none"); }), ErrorCode::kNotFound);
}

TEST_F(DocumentStoreTest, ASuspendedBatchSaysWhatItWaitsForUntilItIsComplete) {
  BatchRow wanted = makeBatch("k");
  wanted.level = "B-T";
  std::string id;
  {
    SegmentDocumentStore store(folder_);
    id = store.openBatch(wanted).id;
    store.suspendBatch(id, "pending_timestamp", "it is silent");
    store.suspendBatch(id, "pending_revocation", "it is still silent");
  }
  SegmentDocumentStore store(folder_);
  const BatchRow waiting = store.openBatch(wanted);
  EXPECT_EQ(waiting.id, id);
  EXPECT_EQ(waiting.level, "B-T");
  EXPECT_EQ(waiting.state, "pending_revocation");
  EXPECT_EQ(waiting.waitReason, "it is still silent");
  EXPECT_GE(waiting.waitingSince, waiting.createdAt);
  store.completeBatch(id);
  EXPECT_EQ(store.findBatch(id)->state, "complete");
  EXPECT_EQ(store.findBatch(id)->waitReason, "");
  EXPECT_EQ(codeOf([&] { store.suspendBatch("none", "pending_timestamp", ""); }), ErrorCode::kNotFound);
}

TEST_F(DocumentStoreTest, ACatalogueOfTheFirstSchemaIsBroughtUpToDate) {
  std::string id;
  {
    SegmentDocumentStore store(folder_);
    id = store.openBatch(makeBatch("k")).id;
  }
  const std::string back =
      "DROP TABLE waiting; ALTER TABLE batches DROP COLUMN level; DROP TABLE continuations; DROP INDEX "
      "documents_erasing; ALTER TABLE documents DROP COLUMN erased; ALTER TABLE prefixes DROP COLUMN erased; UPDATE "
      "schema_version SET version = 1;";
  ASSERT_EQ(std::system(("sqlite3 '" + (folder_ / "catalogue.sqlite").string() + "' '" + back + "'").c_str()), 0);
  SegmentDocumentStore store(folder_);
  ASSERT_TRUE(store.findBatch(id));
  EXPECT_EQ(store.findBatch(id)->level, "B-B");
  EXPECT_EQ(store.findBatch(id)->state, "running");
}

TEST_F(DocumentStoreTest, ARowExistsOncePerBatch) {
  SegmentDocumentStore store(folder_);
  const BatchRow batch = store.openBatch(makeBatch("k")), other = store.openBatch(makeBatch("l"));
  const Sha256 prefix = store.putPrefix("p");
  store.append({makeDocument(batch.id, 1, prefix, 50), makeDocument(batch.id, 3, prefix, 50)});
  const auto size = std::filesystem::file_size(segment(1));
  const NewDocument fresh = makeDocument(batch.id, 2, prefix, 50);
  EXPECT_EQ(codeOf([&] { store.append({fresh, makeDocument(batch.id, 3, prefix, 50)}); }), ErrorCode::kConflict);
  EXPECT_EQ(codeOf([&] { store.read(fresh.id); }), ErrorCode::kNotFound) << "the group is all or nothing";
  EXPECT_EQ(std::filesystem::file_size(segment(1)), size);
  store.append({makeDocument(other.id, 3, prefix, 50)});
  EXPECT_THAT(store.existingRows(batch.id, 4), ElementsAre(true, false, true, false));
  EXPECT_EQ(store.countDocuments(batch.id), 2u);
  EXPECT_TRUE(store.check().empty());
}

TEST_F(DocumentStoreTest, GroupsOfAnySizeFollowEachOther) {
  SegmentDocumentStore store(folder_);
  const BatchRow batch = store.openBatch(makeBatch("k"));
  const Sha256 prefix = store.putPrefix("p");
  std::vector<NewDocument> all;
  std::uint64_t row = 0;
  for (std::size_t size : {1u, 700u, 3u, 2u, 1500u, 1u}) {
    std::vector<NewDocument> group;
    for (std::size_t i = 0; i < size; ++i) group.push_back(makeDocument(batch.id, ++row, prefix, i % 7));
    store.append(group);
    all.insert(all.end(), group.begin(), group.end());
  }
  for (const NewDocument& document : all) ASSERT_TRUE(store.read(document.id) == "p" + document.tail);
  std::uint64_t visited = 0;
  store.forEach(batch.id, [&](const DocumentRow& found) {
    ASSERT_EQ(found.row, ++visited);
    ASSERT_EQ(found.id, all[visited - 1].id);
    ASSERT_EQ(found.size, all[visited - 1].tail.size() + 1);
    ASSERT_EQ(found.batchId, batch.id);
  });
  EXPECT_EQ(visited, all.size());
}

TEST_F(DocumentStoreTest, SegmentsRoll) {
  StoreOptions options;
  options.segmentOctets = 5 * 4096;
  std::vector<NewDocument> all;
  for (int session = 0; session < 2; ++session) {
    SegmentDocumentStore store(folder_, options);
    EXPECT_TRUE(store.damage().empty());
    const BatchRow batch = store.openBatch(makeBatch("k"));
    const Sha256 prefix = store.putPrefix("p");
    for (int i = 0; i < 10; ++i) {
      all.push_back(makeDocument(batch.id, all.size() + 1, prefix, 1000));
      store.append({all.back()});
    }
    for (const NewDocument& document : all) EXPECT_TRUE(store.read(document.id) == "p" + document.tail);
    EXPECT_TRUE(store.check().empty());
  }
  for (int number = 1; number <= 5; ++number)
    EXPECT_EQ(std::filesystem::file_size(segment(number)), 5u * 4096) << number;
  EXPECT_TRUE(std::filesystem::exists(segment(6)));  // the first block is the file header: four groups a segment
  EXPECT_FALSE(std::filesystem::exists(segment(7)));
}

TEST_F(DocumentStoreTest, OneWriterAndManyReaders) {
  StoreOptions readOnly;
  readOnly.readOnly = true;
  EXPECT_EQ(codeOf([&] { SegmentDocumentStore(folder_ / "none", readOnly); }), ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "none"));

  SegmentDocumentStore writer(folder_);
  EXPECT_EQ(codeOf([&] { SegmentDocumentStore(folder_, {}); }), ErrorCode::kConflict);
  const BatchRow batch = writer.openBatch(makeBatch("k"));
  const Sha256 prefix = writer.putPrefix("p");
  SegmentDocumentStore reader(folder_, readOnly);
  const NewDocument document = makeDocument(batch.id, 1, prefix, 10);
  writer.append({document});
  EXPECT_EQ(reader.read(document.id), "p" + document.tail);
  EXPECT_TRUE(reader.check().empty());
  EXPECT_EQ(codeOf([&] { reader.append({makeDocument(batch.id, 2, prefix, 10)}); }), ErrorCode::kUsage);
  EXPECT_EQ(codeOf([&] { reader.putPrefix("q"); }), ErrorCode::kUsage);
  EXPECT_EQ(codeOf([&] { reader.openBatch(makeBatch("l")); }), ErrorCode::kUsage);
  EXPECT_EQ(codeOf([&] { reader.completeBatch(batch.id); }), ErrorCode::kUsage);
}

TEST_F(DocumentStoreTest, ReadsGoOnBesideWrites) {
  StoreOptions options;
  options.segmentOctets = 100'000;
  SegmentDocumentStore store(folder_, options);
  const BatchRow batch = store.openBatch(makeBatch("k"));
  const Sha256 prefix = store.putPrefix("p");
  const NewDocument first = makeDocument(batch.id, 1, prefix, 1000);
  store.append({first});
  std::atomic<bool> done = false;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        EXPECT_TRUE(store.read(first.id) == "p" + first.tail);
        std::uint64_t last = 0;
        store.forEach(batch.id, [&](const DocumentRow& document) { last = document.row; });
        EXPECT_EQ(last % 20, 1u) << "half a group is visible";
      }
    });
  }
  for (std::uint64_t group = 0; group < 30; ++group) {
    std::vector<NewDocument> documents;
    for (std::uint64_t i = 0; i < 20; ++i) documents.push_back(makeDocument(batch.id, 2 + group * 20 + i, prefix, 900));
    store.append(documents);
  }
  done = true;
  readers.clear();
  EXPECT_TRUE(store.check().empty());
}

TEST_F(DocumentStoreTest, AClosedStoreIsReadWithoutAWriter) {
  core::DocumentId id;
  {
    SegmentDocumentStore store(folder_);
    const NewDocument document = makeDocument(store.openBatch(makeBatch("k")).id, 1, store.putPrefix("p"), 10);
    store.append({document});
    id = document.id;
  }
  StoreOptions readOnly;
  readOnly.readOnly = true;
  EXPECT_EQ(SegmentDocumentStore(folder_, readOnly).read(id).size(), 11u);
}

TEST_F(DocumentStoreTest, WhatDoesNotExistIsNamed) {
  SegmentDocumentStore store(folder_);
  const BatchRow batch = store.openBatch(makeBatch("k"));
  const Sha256 prefix = store.putPrefix("p");
  EXPECT_EQ(codeOf([&] { store.append({makeDocument("none", 1, prefix, 1)}); }), ErrorCode::kNotFound);
  EXPECT_EQ(codeOf([&] { store.append({makeDocument(batch.id, 1, Sha256{}, 1)}); }), ErrorCode::kNotFound);
  EXPECT_EQ(codeOf([&] { store.append({makeDocument(batch.id, 0, prefix, 1)}); }), ErrorCode::kInvalidInput);
  EXPECT_EQ(codeOf([&] { store.existingRows("none", 1); }), ErrorCode::kNotFound);
  EXPECT_EQ(codeOf([&] { store.forEach("none", [](const DocumentRow&) {}); }), ErrorCode::kNotFound);
  BatchRow unnamed = makeBatch("l");
  unnamed.id = "17";
  EXPECT_EQ(codeOf([&] { store.openBatch(unnamed); }), ErrorCode::kInvalidInput);
}

TEST_F(DocumentStoreTest, AFolderNameMayHoldAnything) {
  const auto odd = folder_ / "a b?c#d%20e 合同";
  { SegmentDocumentStore store(odd); }
  EXPECT_TRUE(std::filesystem::exists(odd / "catalogue.sqlite"));
}

TEST_F(DocumentStoreTest, ARevisionContinuesADocumentAndBothStay) {
  const core::DocumentId first = core::DocumentId::random(), second = core::DocumentId::random(),
                         third = core::DocumentId::random(), whole = core::DocumentId::random();
  {
    SegmentDocumentStore store(folder_);
    const BatchRow batch = store.openBatch(makeBatch("k"));
    store.append({{first, batch.id, 1, store.putPrefix("prefix-"), "tail", core::now()}});
    store.appendRevision(first, second, "+one", core::now());
    store.appendWhole(whole, "another", core::now());
  }
  SegmentDocumentStore store(folder_);
  store.appendRevision(second, third, "+two", core::now());
  EXPECT_EQ(store.read(first), "prefix-tail");
  EXPECT_EQ(store.read(second), "prefix-tail+one");
  EXPECT_EQ(store.read(third), "prefix-tail+one+two");
  EXPECT_EQ(store.read(whole), "another");
  EXPECT_EQ(store.listBatches().size(), 1u);
  EXPECT_TRUE(store.check().empty());
  EXPECT_EQ(codeOf([&] { store.appendRevision(first, third, "+x", core::now()); }), ErrorCode::kConflict);
  EXPECT_EQ(
      codeOf([&] { store.appendRevision(core::DocumentId::random(), core::DocumentId::random(), "+x", core::now()); }),
      ErrorCode::kNotFound);
  store.appendRevision(third, core::DocumentId::random(), "+y", core::now());
}

}  // namespace
}  // namespace qianda::storage
