#include "storage/backup/backup.h"

#include <atomic>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/file.h"
#include "storage/audit/audit_log.h"
#include "storage/segment_document_store.h"
#include "tests/support/database.h"
#include "tests/support/error_of.h"
#include "tests/support/process.h"

namespace qianda::storage {
namespace {

namespace fs = std::filesystem;
using core::DocumentId;
using core::ErrorCode;
using test::messageOf;

std::string sha256Of(const std::string& octets) {
  const test::TempFolder folder;
  core::writeFile(folder / "octets", octets);
  return test::run({"sha256sum", (folder / "octets").string()}).out.substr(0, 64);
}

class BackupTest : public test::OnBothDatabases {
 protected:
  BackupTest() {
    fs::create_directories(data / "pki");
    core::writeSecretFile(data / "pki" / "key.pem", "a key");
    store = std::make_unique<SegmentDocumentStore>(data / "documents");
  }
  // A document, the revision that names it, an audit entry: as the service writes them.
  void add(const std::string& octets, const std::string& hash) {
    const DocumentId id = last = DocumentId::random();
    store->appendWhole(id, octets, core::now());
    database->write([&](Transaction& t) {
      t.execute(
          "INSERT INTO envelope_revisions (envelope, number, document, sha256, size, what, party, at_ms) VALUES "
          "($1, 1, $2, $3, $4, 'created', '', 0)",
          {id.text(), id.text(), hash, static_cast<std::int64_t>(octets.size())});
      appendAudit(t, {"envelope:" + id.text(), "ORG", core::now(), "envelope.created", "system", "", "", "{}"});
      appendAudit(t, {"organisation:ORG", "ORG", core::now(), "something", "system", "", "", "{}"});
    });
  }
  BackupPlace place() const { return {data, address, true}; }
  std::vector<std::string> problems(Database& where, DocumentStore& documents) {
    std::vector<std::string> found;
    for (const Inconsistency& one : checkConsistency(where, documents).problems) {
      found.push_back(one.subject + ": " + one.problem);
    }
    return found;
  }

  DocumentId last;
  const test::TempFolder folder;
  const fs::path data = folder / "data", out = folder / "backup", again = folder / "again";
  const std::string address = database.address();
  const std::string hello = sha256Of("hello");
  std::unique_ptr<SegmentDocumentStore> store;
};
INSTANTIATE_TEST_SUITE_P(Databases, BackupTest, test::bothDatabases(), test::databaseName);

TEST_P(BackupTest, MadeWhileTheServiceWritesItIsWholeAndComesBack) {
  std::atomic<bool> done{false};
  std::atomic<int> written{0};
  std::thread writer([&] {
    while (!done) {
      add("hello", hello);
      ++written;
    }
  });
  while (written < 20) std::this_thread::yield();
  const BackupReport made = backUp(place(), out);
  const int atLeast = 20;
  done = true;
  writer.join();
  EXPECT_EQ(checkBackup(out).files, made.files);

  // Into an empty place, of the same kind.
  test::TestDatabase target(GetParam(), {.migrate = false});
  std::string targetAddress = target.address();
  if (GetParam() == test::DatabaseKind::kSqlite) targetAddress = "sqlite:" + (folder / "restored.sqlite").string();
  restoreBackup(out, {again, targetAddress, true});
  Database restored(targetAddress);
  SegmentDocumentStore documents(again / "documents");
  EXPECT_TRUE(documents.damage().empty());
  EXPECT_THAT(problems(restored, documents), testing::IsEmpty());
  const auto report = checkConsistency(restored, documents);
  EXPECT_GE(report.revisions, static_cast<std::uint64_t>(atLeast));
  EXPECT_EQ(report.auditEntries, report.revisions * 2);
  EXPECT_EQ(core::readFile(again / "pki" / "key.pem"), "a key");
  EXPECT_EQ(fs::status(again / "pki" / "key.pem").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  documents.appendWhole(DocumentId::random(), "new", core::now());  // and it goes on
  messageOf([&] { restoreBackup(out, {again, targetAddress, true}); }, ErrorCode::kConflict);
}

TEST_P(BackupTest, MadeWhileDocumentsAreErasedItIsConsistent) {
  std::vector<DocumentId> ids;
  for (int i = 0; i < 16; ++i) {
    add("hello", hello);
    ids.push_back(last);
  }
  std::atomic<int> erased{0};
  std::thread eraser([&] {
    for (const DocumentId& id : ids) {
      // As the service does: the database says so before the octets go.
      database->write(
          [&](Transaction& t) { t.execute("DELETE FROM envelope_revisions WHERE envelope = $1", {id.text()}); });
      for (bool done = false; !done;) {
        try {
          store->erase({id});
          done = true;
        } catch (const core::Error& error) {
          if (error.code() != ErrorCode::kUnavailable) throw;
          std::this_thread::yield();  // a backup is being made
        }
      }
      ++erased;
    }
  });
  while (erased < 5) std::this_thread::yield();
  backUp(place(), out);
  eraser.join();
  EXPECT_EQ(erased, 16);
  test::TestDatabase target(GetParam(), {.migrate = false});
  std::string targetAddress = target.address();
  if (GetParam() == test::DatabaseKind::kSqlite) targetAddress = "sqlite:" + (folder / "restored.sqlite").string();
  restoreBackup(out, {again, targetAddress, true});
  Database restored(targetAddress);
  SegmentDocumentStore documents(again / "documents", {.verifyPayloads = true});
  EXPECT_TRUE(documents.damage().empty());
  EXPECT_THAT(problems(restored, documents), testing::IsEmpty());
}

TEST_P(BackupTest, ADamagedBackupIsNamedAndNotPutBack) {
  add("hello", hello);
  backUp(place(), out);
  messageOf([&] { backUp(place(), out); }, ErrorCode::kConflict);
  const BackupPlace nowhere{again, "sqlite:" + (folder / "r.sqlite").string(), true};
  const auto tampered = [&](const std::string& file, auto&& how) {
    const std::string before = core::readFile(out / file);
    how(out / file);
    EXPECT_THAT(messageOf([&] { checkBackup(out); }, ErrorCode::kCorrupt), testing::HasSubstr(file));
    messageOf([&] { restoreBackup(out, nowhere); }, ErrorCode::kCorrupt);
    core::writeFile(out / file, before);
  };
  tampered("files/pki/key.pem", [](const fs::path& file) { core::writeFile(file, "b key"); });
  tampered("documents/segments/00000001.seg", [](const fs::path& file) { fs::resize_file(file, 100); });
  tampered("documents/catalogue.sqlite", [](const fs::path& file) { fs::remove(file); });
  core::writeFile(out / "files" / "more", "x");
  EXPECT_THAT(messageOf([&] { checkBackup(out); }, ErrorCode::kCorrupt), testing::HasSubstr("files/more"));
  fs::remove(out / "files" / "more");
  fs::remove(out / "manifest.json");
  messageOf([&] { checkBackup(out); }, ErrorCode::kNotFound);
  EXPECT_FALSE(fs::exists(again));
}

TEST_P(BackupTest, WhatContradictsItselfIsFound) {
  add("hello", hello);
  add("hullo", hello);  // another document under that hash
  EXPECT_THAT(problems(*database, *store), testing::ElementsAre(testing::HasSubstr("another SHA-256")));
  database->write([](Transaction& t) {
    t.execute("DELETE FROM envelope_revisions");
    t.execute("DELETE FROM audit_entries WHERE stream = 'organisation:ORG' AND seq = 2");
  });
  EXPECT_THAT(problems(*database, *store),
              testing::ElementsAre("audit stream organisation:ORG: its last entries are missing"));
  database->write([](Transaction& t) {
    t.execute(
        "INSERT INTO envelope_revisions (envelope, number, document, sha256, size, what, party, at_ms) VALUES "
        "('E', 1, '00000000000000000000000001', 'x', 1, 'created', '', 0)");
    t.execute("UPDATE audit_entries SET details = '{\"a\":1}' WHERE stream = 'organisation:ORG' AND seq = 1");
  });
  EXPECT_THAT(problems(*database, *store),
              testing::ElementsAre(testing::HasSubstr("envelope E revision 1: there is no document"),
                                   "audit stream organisation:ORG: entry 1 was changed"));
}

}  // namespace
}  // namespace qianda::storage
