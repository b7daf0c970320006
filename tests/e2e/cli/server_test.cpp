// The command line as a client of a service: the same statuses and shapes as without one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"
#include "tests/support/child.h"

namespace qianda::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// One service with people, a seal and a key for all cases.
class CommandLineOfAService : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempFolder;
    child_ = new Child({"/usr/bin/python3", QIANDA_SOURCE_DIR "/tests/e2e/service/house.py", "--qianda",
                        QIANDA_BINARY_DIR "/qianda", "--folder", folder_->path()});
    house_ = jsonObject(child_->line() + "\n");
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(child_->end(), 0);
    delete child_;
    delete folder_;
    house_ = nullptr;
  }
  static std::string of(const std::string& name) { return text(house_, name); }
  static std::string file(const std::string& name) { return *folder_ / name; }
  static Output ask(std::vector<std::string> arguments, const std::string& key = of("key_file")) {
    for (const std::string& more : {std::string("--server"), of("server"), std::string("--api-key-file"), key,
                                    std::string("--server-authorities"), of("authorities")}) {
      arguments.push_back(more);
    }
    return qianda(arguments);
  }
  static Json json(const Output& output) { return jsonObject(output.out); }
  static std::vector<std::string> batch(const Roster& roster, std::vector<std::string> more = {}) {
    roster.write(file("roster.csv"));
    std::vector<std::string> all = {"batch",  "--template", "labour-general", "--roster", file("roster.csv"),
                                    "--seal", of("seal"),   "--json"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static std::set<std::string> namesOf(const Json& object) {
    std::set<std::string> names;
    for (const auto& [name, value] : *object) names.insert(name);
    return names;
  }

  static TempFolder* folder_;
  static Child* child_;
  static Json house_;
};
TempFolder* CommandLineOfAService::folder_ = nullptr;
Child* CommandLineOfAService::child_ = nullptr;
Json CommandLineOfAService::house_;

TEST_F(CommandLineOfAService, MakesABatchOnceAndFetchesIt) {
  const Roster roster = sampleRoster(*folder_, 4, 11);
  const Output made = ask(batch(roster, {"--out", file("all.zip")}));
  ASSERT_EQ(made.status, 0) << made.err;
  const Json told = json(made);
  EXPECT_EQ(text(told, "state"), "complete");
  EXPECT_EQ(number(told, "contracts"), 4u);
  EXPECT_EQ(number(told, "created"), 4u);
  EXPECT_EQ(number(told, "existing"), 0u);
  EXPECT_EQ(number(told, "bytes"), std::filesystem::file_size(file("all.zip")));
  // What the same batch made here says, but for what lies in a store and a folder of this machine.
  const Batch here{file("data"), file("out"), file("roster.csv")};
  std::set<std::string> names = namesOf(jsonObject(here.run().out));
  for (const char* name : {"stored_bytes", "exported", "damage"}) EXPECT_EQ(names.erase(name), 1u) << name;
  for (const std::string& name : names) EXPECT_TRUE(told->has(name)) << name;
  // The same command is the same batch.
  const Json again = json(ask(batch(roster)));
  EXPECT_EQ(text(again, "batch_id"), text(told, "batch_id"));
  EXPECT_EQ(number(again, "created"), 0u);
  EXPECT_EQ(number(again, "existing"), 4u);
}

TEST_F(CommandLineOfAService, AFaultyRosterNamesRowAndColumnAsWithoutAService) {
  Roster roster = sampleRoster(*folder_, 3, 12);
  roster.cell(2, "worker_phone") = "12345";
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--validate-only"}}) {
    const Output refused = ask(batch(roster, more));
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.err, HasSubstr("nothing was created"));
    const Json told = json(refused);
    Batch here{file("data-faulty"), file("out-faulty"), file("roster.csv")};
    const Json same = jsonObject(here.run().out);
    EXPECT_FALSE(told->getValue<bool>("valid"));
    ASSERT_EQ(told->getArray("faults")->size(), 1u) << refused.out;
    std::ostringstream one, other;
    told->getArray("faults")->stringify(one);
    same->getArray("faults")->stringify(other);
    EXPECT_EQ(one.str(), other.str());
    EXPECT_EQ(told->getArray("faults")->getObject(0)->getValue<int>("column"), roster.column("worker_phone"));
    for (const std::string& name : namesOf(same)) EXPECT_TRUE(told->has(name)) << name;
  }
  const Output checked = ask(batch(sampleRoster(*folder_, 3, 12), {"--validate-only"}));
  EXPECT_EQ(checked.status, 0) << checked.err;
  EXPECT_TRUE(json(checked)->getValue<bool>("valid"));
}

TEST_F(CommandLineOfAService, TemplatesHaveTheShapeOfTheShippedOnes) {
  const Output of = ask({"template", "list", "--json"});
  ASSERT_EQ(of.status, 0) << of.err;
  EXPECT_EQ(of.out, qianda({"template", "list", "--json"}).out);
}

TEST_F(CommandLineOfAService, BatchesAndEnvelopesAreFollowed) {
  const Output left = ask(batch(sampleRoster(*folder_, 3, 13), {"--no-wait"}));
  ASSERT_EQ(left.status, 0) << left.err;
  const std::string id = text(json(left), "batch_id");
  const Output over = ask({"batches", "wait", id, "--json"});
  ASSERT_EQ(over.status, 0) << over.err;
  EXPECT_EQ(text(json(over), "state"), "complete");
  EXPECT_EQ(text(json(ask({"batches", "get", id, "--json"})), "state"), "complete");
  EXPECT_THAT(ask({"batches", "list"}).out, HasSubstr(id));
  const Json rows = json(ask({"batches", "rows", id, "--limit", "2", "--json"}));
  EXPECT_EQ(rows->getArray("items")->size(), 2u);
  EXPECT_EQ(json(ask({"batches", "rows", id, "--after", text(rows, "next"), "--json"}))->getArray("items")->size(), 1u);
  EXPECT_EQ(ask({"batches", "cancel", id}).status, 1);
  EXPECT_THAT(ask({"batches", "cancel", id}).err, HasSubstr("409 conflict"));
  ASSERT_EQ(ask({"batches", "download", id, "--out", file("again.zip")}).status, 0);
  EXPECT_THAT(core::readFile(file("again.zip")), StartsWith("PK"));

  const std::string envelope = text(rows->getArray("items")->getObject(0), "envelope");
  EXPECT_EQ(json(ask({"envelope", "list", "--batch", id, "--json"}))->getArray("items")->size(), 3u);
  const Json one = json(ask({"envelope", "get", envelope, "--json"}));
  EXPECT_EQ(text(one, "id"), envelope);
  EXPECT_EQ(one->getArray("parties")->size(), 2u);
  EXPECT_EQ(ask({"envelope", "remind", envelope}).status, 0);
  const Json worker =
      one->getArray("parties")->getObject(text(one->getArray("parties")->getObject(0), "kind") == "person" ? 0 : 1);
  EXPECT_EQ(ask({"envelope", "link", envelope, text(worker, "name")}).status, 0);
  ASSERT_EQ(ask({"envelope", "download", envelope, "--out", file("one.pdf")}).status, 0);
  EXPECT_THAT(core::readFile(file("one.pdf")), StartsWith("%PDF-"));
  EXPECT_EQ(text(json(ask({"envelope", "revoke", envelope, "--reason", "试", "--json"})), "state"), "revoked");
  EXPECT_EQ(ask({"envelope", "send", envelope}).status, 1);

  const Output package = ask({"evidence", "fetch", envelope, "--out", file("package.zip")});
  ASSERT_EQ(package.status, 0) << package.err;
  EXPECT_EQ(qianda({"evidence", "verify", file("package.zip"), "--trust", of("anchor")}).status, 0);
  ASSERT_EQ(ask({"audit", "export", "--out", file("audit.jsonl")}).status, 0);
  EXPECT_EQ(qianda({"audit", "verify", file("audit.jsonl"), "--trust", of("anchor")}).status, 0);

  const Output verified = ask({"verify", file("one.pdf"), "--json"});
  EXPECT_EQ(verified.status, 0) << verified.out;
  const Json there = json(verified)->getArray("files")->getObject(0);
  EXPECT_EQ(text(there, "file"), file("one.pdf"));
  const Output offline = qianda({"verify", file("one.pdf"), "--trust", of("anchor"), "--json"});
  for (const std::string& name : namesOf(json(offline)->getArray("files")->getObject(0))) {
    EXPECT_TRUE(there->has(name)) << name;
  }
  std::string octets = core::readFile(file("one.pdf"));
  octets[octets.size() / 3] = static_cast<char>(octets[octets.size() / 3] ^ 1);
  core::writeFile(file("twin.pdf"), octets);
  const Output twin = ask({"verify", file("twin.pdf")});
  EXPECT_EQ(twin.status, 1);
  EXPECT_THAT(twin.out, HasSubstr("TOTAL_FAILED/HASH_FAILURE"));
}

TEST_F(CommandLineOfAService, WebhooksAreKept) {
  const Output made = ask({"webhook", "create", "http://127.0.0.1:9/hook", "--event", "batch.*", "--event",
                           "envelope.completed", "--json"});
  ASSERT_EQ(made.status, 0) << made.err;
  const std::string id = text(json(made), "id");
  EXPECT_THAT(text(json(made), "secret"), StartsWith("whsec_"));
  const Output list = ask({"webhook", "list", "--json"});
  EXPECT_THAT(list.out, HasSubstr(id));
  EXPECT_THAT(list.out, testing::Not(HasSubstr("whsec_")));
  EXPECT_EQ(ask({"webhook", "deliveries", id, "--json"}).status, 0);
  EXPECT_EQ(
      json(ask({"webhook", "replay", id, "--since", "2099-01-01T00:00:00+08:00", "--json"}))->getValue<int>("replayed"),
      0);
  EXPECT_EQ(ask({"webhook", "replay", id}).status, 2);
  EXPECT_EQ(ask({"webhook", "delete", id}).status, 0);
  EXPECT_EQ(ask({"webhook", "delete", id}).status, 1);
}

TEST_F(CommandLineOfAService, RefusalsHaveTheirStatus) {
  const auto list = std::vector<std::string>{"batches", "list"};
  core::writeSecretFile(file("wrong"), "qk_wrong\n");
  const Output wrong = ask(list, file("wrong"));
  EXPECT_EQ(wrong.status, 1);
  EXPECT_THAT(wrong.err, HasSubstr("401 unauthenticated"));
  core::writeFile(file("open"), "qk_open\n");
  std::filesystem::permissions(file("open"), std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  const Output open = ask(list, file("open"));
  EXPECT_EQ(open.status, 1);
  EXPECT_THAT(open.err, HasSubstr("chmod 600"));
  const Output untrusted = qianda({"batches", "list", "--server", of("server"), "--api-key-file", of("key_file")});
  EXPECT_EQ(untrusted.status, 3);
  EXPECT_THAT(untrusted.err, HasSubstr("tls_refused"));
  EXPECT_EQ(qianda({"batches", "list", "--server", "nowhere", "--api-key-file", of("key_file")}).status, 2);
  EXPECT_EQ(qianda({"batches", "list"}).status, 2);
  // What the service has of its own is not given with --server, and what only it does not without.
  const Roster roster = sampleRoster(*folder_, 1, 14);
  const Output level = ask(batch(roster, {"--level", "B-B"}));
  EXPECT_EQ(level.status, 2);
  EXPECT_THAT(level.err, HasSubstr("--level means nothing with --server"));
  EXPECT_EQ(qianda(batch(roster, {"--out", file("x"), "--no-wait"})).status, 2);
  EXPECT_EQ(ask({"verify", file("x"), "--trust", of("anchor")}).status, 2);
}

}  // namespace
}  // namespace qianda::test
