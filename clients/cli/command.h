// A subcommand of `qianda`: its parser, and what runs when it was chosen. run() returns the exit status (0 success,
// 1 the input is at fault, 2 usage, 3 the system is at fault) or throws core::Error, which main() turns into one.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace qianda::cli {

struct Command {
  CLI::App* app = nullptr;
  std::function<int()> run;
};

}  // namespace qianda::cli
