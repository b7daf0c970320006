#include "clients/cli/bench_parts.h"

#include <cerrno>
#include <chrono>

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "signing/keys/bare_rate.h"

extern char** environ;

namespace qianda::cli {
namespace {

// Exit status, or -1.
int runQuietly(const std::vector<std::string>& arguments) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t child = 0;
  const int failure = ::posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) return -1;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

WorkFolder::WorkFolder(const std::string& parent) {
  std::string pattern = parent + "/qianda-bench-XXXXXX";
  if (!::mkdtemp(pattern.data())) throw core::Error(core::ErrorCode::kSystem, "cannot create a folder in " + parent);
  path_ = pattern;
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::optional<double> timeProgram(const std::vector<std::string>& arguments, int rounds) {
  std::vector<double> seconds;
  for (int i = 0; i < rounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    if (runQuietly(arguments) != 0) return std::nullopt;
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return signing::medianOf(std::move(seconds));
}

std::string ownProgram() { return std::filesystem::read_symlink("/proc/self/exe"); }

std::string signatureAlgorithmName(const std::string& key) {
  if (key == "p256") return "ecdsa-with-SHA256 (P-256)";
  if (key == "p384") return "ecdsa-with-SHA384 (P-384)";
  if (key == "sm2") return "SM2-with-SM3";
  return "sha256WithRSAEncryption (RSA-" + key.substr(3) + ")";
}

void printResult(const JsonObject::Ptr& object, bool isJson) {
  if (isJson) return printJson(object);
  for (const auto& [name, value] : *object) fmt::print("{:<42} {}\n", name, value.toString());
}

void setPeer(JsonObject& object, const std::string& name, std::optional<double> seconds) {
  object.set(name, seconds ? Poco::Dynamic::Var(*seconds) : Poco::Dynamic::Var());
}

}  // namespace qianda::cli
