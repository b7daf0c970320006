// The table of everything that can be configured: one line a setting. From it come the file's keys (YAML, "data-folder:
// /srv/qianda"), the environment's variables (QIANDA_DATA_FOLDER), the flags (--data-folder), the help, the page
// docs/operations.md (a test compares) and what --print-config shows. Add a setting by adding its line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace qianda::server {

enum class SettingKind {
  kText,
  kInteger,
  kBoolean,   // true, false
  kDuration,  // 500ms, 10s, 5m, 12h, 30d; held as milliseconds
  kOctets,    // 512, 64KiB, 1MiB, 2GiB
  kChoice,    // one of `choices`
  kList,      // a YAML sequence, or comma-separated
};

struct Setting {
  std::string name;
  SettingKind kind = SettingKind::kText;
  std::string value;  // the default, as one would write it
  std::string help;
  std::int64_t least = 0, most = INT64_MAX;  // of kInteger, kDuration (milliseconds) and kOctets
  std::vector<std::string> choices = {};
  bool secret = false;  // never shown, neither by --print-config nor in errors
};

const std::vector<Setting>& settings();

}  // namespace qianda::server
