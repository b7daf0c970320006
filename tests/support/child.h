// A program that runs beside the test: its first line of output is waited for, and it ends by SIGTERM, at the latest at
// the end of its scope.
#pragma once

#include <csignal>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace qianda::test {

class Child {
 public:
  explicit Child(const std::vector<std::string>& arguments) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    std::vector<char*> argv;
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const int failure = posix_spawnp(&child_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (failure != 0) throw std::runtime_error("cannot run " + arguments.at(0));
    for (char c; ::read(ends[0], &c, 1) == 1 && c != '\n';) line_ += c;
    ::close(ends[0]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { end(); }

  const std::string& line() const { return line_; }
  pid_t pid() const { return child_; }
  // Exit status, or 128 + signal.
  int end() {
    if (child_ <= 0) return -1;
    ::kill(child_, SIGTERM);
    return wait();
  }
  // The same, without telling it to end.
  int wait() {
    if (child_ <= 0) return -1;
    int status = 0;
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t child_ = -1;
  std::string line_;
};

}  // namespace qianda::test
