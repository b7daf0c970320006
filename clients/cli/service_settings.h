// The settings of the service (server/config) as options of a command: --config FILE and one flag for each setting,
// over the environment. For `serve` and for what works on the same data beside it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "server/config/configuration.h"

namespace qianda::cli {

class ServiceSettings {
 public:
  // The command must outlive this.
  explicit ServiceSettings(CLI::App& command);
  // Throws kUsage or kNotFound.
  server::Configuration read() const;

 private:
  const CLI::App& command_;
  std::string file_;
  std::vector<std::pair<const server::Setting*, std::string>> flags_;
};

}  // namespace qianda::cli
