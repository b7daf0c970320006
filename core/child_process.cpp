#include "core/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"

extern char** environ;

namespace qianda::core {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLongestSaying = 2048;

[[noreturn]] void fail(const char* action) {
  throw Error(ErrorCode::kSystem, std::string("cannot ") + action + ": " + std::strerror(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(); }
  int get() const { return value_; }
  void reset(int value = -1) {
    if (value_ >= 0) ::close(value_);
    value_ = value;
  }

 private:
  int value_;
};

struct Pipe {
  Descriptor reading, writing;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("make a pipe");
    reading.reset(ends[0]);
    writing.reset(ends[1]);
  }
};

// The input as a file without a name: nobody has to feed it, and a child that does not read it breaks nothing.
void fill(Descriptor& file, std::string_view input) {
  file.reset(::memfd_create("request", MFD_CLOEXEC));
  if (file.get() < 0) fail("keep a program's input");
  for (std::size_t done = 0; done < input.size();) {
    const ssize_t count = ::write(file.get(), input.data() + done, input.size() - done);
    if (count < 0) fail("keep a program's input");
    done += static_cast<std::size_t>(count);
  }
  ::lseek(file.get(), 0, SEEK_SET);
}

std::vector<char*> pointersTo(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environmentWith(const ChildRequest& request) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view name = std::string_view(*entry).substr(0, std::string_view(*entry).find('='));
    const bool isGiven = std::any_of(request.environment.begin(), request.environment.end(),
                                     [&](const auto& given) { return given.first == name; });
    if (!isGiven) all.emplace_back(*entry);
  }
  for (const auto& [name, value] : request.environment) all.push_back(name + "=" + value);
  return all;
}

class Child {
 public:
  Child(const ChildRequest& request, int input, int output, int errors) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_adddup2(&actions, errors, 2);
    posix_spawnattr_init(&attributes);
    sigset_t none, usual;
    ::sigemptyset(&none);
    ::sigemptyset(&usual);
    ::sigaddset(&usual, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<std::string> arguments = request.arguments, environment = environmentWith(request);
    const int failure = ::posix_spawnp(&id_, arguments.at(0).c_str(), &actions, &attributes,
                                       pointersTo(arguments).data(), pointersTo(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failure != 0) {
      throw Error(ErrorCode::kUnavailable, "cannot run " + arguments.at(0) + ": " + std::strerror(failure));
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { end(); }
  // nullopt while it runs.
  std::optional<int> status() {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(id_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0) {
      return std::nullopt;
    }
    return end();
  }

 private:
  // Ends the child and what it left behind in its group, which keeps its number until the child is waited for.
  int end() {
    if (isDone_) return -1;
    isDone_ = true;
    ::kill(-id_, SIGKILL);
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0) {
      if (errno != EINTR) return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  pid_t id_ = 0;
  bool isDone_ = false;
};

// False at the stream's end.
bool take(int descriptor, std::string& text) {
  char buffer[16384];
  const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  text.append(buffer, static_cast<std::size_t>(count));
  return count > 0;
}

// Both streams to their end.
void listen(Pipe& out, Pipe& err, const ChildRequest& request, Clock::time_point deadline, ChildAnswer& answer) {
  std::array<pollfd, 2> waiting{pollfd{out.reading.get(), POLLIN, 0}, pollfd{err.reading.get(), POLLIN, 0}};
  while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) throw Error(ErrorCode::kUnavailable, request.arguments[0] + " was not done in time");
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(std::min<long long>(left, 60'000))) < 0) {
      if (errno == EINTR) continue;
      fail("wait for a program");
    }
    if (waiting[0].revents && !take(waiting[0].fd, answer.output)) waiting[0].fd = -1;
    if (waiting[1].revents && !take(waiting[1].fd, answer.said)) waiting[1].fd = -1;
    if (answer.said.size() > kLongestSaying) answer.said.resize(kLongestSaying);
    if (answer.output.size() > request.largestOutput) {
      throw Error(ErrorCode::kUnavailable,
                  request.arguments[0] + " said more than " + std::to_string(request.largestOutput) + " octets");
    }
  }
}

}  // namespace

ChildAnswer runChild(const ChildRequest& request) {
  const auto deadline = Clock::now() + request.timeout;
  Descriptor input;
  fill(input, request.input);
  Pipe out, err;
  Child child(request, input.get(), out.writing.get(), err.writing.get());
  out.writing.reset();
  err.writing.reset();
  ChildAnswer answer;
  listen(out, err, request, deadline, answer);
  for (;;) {
    if (const auto status = child.status()) {
      answer.status = *status;
      return answer;
    }
    if (Clock::now() >= deadline) {
      throw Error(ErrorCode::kUnavailable, request.arguments[0] + " was not done in time");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace qianda::core
