// The values of all settings (settings.h): the default, over it the file, over it the environment, over it the flags.
// A key that is no setting stops the start: the error names it, where it stands and the setting nearest to it; a value
// of the wrong kind is named with its place ("qianda.yaml:7"). Read-only once made; any thread may read it. Asking for
// a setting that does not exist, or for another kind, is a mistake of the program: kSystem.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/config/settings.h"

namespace qianda::server {

class Configuration {
 public:
  struct Sources {
    std::optional<std::filesystem::path> file;       // YAML
    std::map<std::string, std::string> environment;  // all of it; only QIANDA_* counts
    std::map<std::string, std::string> flags;        // setting -> value
  };
  // Throws kUsage (an unknown key, a wrong value) or kNotFound (the file).
  explicit Configuration(const Sources& sources, const std::vector<Setting>& table = settings());

  const std::string& text(const std::string& name) const;  // also of a choice
  std::int64_t integer(const std::string& name) const;
  bool flag(const std::string& name) const;
  std::chrono::milliseconds duration(const std::string& name) const;
  std::size_t octets(const std::string& name) const;
  const std::vector<std::string>& list(const std::string& name) const;
  bool isDefault(const std::string& name) const;

  // YAML of every setting and where its value came from; secrets as "(secret)".
  std::string print() const;

 private:
  struct Entry {
    const Setting* setting = nullptr;
    std::string text;  // as written
    std::int64_t number = 0;
    std::vector<std::string> items;
    std::string origin = "default";
  };
  const Entry& entry(const std::string& name, SettingKind kind) const;
  void assign(const std::string& name, const std::string& value, const std::string& place, const std::string& origin);
  void assignItems(const std::string& name, std::vector<std::string> items, const std::string& place,
                   const std::string& origin);
  void readFile(const std::filesystem::path& file);
  void readEnvironment(const std::map<std::string, std::string>& environment);
  Entry& known(const std::string& name, const std::string& shown, const std::string& place);

  std::vector<std::string> order_;
  std::map<std::string, Entry> entries_;
};

// "data-folder" -> "QIANDA_DATA_FOLDER"
std::string environmentName(const std::string& setting);

}  // namespace qianda::server
