// The benches of the court's side run with small counts on a SQLite and a Redis of their own, and leave nothing. No
// times are asserted.
#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"

namespace qianda::test {
namespace {

double real(const Json& object, const std::string& key) { return object->getValue<double>(key); }

Json bench(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "bench");
  arguments.push_back("--json");
  const Output output = qianda(arguments);
  EXPECT_EQ(output.status, 0) << output.err;
  return jsonObject(output.out);
}

TEST(BenchDelivery, AcceptsTasksAndTakesCallbacks) {
  const TempFolder folder;
  const Json object =
      bench({"delivery", "--tasks", "60", "--callbacks", "98", "--threads", "4", "--folder", folder.path().string()});
  for (const char* rate :
       {"tasks_per_second", "callbacks_per_second", "task_p99_ms", "callback_p99_ms", "sql_commits_per_second",
        "xadd_per_second", "tasks_per_sql_commit", "callbacks_per_sql_commit", "tasks_per_xadd"}) {
    EXPECT_GT(real(object, rate), 0) << rate;
  }
  EXPECT_EQ(number(object, "tasks"), 60u);
  EXPECT_EQ(number(object, "callbacks"), 100u) << "five for each parcel";
  EXPECT_EQ(number(object, "records_served"), 20u);
  EXPECT_LE(number(object, "task_commits"), 60u);
  EXPECT_EQ(text(object, "database"), "sqlite");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "the bench left something behind";
}

TEST(BenchDelivery, NamesThePackageWhenThereIsNoRedis) {
  const TempFolder folder;
  const Output output = run({"/usr/bin/env", "PATH=" + folder.path().string(), QIANDA_BINARY_DIR "/qianda", "bench",
                             "reindex", "--open", "10", "--folder", folder.path().string()});
  EXPECT_EQ(output.status, 3);
  EXPECT_NE(output.err.find("package redis-server"), std::string::npos) << output.err;
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(BenchDelivery, ReindexesEveryOpenRow) {
  const TempFolder folder;
  const Json object = bench({"reindex", "--open", "300", "--folder", folder.path().string()});
  EXPECT_GT(real(object, "seconds"), 0);
  EXPECT_EQ(number(object, "rows"), 300u);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace qianda::test
