#include "clients/cli/service_settings.h"

#include <fmt/format.h>
#include <unistd.h>

#include "core/error.h"

namespace qianda::cli {
namespace {

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> all;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) all.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return all;
}

std::string helpOf(const server::Setting& setting) {
  return fmt::format("{} [{}{}]", setting.help, server::environmentName(setting.name),
                     setting.value.empty() ? std::string() : ", " + setting.value);
}

}  // namespace

ServiceSettings::ServiceSettings(CLI::App& command) : command_(command) {
  command.allow_extras();
  command.add_option("--config", file_, "YAML file of settings; the environment and flags go over it");
  flags_.reserve(server::settings().size());
  for (const server::Setting& setting : server::settings()) {
    auto& flag = flags_.emplace_back(&setting, "");
    command.add_option("--" + setting.name, flag.second, helpOf(setting));
  }
}

server::Configuration ServiceSettings::read() const {
  server::Configuration::Sources sources;
  if (!file_.empty()) sources.file = file_;
  sources.environment = environment();
  for (const auto& [setting, value] : flags_) {
    if (command_.count("--" + setting->name) > 0) sources.flags[setting->name] = value;
  }
  std::string stray;
  for (const std::string& argument : command_.remaining()) {  // what CLI11 does not know: the table names the nearest
    if (argument.starts_with("--")) {
      sources.flags[argument.substr(2, argument.find('=') - 2)];
    } else {
      stray = argument;
    }
  }
  server::Configuration configuration(sources);
  if (!stray.empty()) {
    throw core::Error(core::ErrorCode::kUsage, command_.get_name() + " does not know the argument " + stray);
  }
  return configuration;
}

}  // namespace qianda::cli
