// Batches over the handlers of the API (PEERS.md pains 2, 4, 27, 28, 30, 31 and 5.2, 5.7), on both databases.
#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contracts/seals/granted_seals.h"
#include "core/error.h"
#include "core/file.h"
#include "server/api/batch_routes.h"
#include "server/batches/batch_desk.h"
#include "server/http/json.h"
#include "server/http/problem.h"
#include "server/services.h"
#include "signing/verify/verifier.h"
#include "templates/roster.h"
#include "templates/sample_roster.h"
#include "templates/xlsx/writer.h"
#include "tests/support/database.h"
#include "tests/support/error_of.h"
#include "tests/support/sealing.h"

namespace qianda::server {
namespace {

using namespace std::chrono_literals;
using contracts::Actor;
using core::ErrorCode;
using storage::Transaction;
using testing::HasSubstr;

struct Killed {};  // no exception the code knows: as if the process had ended

class Collector : public BodyWriter {
 public:
  void write(std::string_view octets) override { text += octets; }
  bool stopping() const override { return false; }
  std::string text;
};

// Answers only when told to.
class MoodyTime : public signing::TimestampSource {
 public:
  explicit MoodyTime(const signing::TimestampSource& real) : real_(real) {}
  std::string name() const override { return "moody"; }
  core::Bytes stamp(signing::DigestAlgorithm algorithm, core::BytesView digest) const override {
    if (answers-- <= 0) throw core::Error(ErrorCode::kUnavailable, "the authority is asleep");
    return real_.stamp(algorithm, digest);
  }
  std::size_t maxTokenSize() const override { return real_.maxTokenSize(); }
  mutable std::atomic<int> answers = 0;

 private:
  const signing::TimestampSource& real_;
};

class BatchTest : public test::OnBothDatabases {
 protected:
  BatchTest() {
    parts_.attach(services_);
    seal_ = parts_.makeSeal(keeper, "公章");
  }
  std::string grant(std::int64_t quota) {
    const std::string id = parts_.propose(keeper, seal_, "api_key:hr", quota, "labour-general");
    database->write([&](Transaction& t) { contracts::approveGrant(t, approver, id, core::now()); });
    return id;
  }
  contracts::SealGrant look(const std::string& id) {
    return database->looked<contracts::SealGrant>([&](Transaction& t) { return contracts::getGrant(t, "org-a", id); });
  }
  std::string roster(std::uint64_t rows, std::uint64_t seed = 1) const {
    std::ostringstream out;
    templates::writeSampleRoster(*desk_.form("labour-general"), rows, seed, core::chinaDate(core::now()), out);
    return out.str();
  }
  Request request(const std::string& organisation = "org-a") const {
    Request made;
    made.id = "r";
    made.principal = {Principal::Kind::kApiKey, organisation, "hr", "", {"batches:write", "seals:use"}};
    return made;
  }
  // As the chain would: whatever is thrown becomes an answer.
  Response call(const std::string& operation, const Request& asked) {
    for (const Route& route : routes()) {
      if (route.operation != operation) continue;
      try {
        return route.handler(services_, asked);
      } catch (const Problem& problem) {
        return respond(problem, asked.id);
      } catch (const core::Error& error) {
        return respond(problemOf(error), asked.id);
      }
    }
    throw std::runtime_error("no operation " + operation);
  }
  Request posting(const std::string& csv, const std::string& key, const std::string& order = "employer_first") const {
    Request asked = request();
    asked.mediaType = "text/csv";
    asked.query = {{"template", "labour-general"}, {"seal", seal_}, {"signing_order", order}};
    if (!key.empty()) asked.headers.emplace("Idempotency-Key", key);
    asked.body = csv;
    return asked;
  }
  std::string accepted(const std::string& csv, const std::string& order = "employer_first") {
    const Response answer = call("createBatch", posting(csv, core::DocumentId::random().text(), order));
    EXPECT_EQ(answer.status, 202) << answer.body;
    return parseJson(answer.body).find("id")->text();
  }
  Response about(const std::string& operation, const std::string& batch, const std::string& organisation = "org-a") {
    Request asked = request(organisation);
    asked.parameters["batch"] = batch;
    return call(operation, asked);
  }
  Json state(const std::string& batch) { return parseJson(about("getBatch", batch).body); }

  contracts::BatchEnd run(const std::string& batch, const contracts::BatchHouse& house) {
    const auto leases = storage::leaseWork(*database, {"batch"}, core::now() + 10min, 10min, 1);
    if (leases.size() != 1 || leases[0].subject != batch) throw std::runtime_error("no work for the batch");
    const std::atomic<bool> stopping = false;
    return contracts::runAcceptedBatch(house, leases[0], stopping);
  }
  contracts::BatchEnd run(const std::string& batch) { return run(batch, desk_.house()); }
  void loseLease() {
    database->write([&](Transaction& t) { t.execute("UPDATE work SET lease_token = NULL, lease_until_ms = 0"); });
  }

  std::int64_t count(const std::string& sql) {
    return database->looked<std::int64_t>([&](Transaction& t) { return t.findRow(sql)->number(0); });
  }
  // Every row has one envelope, one document, and they are the same; nothing else is there.
  void expectWhole(const std::string& batch, std::int64_t rows) {
    EXPECT_EQ(count("SELECT COUNT(*) FROM batch_rows WHERE state = 'made'"), rows);
    EXPECT_EQ(count("SELECT COUNT(DISTINCT row_number) FROM batch_rows"), rows);
    EXPECT_EQ(count("SELECT COUNT(*) FROM envelopes"), rows);
    EXPECT_EQ(count("SELECT COUNT(*) FROM batch_rows b JOIN envelopes e ON e.id = b.envelope AND e.batch_row = "
                    "b.row_number JOIN envelope_revisions r ON r.envelope = e.id AND r.sha256 = b.sha256"),
              rows);
    std::set<std::string> stored;
    documents_.forEach(batch, [&](const storage::DocumentRow& row) { stored.insert(row.id.text()); });
    EXPECT_EQ(static_cast<std::int64_t>(stored.size()), rows);
    database->read([&](Transaction& t) {
      for (const storage::Row& row : t.query("SELECT envelope FROM batch_rows"))
        EXPECT_EQ(stored.count(row.text(0)), 1u);
    });
    EXPECT_EQ(count("SELECT SUM(documents) FROM seal_uses"), rows);
    EXPECT_EQ(count("SELECT COUNT(*) FROM evidence_snapshots s JOIN envelopes e ON e.id = s.envelope"), rows);
  }

  static inline const Actor keeper{"org-a", "user:keeper", "", ""}, approver{"org-a", "user:approver", "", ""};
  const test::TempFolder folder_;
  test::Sealing parts_{*database};
  storage::DocumentStore& documents_ = parts_.documents;
  const SigningServices& signing_ = parts_.signing;
  contracts::SealCabinet& cabinet_ = parts_.cabinet;
  BatchDesk& desk_ = parts_.desk;
  Services services_;
  std::string seal_;
};
INSTANTIATE_TEST_SUITE_P(Databases, BatchTest, test::bothDatabases(), test::databaseName);

TEST_P(BatchTest, MakesAThousandSealedContractsWithTheirEnvelopesEachOnce) {
  const std::string granted = grant(1000);
  const std::string batch = accepted(roster(1000));
  EXPECT_EQ(look(granted).reserved, 1000);
  EXPECT_TRUE(run(batch).isFinished);
  const Json end = state(batch);
  EXPECT_EQ(end.find("state")->text(), "complete");
  EXPECT_EQ(end.find("made")->integer(), 1000);
  expectWhole(batch, 1000);
  EXPECT_EQ(look(granted).used, 1000);
  EXPECT_EQ(look(granted).reserved, 0);
  EXPECT_EQ(count("SELECT COUNT(*) FROM batch_roster"), 0);
  EXPECT_EQ(count("SELECT COUNT(*) FROM outbox_events WHERE type = 'batch.complete'"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM work WHERE kind = 'send_batch'"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM work WHERE kind = 'batch'"), 0);
  std::string pdf;
  documents_.forEach(batch, [&](const storage::DocumentRow& row) {
    if (row.row == 500) pdf = documents_.read(row.id);
  });
  const signing::Verifier verifier(signing_.anchors());
  EXPECT_EQ(verifier.verify(pdf, core::now()).indication, signing::Indication::kTotalPassed);
}

TEST_P(BatchTest, ARunThatDiesAtAnyStepIsFollowedByOneThatMakesWhatIsMissing) {
  grant(10'000);
  for (const std::string step : {"group_made", "documents_durable", "before_commit", "group_committed", "before_end"}) {
    for (int hit : {1, 2}) {
      database->write([](Transaction& t) {
        for (const char* table : {"batch_rows", "envelopes", "envelope_revisions", "envelope_parties",
                                  "evidence_snapshots", "seal_uses", "work"})
          t.execute(std::string("DELETE FROM ") + table);
      });
      const std::string batch = accepted(roster(150));
      contracts::BatchHouse house = desk_.house();
      int hits = 0;
      house.atStep = [&](const char* at) {
        if (at == step && ++hits == hit) throw Killed{};
      };
      bool isKilled = false;
      try {
        run(batch, house);
      } catch (const Killed&) {
        isKilled = true;
        loseLease();
        run(batch);
      }
      EXPECT_TRUE(isKilled || hit > 1) << step;
      EXPECT_EQ(state(batch).find("state")->text(), "complete") << step;
      expectWhole(batch, 150);
    }
  }
}

TEST_P(BatchTest, ARunnerThatWasOvertakenCommitsNothing) {
  grant(1000);
  const std::string batch = accepted(roster(100));
  contracts::BatchHouse house = desk_.house();
  house.atStep = [&](const char* at) {
    if (std::string(at) != "documents_durable") return;
    database->write([&](Transaction& t) { t.execute("UPDATE batches SET runner = 'another'"); });
  };
  test::messageOf([&] { run(batch, house); }, ErrorCode::kConflict);
  EXPECT_EQ(count("SELECT COUNT(*) FROM envelopes"), 0);
  loseLease();
  run(batch);
  expectWhole(batch, 100);
}

TEST_P(BatchTest, ARevokedGrantStopsBeforeTheNextGroup) {
  const std::string granted = grant(1000);
  const std::string batch = accepted(roster(1000));
  contracts::BatchHouse house = desk_.house();
  bool isRevoked = false;
  house.atStep = [&](const char* at) {
    if (std::string(at) != "group_committed" || std::exchange(isRevoked, true)) return;
    database->write([&](Transaction& t) { contracts::revokeGrant(t, approver, granted, "misused", core::now()); });
  };
  EXPECT_TRUE(run(batch, house).isFinished);
  const Json end = state(batch);
  EXPECT_EQ(end.find("state")->text(), "stopped");
  EXPECT_THAT(end.find("reason")->text(), HasSubstr("grant " + granted + " was revoked: misused"));
  const std::int64_t made = end.find("made")->integer();
  EXPECT_GT(made, 0);
  EXPECT_LT(made, 1000);
  expectWhole(batch, made);
  EXPECT_EQ(look(granted).used, made);
  EXPECT_EQ(look(granted).reserved, 0);
}

TEST_P(BatchTest, CancelKeepsWhatWasMadeAndNamesTheRest) {
  grant(1000);
  const std::string batch = accepted(roster(600));
  contracts::BatchHouse house = desk_.house();
  bool isAsked = false;
  house.atStep = [&](const char* at) {
    if (std::string(at) != "group_committed" || std::exchange(isAsked, true)) return;
    EXPECT_EQ(about("cancelBatch", batch).status, 202);
  };
  run(batch, house);
  const Json end = state(batch);
  EXPECT_EQ(end.find("state")->text(), "cancelled");
  const std::int64_t made = end.find("made")->integer();
  EXPECT_LT(made, 600);
  std::int64_t cancelled = 0, listed = 0;
  Request asked = request();
  asked.parameters["batch"] = batch;
  for (std::string after = "0"; !after.empty();) {
    asked.query = {{"after", after}, {"limit", "250"}};
    const Json page = parseJson(call("listBatchRows", asked).body);
    for (const Json& row : page.find("items")->items()) {
      ++listed;
      cancelled += row.find("state")->text() == "cancelled";
    }
    after = page.find("next")->isNull() ? "" : std::to_string(page.find("next")->integer());
  }
  EXPECT_EQ(listed, 600);
  EXPECT_EQ(cancelled, 600 - made);
  EXPECT_EQ(about("cancelBatch", batch).status, 409);
}

TEST_P(BatchTest, WaitsForTheTimestampAuthorityAndGoesOn) {
  grant(100);
  const std::string batch = accepted(roster(60));
  MoodyTime time(*signing_.time());
  contracts::BatchHouse house = desk_.house();
  house.outside.time = &time;
  house.patience = {1, 1ms};
  time.answers = 10;
  const contracts::BatchEnd first = run(batch, house);
  EXPECT_FALSE(first.isFinished);
  EXPECT_EQ(state(batch).find("state")->text(), "pending_timestamp");
  EXPECT_THAT(state(batch).find("reason")->text(), HasSubstr("asleep"));
  loseLease();
  time.answers = 1000;
  run(batch, house);
  expectWhole(batch, 60);
}

TEST_P(BatchTest, TheSameKeyIsTheSameBatchAndAnotherRequestUnderItAConflict) {
  grant(1000);
  const std::string csv = roster(20);
  const Response first = call("createBatch", posting(csv, "k1")), again = call("createBatch", posting(csv, "k1"));
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(parseJson(first.body).find("id")->text(), parseJson(again.body).find("id")->text());
  EXPECT_THAT(again.headers, testing::Contains(testing::Pair("Idempotent-Replayed", "true")));
  EXPECT_EQ(call("createBatch", posting(roster(20, 2), "k1")).status, 409);
  EXPECT_EQ(call("createBatch", posting(csv, "k1", "employer_last")).status, 409);
  EXPECT_EQ(call("createBatch", posting(csv, "")).status, 400);
  std::vector<std::thread> twins;
  std::vector<Response> answers(4);
  for (Response& answer : answers) twins.emplace_back([&] { answer = call("createBatch", posting(csv, "k2")); });
  for (std::thread& twin : twins) twin.join();
  for (const Response& answer : answers) EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(count("SELECT COUNT(*) FROM batches"), 2);
  EXPECT_EQ(count("SELECT SUM(reserved) FROM seal_grants"), 40);
}

TEST_P(BatchTest, RefusesWithoutAGrantNamingIt) {
  EXPECT_EQ(call("createBatch", posting(roster(20), "k")).status, 403);
  const std::string granted = grant(19);
  const Response answer = call("createBatch", posting(roster(20), "k"));
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(parseJson(answer.body).find("code")->text(), "seal_quota");
  EXPECT_THAT(answer.body, HasSubstr("grant " + granted + " has 19 of 19 documents left, 20 are wanted"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM batches"), 0);
}

TEST_P(BatchTest, NamesEveryFaultOfEveryRowAndMakesNothing) {
  grant(1000);
  std::string csv = roster(3);
  csv.insert(csv.find('\n', csv.find('\n') + 1) + 1, "x\n");
  const Response refused = call("createBatch", posting(csv, "k"));
  EXPECT_EQ(refused.status, 422);
  const Json body = parseJson(refused.body);
  EXPECT_EQ(body.find("code")->text(), "roster_invalid");
  EXPECT_EQ(body.find("fault_count")->integer(), 1);
  EXPECT_EQ(body.find("faults")->items().at(0).find("row")->integer(), 2);
  Request check = posting(csv, "");
  check.query.emplace("validate_only", "true");
  const Json verdict = parseJson(call("createBatch", check).body);
  EXPECT_FALSE(verdict.find("valid")->boolean());
  EXPECT_EQ(verdict.find("rows")->integer(), 4);
  check.query.emplace("faults", "csv");
  EXPECT_THAT(call("createBatch", check).body, HasSubstr("\r\n2,"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM batches"), 0);
}

TEST_P(BatchTest, TakesRowsInlineWorkbooksAndForms) {
  grant(1000);
  std::istringstream csv(roster(2));
  const auto form = desk_.form("labour-general");
  core::writeFile(folder_ / "two.csv", roster(2));
  templates::RosterReader reader(form, folder_ / "two.csv");
  templates::XlsxTable book(folder_ / "two.xlsx", "员工", reader.headers());
  Json rows = Json::array();
  for (templates::RosterRow row; reader.next(row);) {
    book.add(row.cells);
    Json object = Json::object();
    for (std::size_t field = 0; field < form->fields.size(); ++field) {
      const std::size_t column = reader.columnOf(field);
      if (column != 0 && !row.cells[column - 1].empty()) object.set(form->fields[field].name, row.cells[column - 1]);
    }
    rows.push(std::move(object));
  }
  book.finish();
  const std::string octets = core::readFile(folder_ / "two.xlsx");
  Request asked = posting(octets, "xlsx");
  asked.mediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  Response answer = call("createBatch", asked);
  EXPECT_EQ(answer.status, 202) << answer.body;
  asked = request();
  asked.headers.emplace("Idempotency-Key", "json");
  asked.mediaType = "application/json";
  asked.body = Json::object({{"template", "labour-general"}, {"seal", seal_}, {"rows", rows}}).dump();
  answer = call("createBatch", asked);
  EXPECT_EQ(answer.status, 202) << answer.body;
  asked.headers.clear();
  asked.headers.emplace("Idempotency-Key", "form");
  asked.headers.emplace("Content-Type", "multipart/form-data; boundary=zz");
  asked.mediaType = "multipart/form-data";
  asked.body =
      "--zz\r\nContent-Disposition: form-data; name=\"template\"\r\n\r\nlabour-general\r\n--zz\r\n"
      "Content-Disposition: form-data; name=\"seal\"\r\n\r\n" +
      seal_ +
      "\r\n--zz\r\n"
      "Content-Disposition: form-data; name=\"roster\"; filename=\"two.xlsx\"\r\n\r\n" +
      octets + "\r\n--zz--\r\n";
  answer = call("createBatch", asked);
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(count("SELECT SUM(row_count) FROM batches"), 6);
}

TEST_P(BatchTest, AnEmployerWhoSealsLastLeavesItsFieldOpen) {
  const std::string granted = grant(10);
  const std::string batch = accepted(roster(5), "employer_last");
  EXPECT_EQ(look(granted).reserved, 0);
  run(batch);
  EXPECT_EQ(count("SELECT COUNT(*) FROM envelope_parties WHERE state = 'waiting' AND field = 'employer' AND stage = 2"),
            5);
  EXPECT_EQ(count("SELECT COUNT(*) FROM envelope_parties WHERE state = 'waiting' AND field = 'worker' AND stage = 1"),
            5);
  EXPECT_EQ(look(granted).used, 0);
  // When its stage opens the seal is opened under the grant, once an envelope.
  contracts::GrantedSeals seals(*database, cabinet_);
  const contracts::SealUse use{"org-a", seal_, "labour-general", "api_key:hr", "E1"};
  for (int i = 0; i < 2; ++i) seals.open(use, core::now());
  EXPECT_EQ(look(granted).used, 1);
  EXPECT_THAT(test::messageOf(
                  [&] {
                    seals.open({"org-a", seal_, "renewal", "api_key:hr", "E2"}, core::now());
                  },
                  ErrorCode::kConflict),
              HasSubstr("no grant"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entries WHERE type = 'seal.refused'"), 1);
}

TEST_P(BatchTest, StreamsProgressDocumentsAndResults) {
  grant(10);
  const std::string batch = accepted(roster(4));
  run(batch);
  Request asked = request();
  asked.parameters["batch"] = batch;
  Collector events;
  call("followBatch", asked).stream(events);
  EXPECT_THAT(events.text, HasSubstr("event: end\ndata: {\"id\":\"" + batch));
  const std::string revision = std::to_string(state(batch).find("revision")->integer());
  EXPECT_THAT(events.text, HasSubstr("id: " + revision + "\n"));
  asked.headers.emplace("Last-Event-ID", revision);
  Collector rest;
  call("followBatch", asked).stream(rest);
  EXPECT_THAT(rest.text, testing::Not(HasSubstr("event:")));

  Collector zip;
  call("getBatchDocuments", asked).stream(zip);
  core::writeFile(folder_ / "all.zip", zip.text);
  const test::Output told =
      test::run({"/usr/bin/python3", "-c",
                 "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), len(z.namelist()), "
                 "sum(n.endswith('.pdf') and z.read(n).startswith(b'%PDF') for n in z.namelist()))",
                 folder_ / "all.zip"});
  EXPECT_EQ(told.out, "None 5 4\n") << told.err;
  asked.query = {{"format", "csv"}};
  Collector csv;
  call("getBatchResults", asked).stream(csv);
  EXPECT_EQ(std::count(csv.text.begin(), csv.text.end(), '\n'), 5);
  asked.query = {{"format", "xlsx"}};
  EXPECT_TRUE(call("getBatchResults", asked).body.starts_with("PK"));
}

TEST_P(BatchTest, AnotherTenantFindsNothing) {
  grant(10);
  const std::string batch = accepted(roster(2));
  for (const char* operation :
       {"getBatch", "listBatchRows", "followBatch", "cancelBatch", "getBatchDocuments", "getBatchResults"})
    EXPECT_EQ(about(operation, batch, "org-b").status, 404) << operation;
  EXPECT_EQ(parseJson(call("listBatches", request("org-b")).body).find("items")->items().size(), 0u);
  Request stranger = posting(roster(2), "k");
  stranger.principal.organisation = "org-b";
  EXPECT_EQ(call("createBatch", stranger).status, 404);
}

}  // namespace
}  // namespace qianda::server
