#include "server/config/configuration.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;

constexpr const char* kPrefix = "QIANDA_";
constexpr std::string_view kOthers[] = {"QIANDA_PKI"};  // of other commands

struct Unit {
  const char* name;
  std::int64_t factor;
};
constexpr Unit kDurations[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr Unit kSizes[] = {{"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};

template <std::size_t N>
std::optional<std::int64_t> readWithUnit(const std::string& text, const Unit (&units)[N]) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc() || number < 0) return std::nullopt;
  for (const Unit& unit : units) {
    std::int64_t product = 0;
    if (std::string_view(rest, static_cast<std::size_t>(end - rest)) == unit.name &&
        !__builtin_mul_overflow(number, unit.factor, &product)) {
      return product;
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> readInteger(const std::string& text) {
  std::int64_t number = 0;
  const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && rest == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// Levenshtein's distance.
std::size_t distance(const std::string& from, const std::string& to) {
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t at = 0; at <= to.size(); ++at) row[at] = at;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t changed = diagonal + (from[i - 1] != to[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[to.size()];
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> items;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    const std::string item(core::trim(std::string_view(text).substr(from, comma - from)));
    if (!item.empty()) items.push_back(item);
    from = comma + 1;
  }
  return items;
}

}  // namespace

std::string environmentName(const std::string& setting) {
  std::string name = kPrefix;
  for (const char c : setting) name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

Configuration::Configuration(const Sources& sources, const std::vector<Setting>& table) {
  for (const Setting& setting : table) {
    order_.push_back(setting.name);
    entries_[setting.name].setting = &setting;
    assign(setting.name, setting.value, "the default", "default");
  }
  if (sources.file) readFile(*sources.file);
  readEnvironment(sources.environment);
  for (const auto& [name, value] : sources.flags) {
    known(name, "--" + name, "flag");
    assign(name, value, "flag --" + name, "flag");
  }
}

Configuration::Entry& Configuration::known(const std::string& name, const std::string& shown,
                                           const std::string& place) {
  if (const auto found = entries_.find(name); found != entries_.end()) return found->second;
  const std::string* nearest = nullptr;
  for (const std::string& candidate : order_) {
    if (!nearest || distance(name, candidate) < distance(name, *nearest)) nearest = &candidate;
  }
  throw Error(ErrorCode::kUsage, fmt::format("{}: there is no setting {}{}", place, shown,
                                             nearest ? "; the nearest is " + *nearest : std::string()));
}

void Configuration::assign(const std::string& name, const std::string& value, const std::string& place,
                           const std::string& origin) {
  Entry& entry = entries_.at(name);
  const Setting& setting = *entry.setting;
  const auto refuse = [&](const std::string& wanted) {
    throw Error(ErrorCode::kUsage, fmt::format("{}: {} must be {}{}", place, name, wanted,
                                               setting.secret ? std::string() : fmt::format(", not \"{}\"", value)));
  };
  std::optional<std::int64_t> number;
  const char* kind = "";
  switch (setting.kind) {
    case SettingKind::kText:
      break;
    case SettingKind::kList:
      entry.items = split(value);
      break;
    case SettingKind::kChoice:
      if (std::find(setting.choices.begin(), setting.choices.end(), value) == setting.choices.end()) {
        refuse(fmt::format("one of {}", fmt::join(setting.choices, ", ")));
      }
      break;
    case SettingKind::kBoolean:
      if (value != "true" && value != "false") refuse("true or false");
      entry.number = value == "true";
      break;
    case SettingKind::kInteger:
      kind = "an integer";
      number = readInteger(value);
      break;
    case SettingKind::kDuration:
      kind = "a duration like 500ms, 10s, 5m, 12h or 30d";
      number = readWithUnit(value, kDurations);
      break;
    case SettingKind::kOctets:
      kind = "a size like 512, 64KiB, 1MiB or 2GiB";
      number = readWithUnit(value, kSizes);
      break;
  }
  if (*kind) {
    if (!number) refuse(kind);
    if (*number < setting.least || *number > setting.most) {
      refuse(fmt::format("{} between {} and {}", kind, setting.least, setting.most));
    }
    entry.number = *number;
  }
  entry.text = value;
  entry.origin = origin;
}

void Configuration::assignItems(const std::string& name, std::vector<std::string> items, const std::string& place,
                                const std::string& origin) {
  Entry& entry = entries_.at(name);
  if (entry.setting->kind != SettingKind::kList) {
    throw Error(ErrorCode::kUsage, fmt::format("{}: {} is one value, not a list", place, name));
  }
  entry.text = fmt::format("{}", fmt::join(items, ","));
  entry.items = std::move(items);
  entry.origin = origin;
}

void Configuration::readFile(const std::filesystem::path& file) {
  const std::string content = core::readFile(file, 1u << 20);
  const auto placeOf = [&](const YAML::Mark& mark) { return fmt::format("{}:{}", file.string(), mark.line + 1); };
  try {
    const YAML::Node root = YAML::Load(content);
    if (root.IsNull()) return;
    if (!root.IsMap()) throw Error(ErrorCode::kUsage, placeOf(root.Mark()) + ": settings are expected, name: value");
    std::map<std::string, std::string> seen;
    for (const auto& pair : root) {
      const std::string place = placeOf(pair.first.Mark());
      const std::string name = pair.first.as<std::string>();
      known(name, name, place);
      if (const auto [first, isNew] = seen.emplace(name, place); !isNew) {
        throw Error(ErrorCode::kUsage, fmt::format("{}: {} is already set at {}", place, name, first->second));
      }
      const std::string origin = "file " + place;
      if (pair.second.IsScalar()) {
        assign(name, pair.second.as<std::string>(), place, origin);
      } else if (pair.second.IsSequence()) {
        assignItems(name, pair.second.as<std::vector<std::string>>(), place, origin);
      } else {
        throw Error(ErrorCode::kUsage, fmt::format("{}: {} has no value", place, name));
      }
    }
  } catch (const YAML::Exception& error) {
    throw Error(ErrorCode::kUsage, placeOf(error.mark) + ": " + error.msg);
  }
}

void Configuration::readEnvironment(const std::map<std::string, std::string>& environment) {
  for (const auto& [variable, value] : environment) {
    if (!variable.starts_with(kPrefix)) continue;
    if (std::find(std::begin(kOthers), std::end(kOthers), variable) != std::end(kOthers)) continue;
    std::string name = variable.substr(std::strlen(kPrefix));
    for (char& c : name) c = c == '_' ? '-' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    known(name, variable, "environment");
    if (environmentName(name) != variable) {
      throw Error(ErrorCode::kUsage, "environment: " + variable + " is written " + environmentName(name));
    }
    assign(name, value, "environment " + variable, "environment");
  }
}

const Configuration::Entry& Configuration::entry(const std::string& name, SettingKind kind) const {
  const auto found = entries_.find(name);
  if (found == entries_.end() || found->second.setting->kind != kind) {
    throw Error(ErrorCode::kSystem, "the program asks for a setting " + name + " that is not in its table");
  }
  return found->second;
}

const std::string& Configuration::text(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found != entries_.end() && found->second.setting->kind == SettingKind::kChoice) return found->second.text;
  return entry(name, SettingKind::kText).text;
}

std::int64_t Configuration::integer(const std::string& name) const { return entry(name, SettingKind::kInteger).number; }

bool Configuration::flag(const std::string& name) const { return entry(name, SettingKind::kBoolean).number != 0; }

std::chrono::milliseconds Configuration::duration(const std::string& name) const {
  return std::chrono::milliseconds(entry(name, SettingKind::kDuration).number);
}

std::size_t Configuration::octets(const std::string& name) const {
  return static_cast<std::size_t>(entry(name, SettingKind::kOctets).number);
}

const std::vector<std::string>& Configuration::list(const std::string& name) const {
  return entry(name, SettingKind::kList).items;
}

bool Configuration::isDefault(const std::string& name) const {
  const auto found = entries_.find(name);
  return found != entries_.end() && found->second.origin == "default";
}

std::string Configuration::print() const {
  std::string out;
  for (const std::string& name : order_) {
    const Entry& entry = entries_.at(name);
    YAML::Emitter value;
    if (entry.setting->secret && !entry.text.empty()) {
      value << YAML::DoubleQuoted << "(secret)";
    } else if (entry.setting->kind == SettingKind::kList) {
      value << YAML::Flow << entry.items;
    } else if (entry.setting->kind == SettingKind::kText) {
      value << YAML::DoubleQuoted << entry.text;
    } else {
      value << entry.text;
    }
    out += fmt::format("{}: {}  # {}\n", name, value.c_str(), entry.origin);
  }
  return out;
}

}  // namespace qianda::server
