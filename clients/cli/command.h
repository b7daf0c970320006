// One command of `qianda`: its CLI11 subcommand and what runs when it was chosen. run() returns the exit status
// (0 success, 1 the input is at fault, 2 usage, 3 the system is at fault) or throws core::Error.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace qianda::cli {

struct Command {
  CLI::App* app = nullptr;
  std::function<int()> run;
};

}  // namespace qianda::cli
