// `qianda batch` killed at any moment and run again: in the end every row has exactly one contract, whole and sealed.
// Moments are drawn from a fixed seed over the time that a whole run takes here, more of them early: later runs have
// less to do. A folder's turn ends when a run came through, or after enough kills.
#include <chrono>
#include <csignal>
#include <iostream>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"

namespace qianda::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kRows = 1500;
constexpr int kKills = 56, kKillsPerFolder = 8, kMostFolders = 40;

// Starts the run and kills it after `delay`; false when it ended by itself before.
bool runAndKill(const Batch& job, Clock::duration delay) {
  std::vector<std::string> arguments = job.arguments();
  arguments.insert(arguments.begin(), QIANDA_BINARY_DIR "/qianda");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int stream : {1, 2}) posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failure = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) throw std::runtime_error("cannot run qianda");
  std::this_thread::sleep_for(delay);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

// Whether the store holds some of the contracts and lacks some.
bool isPartial(const Batch& job) {
  const Output listed = qianda({"store", "list", "--data", job.data, "--json"});
  if (listed.status != 0) return false;  // killed before there was a store
  const JsonList batches = jsonObject(listed.out)->getArray("batches");
  EXPECT_LE(batches->size(), 1u);
  const std::uint64_t documents = batches->size() == 0 ? 0 : number(batches->getObject(0), "documents");
  return documents > 0 && documents < kRows;
}

// One file for each row, each passing, in a store without damage.
void expectWhole(const Batch& job) {
  std::set<std::size_t> rows;
  std::vector<std::string> verify{"verify", "--trust", developmentPki() / "root.pem", "--json"};
  for (const auto& entry : fs::directory_iterator(job.out)) {
    ASSERT_EQ(entry.path().extension(), ".pdf") << entry.path();
    EXPECT_TRUE(rows.insert(rowOf(entry.path().filename())).second) << "a second " << entry.path();
    verify.push_back(entry.path());
  }
  ASSERT_EQ(rows.size(), kRows);
  EXPECT_EQ(*rows.begin(), 1u);
  EXPECT_EQ(*rows.rbegin(), kRows);
  const Output verified = qianda(verify);
  EXPECT_EQ(verified.status, 0);
  const JsonList files = jsonObject(verified.out)->getArray("files");
  ASSERT_EQ(files->size(), kRows);
  for (unsigned i = 0; i < files->size(); ++i) {
    const Json file = files->getObject(i);
    EXPECT_EQ(text(file, "indication"), "TOTAL_PASSED") << text(file, "file") << " " << text(file, "reason");
  }
  const Output checked = qianda({"store", "check", "--data", job.data, "--json"});
  EXPECT_EQ(checked.status, 0) << checked.out << checked.err;
  EXPECT_TRUE(jsonObject(checked.out)->getValue<bool>("sound"));
}

TEST(KillTest, AKilledBatchIsFinishedByTheNextRun) {
  const TempFolder folder;
  const std::string roster = folder / "roster.csv";
  sampleRoster(folder, kRows).write(roster);
  const Batch undisturbed{folder / "data", folder / "out", roster};
  const auto start = Clock::now();
  ASSERT_EQ(undisturbed.run().status, 0);
  const auto whole = Clock::now() - start;
  fs::remove_all(undisturbed.data);
  fs::remove_all(undisturbed.out);

  std::mt19937 random(20261124);
  std::uniform_real_distribution<double> part(0, 1);
  int kills = 0, folders = 0, partial = 0;
  for (; kills < kKills && folders < kMostFolders; ++folders) {
    const TempFolder place;
    const Batch job{place / "data", place / "out", roster};
    for (int i = 0; i < kKillsPerFolder; ++i) {
      const double moment = part(random);
      if (!runAndKill(job, std::chrono::duration_cast<Clock::duration>(whole * moment * moment))) break;
      ++kills;
      partial += isPartial(job);
    }
    const Output last = job.run();
    ASSERT_EQ(last.status, 0) << last.err;
    const Json report = jsonObject(last.out);
    EXPECT_EQ(number(report, "rows"), kRows);
    EXPECT_EQ(number(report, "contracts"), kRows);
    EXPECT_EQ(number(report, "exported"), kRows);
    EXPECT_EQ(text(report, "state"), "complete");
    expectWhole(job);
  }
  std::cout << kills << " kills over " << std::chrono::duration<double>(whole).count() << " s in " << folders
            << " folders; " << partial << " left a part of the contracts\n";
  EXPECT_GE(kills, kKills);
  RecordProperty("kills_during_sealing", partial);  // how many is a matter of the machine's pace
}

}  // namespace
}  // namespace qianda::test
