#include "storage/audit/audit_log.h"

#include <thread>

#include <gtest/gtest.h>

#include "core/error.h"
#include "storage/outbox/outbox.h"
#include "tests/support/database.h"
#include "tests/support/error_of.h"
#include "tests/support/process.h"

namespace qianda::storage {
namespace {

using namespace std::chrono_literals;

AuditEntry entryOf(const std::string& stream, const std::string& type) {
  return {stream, "ORG", core::Instant{1'800'000'000'123ms}, type, "user:U", "192.0.2.1", "phone", R"({"a":"签"})"};
}

class AuditLogTest : public test::OnBothDatabases {
 protected:
  // Recomputes every hash of the stream; the number of entries that chain, from the first on.
  std::int64_t chained(const std::string& stream) {
    std::int64_t count = 0;
    database->read([&](Transaction& t) {
      std::string previous(64, '0');
      for (const Row& row : t.query("SELECT at_ms, type, actor, peer, device, details, hash, seq FROM audit_entries "
                                    "WHERE stream = $1 ORDER BY seq",
                                    {stream})) {
        const AuditEntry entry{stream,      "ORG",       core::Instant{std::chrono::milliseconds(row.number(0))},
                               row.text(1), row.text(2), row.text(3),
                               row.text(4), row.text(5)};
        if (row.number(7) != count + 1 || auditHash(entry, count + 1, previous) != row.text(6)) return;
        previous = row.text(6);
        ++count;
      }
      EXPECT_EQ(t.findRow("SELECT head FROM audit_streams WHERE stream = $1", {stream})->text(0), previous);
    });
    return count;
  }
};
INSTANTIATE_TEST_SUITE_P(Databases, AuditLogTest, test::bothDatabases(), test::databaseName);

TEST_P(AuditLogTest, EntriesChainAlsoWhenManyAppendAtOnce) {
  database->write([](Transaction& t) { startAuditStreams(t, {entryOf("s", "first"), entryOf("other", "first")}); });
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10; ++n) {
        database->write([&](Transaction& t) { appendAudit(t, entryOf("s", "more")); });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(chained("s"), 41);
  EXPECT_EQ(chained("other"), 1);
}

TEST_P(AuditLogTest, SeveralEntriesAtOnceChainAsOneAfterTheOther) {
  database->write([](Transaction& t) {
    appendAudit(t, std::vector{entryOf("s", "one"), entryOf("s", "two")});
    appendAudit(t, std::vector<AuditEntry>{});
    appendAudit(t, entryOf("s", "three"));
    appendAudit(t, std::vector{entryOf("s", "four"), entryOf("s", "five"), entryOf("s", "six")});
  });
  EXPECT_EQ(chained("s"), 6);
  database->read([](Transaction& t) {
    EXPECT_EQ(t.findRow("SELECT length FROM audit_streams WHERE stream = 's'")->number(0), 6);
    EXPECT_EQ(t.findRow("SELECT type FROM audit_entries WHERE stream = 's' AND seq = 5")->text(0), "five");
  });
  AuditEntry foreign = entryOf("s", "other");
  foreign.organisation = "OTHER";
  for (const AuditEntry& second : {foreign, entryOf("other", "x")}) {
    test::messageOf(
        [&] { database->write([&](Transaction& t) {
                appendAudit(t, std::vector{entryOf("s", "seven"), second});
              }); },
        core::ErrorCode::kSystem);
  }
  EXPECT_EQ(chained("s"), 6);
}

TEST_P(AuditLogTest, AChangedEntryBreaksTheChain) {
  for (const char* type : {"one", "two", "three"}) {
    database->write([&](Transaction& t) { appendAudit(t, entryOf("s", type)); });
  }
  ASSERT_EQ(chained("s"), 3);
  database->write([](Transaction& t) { t.execute("UPDATE audit_entries SET peer = '192.0.2.9' WHERE seq = 2"); });
  EXPECT_EQ(chained("s"), 1);
}

TEST_P(AuditLogTest, AStreamBelongsToOneOrganisation) {
  database->write([](Transaction& t) { appendAudit(t, entryOf("s", "one")); });
  AuditEntry foreign = entryOf("s", "two");
  foreign.organisation = "OTHER";
  test::messageOf([&] { database->write([&](Transaction& t) { appendAudit(t, foreign); }); }, core::ErrorCode::kSystem);
  test::messageOf([&] { database->write([](Transaction& t) { startAuditStreams(t, {entryOf("s", "again")}); }); },
                  core::ErrorCode::kConflict);
  EXPECT_EQ(chained("s"), 1);
}

TEST(AuditHash, IsWhatOpensslMakesOfTheNetstrings) {
  const test::TempFolder folder;
  const std::string zeros(64, '0');
  core::writeFile(
      folder / "entry",
      "14:qianda-audit-1,1:s,1:7,13:1800000000123,3:one,6:user:U,9:192.0.2.1,5:phone,11:{\"a\":\"签\"},64:" + zeros +
          ",");
  const test::Output judged = test::run({"openssl", "dgst", "-sm3", "-r", (folder / "entry").string()});
  EXPECT_EQ(judged.out.substr(0, 64), auditHash(entryOf("s", "one"), 7, zeros)) << judged.err;
}

class OutboxTest : public test::OnBothDatabases {};
INSTANTIATE_TEST_SUITE_P(Databases, OutboxTest, test::bothDatabases(), test::databaseName);

TEST_P(OutboxTest, NumbersTheEventsOfASubjectAndForgetsWhatWasRolledBack) {
  const core::Instant now{1'800'000'000'000ms};
  database->write([&](Transaction& t) {
    publishFirst(t, {{"ORG", "E1", "sent", "{}"}, {"ORG", "E2", "sent", "{}"}}, now);
  });
  EXPECT_THROW(database->write([&](Transaction& t) {
    publish(t, {"ORG", "E1", "signed", "{}"}, now);
    throw std::runtime_error("stop");
  }),
               std::runtime_error);
  const auto number = [&](const std::string& subject) {
    return database->written<std::int64_t>([&](Transaction& t) {
      return publish(t, {"ORG", subject, "signed", "{}"}, now);
    });
  };
  EXPECT_EQ(number("E1"), 2);
  EXPECT_EQ(number("E1"), 3);
  EXPECT_EQ(number("E3"), 1);
}

}  // namespace
}  // namespace qianda::storage
