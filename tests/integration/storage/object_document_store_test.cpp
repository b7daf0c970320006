#include "storage/object_document_store.h"

#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "storage/objects/s3_object_store.h"
#include "tests/support/database.h"
#include "tests/support/error_of.h"
#include "tests/support/s3_server.h"

namespace qianda::storage {
namespace {

using core::DocumentId;
using core::ErrorCode;
using test::messageOf;

class ObjectDocumentStoreTest : public test::OnBothDatabases {
 protected:
  std::unique_ptr<ObjectStore> objects(const std::string& secret = test::S3Server::kSecretKey) {
    const auto keys = folder / "keys";
    core::writeSecretFile(keys, std::string(test::S3Server::kAccessKey) + "\n" + secret + "\n");
    return std::make_unique<S3ObjectStore>(parseS3Address(server.address(), keys));
  }
  BatchRow batchOf(const std::string& key) {
    BatchRow batch;
    batch.id = DocumentId::random().text();
    batch.idempotencyKey = key;
    batch.requestDigest = "digest";
    batch.templateId = "labour-general";
    batch.templateVersion = "1.0.0";
    batch.rows = 3;
    batch.createdAt = core::now();
    return batch;
  }
  const test::TempFolder folder;
  test::S3Server server;
  ObjectDocumentStore store{*database, objects()};
};
INSTANTIATE_TEST_SUITE_P(Databases, ObjectDocumentStoreTest, test::bothDatabases(), test::databaseName);

TEST_P(ObjectDocumentStoreTest, DocumentsComeBackAsTheyWentInAlsoInAnotherProcess) {
  const BatchRow batch = store.openBatch(batchOf("key"));
  const Sha256 prefix = store.putPrefix("prefix ");
  const DocumentId first = DocumentId::random(), second = DocumentId::random(), revision = DocumentId::random(),
                   whole = DocumentId::random();
  store.append({{first, batch.id, 1, prefix, "one", core::now()}, {second, batch.id, 3, prefix, "", core::now()}});
  store.appendRevision(first, revision, std::string("+\0more", 6), core::now());
  store.appendWhole(whole, "whole", core::now());

  ObjectDocumentStore other(*database, objects());
  EXPECT_EQ(other.read(first), "prefix one");
  EXPECT_EQ(other.read(second), "prefix ");
  EXPECT_EQ(other.read(revision), std::string("prefix one+\0more", 16));
  EXPECT_EQ(other.read(whole), "whole");
  EXPECT_THAT(other.existingRows(batch.id, 3), testing::ElementsAre(true, false, true));
  EXPECT_EQ(other.countDocuments(batch.id), 2u);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> rows;
  other.forEach(batch.id, [&](const DocumentRow& row) { rows.emplace_back(row.row, row.size); });
  EXPECT_THAT(rows, testing::ElementsAre(testing::Pair(1, 10), testing::Pair(3, 7)));
  messageOf([&] { other.read(DocumentId::random()); }, ErrorCode::kNotFound);
  EXPECT_EQ(server.refusedSignatures, 0);
}

TEST_P(ObjectDocumentStoreTest, ARowAndAKeyExistOnce) {
  const BatchRow batch = store.openBatch(batchOf("key"));
  EXPECT_EQ(store.openBatch(batchOf("key")).id, batch.id);
  BatchRow twin = batchOf("key");
  twin.requestDigest = "another";
  messageOf([&] { store.openBatch(twin); }, ErrorCode::kConflict);
  const Sha256 prefix = store.putPrefix("p");
  const DocumentId made = DocumentId::random();
  store.append({{made, batch.id, 1, prefix, "a", core::now()}});
  messageOf(
      [&] {
        store.append({{DocumentId::random(), batch.id, 1, prefix, "b", core::now()}});
      },
      ErrorCode::kConflict);
  messageOf([&] { store.appendRevision(made, made, "x", core::now()); }, ErrorCode::kConflict);
  EXPECT_EQ(store.read(made), "pa");
  store.suspendBatch(batch.id, "pending_timestamp", "no answer");
  EXPECT_EQ(store.findBatch(batch.id)->state, "pending_timestamp");
  store.completeBatch(batch.id);
  EXPECT_EQ(store.findBatch(batch.id)->state, "complete");
  EXPECT_EQ(store.listBatches().size(), 1u);
}

TEST_P(ObjectDocumentStoreTest, ChangedAndLostObjectsAreNamedNotServed) {
  const DocumentId id = DocumentId::random();
  store.appendWhole(id, "contents of a document", core::now());
  server.tamper("groups/");
  messageOf([&] { store.read(id); }, ErrorCode::kCorrupt);
  server.lose("groups/");
  EXPECT_THAT(messageOf([&] { store.read(id); }, ErrorCode::kNotFound), testing::HasSubstr("groups/"));

  const BatchRow batch = store.openBatch(batchOf("key"));
  const DocumentId sealed = DocumentId::random();
  store.append({{sealed, batch.id, 1, store.putPrefix("prefix"), "tail", core::now()}});
  server.tamper("prefixes/");
  ObjectDocumentStore other(*database, objects());  // this one has not read the prefix yet
  messageOf([&] { other.read(sealed); }, ErrorCode::kCorrupt);
  other.putPrefix("prefix");  // mends it
  EXPECT_EQ(other.read(sealed), "prefixtail");
}

TEST_P(ObjectDocumentStoreTest, PassingFaultsAreTriedAgainAndLastingOnesSaid) {
  const DocumentId id = DocumentId::random();
  server.refuseNext = 2;
  store.appendWhole(id, "a", core::now());
  server.dropAnswerNext = 1;
  EXPECT_EQ(store.read(id), "a");
  server.refuseNext = 1000;
  const DocumentId refused = DocumentId::random();
  messageOf([&] { store.appendWhole(refused, "b", core::now()); }, ErrorCode::kUnavailable);
  server.refuseNext = 0;
  messageOf([&] { store.read(refused); }, ErrorCode::kNotFound);  // nothing half done
  messageOf([&] { objects("another secret"); }, ErrorCode::kUnavailable);
}

TEST_P(ObjectDocumentStoreTest, ManyWriteAtOnce) {
  ObjectDocumentStore other(*database, objects());
  std::vector<std::thread> threads;
  std::vector<std::vector<DocumentId>> ids(4);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 10; ++n) {
        ids[i].push_back(DocumentId::random());
        (i % 2 == 0 ? store : other).appendWhole(ids[i].back(), "text " + std::to_string(i), core::now());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    for (const DocumentId& id : ids[i]) EXPECT_EQ(store.read(id), "text " + std::to_string(i));
  }
}

TEST_P(ObjectDocumentStoreTest, AnErasedDocumentIsInNoObjectAndItsNeighboursAreWhole) {
  const BatchRow batch = store.openBatch(batchOf("key"));
  const Sha256 prefix = store.putPrefix("shared prefix ");
  const DocumentId first = DocumentId::random(), second = DocumentId::random(), third = DocumentId::random(),
                   revision = DocumentId::random(), later = DocumentId::random();
  store.append({{first, batch.id, 1, prefix, "secret of one", core::now()},
                {second, batch.id, 2, prefix, "secret of two", core::now()},
                {third, batch.id, 3, prefix, "secret of three", core::now()}});
  store.appendRevision(second, revision, "+signed", core::now());
  store.appendRevision(revision, later, "+sealed", core::now());
  EXPECT_THAT(store.listContinuations(second), testing::UnorderedElementsAre(revision, later));
  ASSERT_TRUE(server.holds("secret of two"));
  store.erase({second, revision});
  ObjectDocumentStore other(*database, objects());
  for (ObjectDocumentStore* one : {&store, &other}) {
    EXPECT_THAT(messageOf([&] { one->read(second); }, ErrorCode::kNotFound), testing::HasSubstr("was erased"));
    EXPECT_EQ(one->read(first), "shared prefix secret of one");
    EXPECT_EQ(one->read(third), "shared prefix secret of three");
    EXPECT_EQ(one->read(later), "shared prefix secret of two+signed+sealed");
  }
  store.erase({second, revision, later});
  EXPECT_FALSE(server.holds("secret of two"));
  EXPECT_TRUE(server.holds("shared prefix"));
  EXPECT_THAT(
      messageOf([&] { store.appendRevision(later, DocumentId::random(), "+", core::now()); }, ErrorCode::kNotFound),
      testing::HasSubstr("was erased"));
  messageOf([&] { store.erase({DocumentId::random()}); }, ErrorCode::kNotFound);
  EXPECT_THAT(store.existingRows(batch.id, 3), testing::ElementsAre(true, true, true));

  store.erase({first});
  EXPECT_TRUE(server.holds("shared prefix"));
  other.erase({third});
  EXPECT_FALSE(server.holds("shared prefix")) << "nothing uses it any more";
  EXPECT_FALSE(server.holds("secret"));
  // Who still has the prefix in memory is told, and puts it again.
  const DocumentId fresh = DocumentId::random();
  messageOf([&] { store.append({{fresh, "", 0, prefix, "new", core::now()}}); }, ErrorCode::kNotFound);
  store.putPrefix("shared prefix ");
  store.append({{fresh, "", 0, prefix, "new", core::now()}});
  EXPECT_EQ(other.read(fresh), "shared prefix new");
}

TEST_P(ObjectDocumentStoreTest, AnInterruptedErasureIsFinishedByTheNextCall) {
  const DocumentId first = DocumentId::random(), second = DocumentId::random();
  const Sha256 prefix = store.putPrefix("p");
  store.append({{first, "", 0, prefix, "secret of one", core::now()}, {second, "", 0, prefix, "two", core::now()}});
  server.refuseNext = 1000;
  messageOf([&] { store.erase({first}); }, ErrorCode::kUnavailable);
  server.refuseNext = 0;
  EXPECT_THAT(messageOf([&] { store.read(first); }, ErrorCode::kNotFound), testing::HasSubstr("was erased"));
  EXPECT_EQ(store.read(second), "ptwo");
  EXPECT_TRUE(server.holds("secret of one"));
  store.erase({first});
  EXPECT_FALSE(server.holds("secret of one"));
  EXPECT_EQ(store.read(second), "ptwo");
}

TEST_P(ObjectDocumentStoreTest, ManyEraseOfOneObjectAtOnce) {
  ObjectDocumentStore other(*database, objects());
  std::vector<NewDocument> group;
  const Sha256 prefix = store.putPrefix("p");
  for (int i = 0; i < 24; ++i) {
    group.push_back({DocumentId::random(), "", 0, prefix, "secret " + std::to_string(i) + ".", core::now()});
  }
  store.append(group);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < 20; i += 4) (t % 2 == 0 ? store : other).erase({group[i].id});
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < group.size(); ++i) {
    EXPECT_EQ(server.holds(group[i].tail), i >= 20) << group[i].tail;
    if (i < 20) continue;
    EXPECT_EQ(store.read(group[i].id), "p" + group[i].tail);
  }
}

TEST_P(ObjectDocumentStoreTest, WhatAnInterruptedAppendLeftIsRemovedLater) {
  const DocumentId id = DocumentId::random(), twin = id;
  store.appendWhole(id, "once", core::now());
  messageOf([&] { store.appendWhole(twin, "left behind", core::now()); }, ErrorCode::kConflict);
  EXPECT_TRUE(server.holds("left behind"));
  store.erase({id});
  EXPECT_TRUE(server.holds("left behind")) << "it may be somebody's who has not committed yet";
  database->write([](Transaction& t) { t.execute("UPDATE stored_leftovers SET since_ms = 0"); });
  store.erase({id});
  EXPECT_FALSE(server.holds("left behind"));
}

TEST(S3Address, IsReadStrictly) {
  const test::TempFolder folder;
  const auto keys = folder / "keys";
  core::writeSecretFile(keys, "AK\nSK\n");
  const S3Options options =
      parseS3Address("s3://bucket/some/folder?host=s3.example.cn:9000&style=virtual&tls=no", keys);
  EXPECT_EQ(options.bucket, "bucket");
  EXPECT_EQ(options.folder, "some/folder/");
  EXPECT_EQ(options.host, "s3.example.cn:9000");
  EXPECT_FALSE(options.tls);
  EXPECT_FALSE(options.pathStyle);
  EXPECT_EQ(options.secretKey, "SK");
  for (const char* wrong :
       {"http://bucket?host=h", "s3://bucket", "s3://bucket?host=h&port=1", "s3://bucket?host=h&tls=maybe"}) {
    messageOf([&] { parseS3Address(wrong, keys); }, ErrorCode::kUsage);
  }
  std::filesystem::permissions(keys, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  messageOf([&] { parseS3Address("s3://bucket?host=h", keys); }, ErrorCode::kUsage);
}

}  // namespace
}  // namespace qianda::storage
