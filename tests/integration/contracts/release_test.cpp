// Databases of earlier releases, brought forward: tests/data/releases/NNNN.sql holds invented rows of every table that
// there was with that schema.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contracts/retention/rules.h"
#include "core/digest.h"
#include "core/file.h"
#include "storage/audit/audit_log.h"
#include "storage/backup/backup.h"
#include "storage/segment_document_store.h"
#include "storage/sql/connection.h"
#include "storage/sql/migrations.h"
#include "tests/support/database.h"
#include "tests/support/error_of.h"

namespace qianda::contracts {
namespace {

using storage::Row;
using storage::Transaction;
using testing::HasSubstr;

constexpr std::int64_t kRelease = 70;
// Columns that a later release has no use for, by their place in the release's table.
const std::map<std::string, std::size_t> kDropped = {{"batches", 18}};  // runner: each shard has its own
constexpr const char* kEnvelope = "01K0000000000000000000ENV1";
constexpr const char* kOrganisation = "01K0000000000000000000RG01";

class Release : public testing::TestWithParam<test::DatabaseKind> {
 protected:
  Release() {
    connection()->runScript(
        "CREATE TABLE schema_migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_ms BIGINT NOT NULL)");
    for (const storage::Migration& migration : storage::migrations()) {
      if (migration.number > kRelease) continue;
      const auto one = connection();
      one->runScript(migration.sql);
      one->execute("INSERT INTO schema_migrations VALUES ($1, $2, 0)", {migration.number, migration.name});
    }
    connection()->runScript(core::readFile(std::filesystem::path(QIANDA_SOURCE_DIR) / "tests/data/releases/0070.sql"));
    // A revision's document, and an audit stream: with the hashes that belong to them.
    const std::string octets = "what the release stored";
    documents.appendWhole(core::DocumentId::parse(kEnvelope).value(), octets, core::now());
    connection()->execute("INSERT INTO envelope_revisions VALUES ($1, 1, $2, $3, $4, 'created', '', 1780000000000)",
                          {std::string(kEnvelope), std::string(kEnvelope), core::sha256Hex(octets),
                           static_cast<std::int64_t>(octets.size())});
    const storage::AuditEntry entry{std::string("envelope:") + kEnvelope,
                                    kOrganisation,
                                    core::Instant{},
                                    "envelope.created",
                                    "user:x",
                                    "",
                                    "",
                                    "{}"};
    const std::string hash = storage::auditHash(entry, 1, std::string(64, '0'));
    connection()->execute("INSERT INTO audit_streams VALUES ($1, $2, 1, $3, 0)",
                          {entry.stream, entry.organisation, hash});
    connection()->execute("INSERT INTO audit_entries VALUES ($1, 1, 0, $2, 'user:x', '', '', '{}', $3)",
                          {entry.stream, entry.type, hash});
  }

  std::unique_ptr<storage::Connection> connection() {
    const std::string& address = old.address();
    if (GetParam() == test::DatabaseKind::kPostgres) return storage::connectPostgres(address);
    return storage::connectSqlite(address.substr(std::string("sqlite:").size()), {});
  }
  // By table, every row as text, without the dropped columns; `columns` is how many of each table count: those of the
  // first call.
  std::map<std::string, std::vector<std::string>> contents(std::map<std::string, std::size_t>& columns,
                                                           bool isRelease) {
    std::map<std::string, std::vector<std::string>> all;
    const auto one = connection();
    const std::string list = GetParam() == test::DatabaseKind::kPostgres
                                 ? "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
                                 : "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1";
    for (const Row& table : one->query(list)) {
      const std::string name = table.text(0);
      std::vector<std::string>& rows = all[name];
      const auto dropped = kDropped.find(name);
      for (const Row& row : one->query("SELECT * FROM " + name)) {
        const auto known = columns.try_emplace(name, row.size()).first;
        std::string text;
        const bool hasDropped = dropped != kDropped.end();
        for (std::size_t i = 0; i < known->second - (hasDropped && !isRelease ? 1 : 0); ++i) {
          if (isRelease && hasDropped && dropped->second == i) continue;
          text += row.isNull(i) ? "NULL|" : textOf(row, i) + "|";
        }
        rows.push_back(text);
      }
      std::sort(rows.begin(), rows.end());
    }
    return all;
  }
  static std::string textOf(const Row& row, std::size_t column) {
    try {
      return row.text(column);
    } catch (const core::Error&) {
      return std::to_string(row.number(column));
    }
  }

  const test::TempFolder folder;
  storage::SegmentDocumentStore documents{folder / "documents"};
  test::TestDatabase old{GetParam(), {.migrate = false}};
};
INSTANTIATE_TEST_SUITE_P(Databases, Release, test::bothDatabases(), test::databaseName);

TEST_P(Release, EverythingOfTheReleaseBeforeIsThereAfterwards) {
  std::map<std::string, std::size_t> columns;
  auto before = contents(columns, true);
  for (const auto& [table, rows] : before) EXPECT_FALSE(rows.empty()) << "no row of " << table << " is brought forward";
  EXPECT_GT(before.size(), 30u);
  before.erase("schema_migrations");
  {
    storage::Database now(old.address());
    EXPECT_EQ(now.schemaVersion(), storage::migrations().back().number);
  }
  const auto after = contents(columns, false);
  for (const auto& [table, rows] : before) {
    ASSERT_TRUE(after.contains(table)) << table;
    EXPECT_EQ(after.at(table), rows) << table;
  }
}

TEST_P(Release, WhatTheReleaseBeforeMadeCanBeUsed) {
  storage::Database now(old.address());
  const auto report = storage::checkConsistency(now, documents);
  EXPECT_EQ(report.revisions, 1u);
  EXPECT_EQ(report.auditEntries, 1u);
  for (const storage::Inconsistency& one : report.problems) ADD_FAILURE() << one.subject << ": " << one.problem;
  now.write([&](Transaction& t) {
    const Envelope envelope = lockEnvelope(t, kEnvelope);
    EXPECT_EQ(envelope.state, EnvelopeState::kCompleted);
    EXPECT_EQ(envelope.getParty("worker").displayName, "王示例");
    EXPECT_EQ(core::isoDate(retentionOf(t, envelope).due.value()), "2029-02-01");
    EXPECT_EQ(t.findRow("SELECT erased FROM stored_documents")->number(0), 0);
    storage::appendAudit(t, {std::string("envelope:") + kEnvelope, kOrganisation, core::now(), "envelope.downloaded",
                             "user:x", "", "", "{}"});
  });
  EXPECT_TRUE(storage::checkConsistency(now, documents).problems.empty());
  // The twin: what was changed on the way would be found.
  now.write([](Transaction& t) { t.execute("UPDATE audit_entries SET actor = 'user:z' WHERE seq = 1"); });
  EXPECT_EQ(storage::checkConsistency(now, documents).problems.size(), 1u);
}

TEST_P(Release, AProgramRefusesTheDatabaseOfANewerOne) {
  {
    storage::Database now(old.address());
    now.write([](Transaction& t) { t.execute("INSERT INTO schema_migrations VALUES (9999, 'later', 0)"); });
  }
  EXPECT_THAT(test::messageOf([&] { storage::Database newer(old.address()); }, core::ErrorCode::kUnsupported),
              HasSubstr("9999"));
}

}  // namespace
}  // namespace qianda::contracts
