// What the end-to-end tests share: the built program as a user runs it, rosters as tables that a test may spoil, and
// folders with a document store and an export. Every program is run as a child; nothing of the product is linked but
// core (files).
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include "core/file.h"
#include "tests/support/pki.h"
#include "tests/support/process.h"

namespace qianda::test {

using Json = Poco::JSON::Object::Ptr;
using JsonList = Poco::JSON::Array::Ptr;

inline Output qianda(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), QIANDA_BINARY_DIR "/qianda");
  return run(arguments);
}

// Throws when `text` is anything but one JSON value on one line.
inline Json jsonObject(const std::string& text) {
  if (text.empty() || text.find('\n') != text.size() - 1) throw std::runtime_error("not one line of JSON: " + text);
  return Poco::JSON::Parser().parse(text).extract<Json>();
}

inline JsonList jsonArray(const std::string& text) { return Poco::JSON::Parser().parse(text).extract<JsonList>(); }

inline std::string text(const Json& object, const std::string& key) { return object->getValue<std::string>(key); }
inline std::uint64_t number(const Json& object, const std::string& key) { return object->getValue<Poco::UInt64>(key); }

// Fields of a shipped template: name and Chinese label, in order.
inline std::vector<std::pair<std::string, std::string>> fieldsOf(const std::string& id) {
  const JsonList all = jsonArray(qianda({"template", "list", "--json"}).out);
  std::vector<std::pair<std::string, std::string>> fields;
  for (unsigned i = 0; i < all->size(); ++i) {
    if (text(all->getObject(i), "id") != id) continue;
    const JsonList found = all->getObject(i)->getArray("fields");
    for (unsigned k = 0; k < found->size(); ++k) {
      fields.emplace_back(text(found->getObject(k), "name"), text(found->getObject(k), "label"));
    }
  }
  if (fields.empty()) throw std::runtime_error("no template " + id);
  return fields;
}

// A table of cells under field names; read from and written as CSV.
struct Roster {
  std::vector<std::string> names;    // field of each column
  std::vector<std::string> headers;  // as written in the file
  std::vector<std::vector<std::string>> rows;

  std::size_t column(const std::string& field) const {  // 1-based
    const auto found = std::find(names.begin(), names.end(), field);
    if (found == names.end()) throw std::runtime_error("no column " + field);
    return static_cast<std::size_t>(found - names.begin()) + 1;
  }
  std::string& cell(std::size_t row, const std::string& field) { return rows.at(row - 1).at(column(field) - 1); }
  const std::string& cell(std::size_t row, const std::string& field) const {
    return rows.at(row - 1).at(column(field) - 1);
  }
  std::string csv() const {
    std::string out;
    const auto line = [&out](const std::vector<std::string>& cells) {
      for (std::size_t i = 0; i < cells.size(); ++i) {
        out += i ? ",\"" : "\"";
        for (char c : cells[i]) out.append(c == '"' ? 2 : 1, c);
        out += '"';
      }
      out += "\r\n";
    };
    line(headers);
    for (const auto& row : rows) line(row);
    return out;
  }
  void write(const std::filesystem::path& path) const { core::writeFile(path, csv()); }
};

inline std::vector<std::vector<std::string>> parseCsv(const std::string& octets) {
  std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
  bool isQuoted = false;
  for (std::size_t i = octets.starts_with("\xEF\xBB\xBF") ? 3 : 0; i < octets.size(); ++i) {
    const char c = octets[i];
    if (c == '"') {
      if (isQuoted && i + 1 < octets.size() && octets[i + 1] == '"') {
        rows.back().back() += octets[i++];
      } else {
        isQuoted = !isQuoted;
      }
    } else if (!isQuoted && c == ',') {
      rows.back().emplace_back();
    } else if (!isQuoted && c == '\n') {
      rows.emplace_back(1);
    } else if (isQuoted || c != '\r') {
      rows.back().back() += c;
    }
  }
  if (rows.back().size() == 1 && rows.back()[0].empty()) rows.pop_back();
  return rows;
}

// Invented people for a shipped template.
inline Roster sampleRoster(const TempFolder& folder, std::size_t count, int seed = 1,
                           const std::string& form = "labour-general") {
  const std::string file = folder / "sample.csv";
  const Output made = qianda({"sample", "roster", "--template", form, "--count", std::to_string(count), "--seed",
                              std::to_string(seed), "--out", file});
  if (made.status != 0) throw std::runtime_error("no sample roster: " + made.err);
  Roster roster;
  roster.rows = parseCsv(core::readFile(file));
  roster.headers = roster.rows.at(0);
  roster.rows.erase(roster.rows.begin());
  const auto fields = fieldsOf(form);
  for (std::string header : roster.headers) {
    while (header.ends_with('*')) header.pop_back();
    for (const auto& [name, label] : fields) {
      if (header == name || header == label || header.starts_with(label + "（")) roster.names.push_back(name);
    }
  }
  if (roster.names.size() != roster.headers.size()) throw std::runtime_error("a sample header is not a field's label");
  return roster;
}

// A document store and a folder of PDFs that `qianda batch` writes.
struct Batch {
  std::filesystem::path data, out;
  std::string roster;
  std::string form = "labour-general";
  std::vector<std::string> more = {};

  std::vector<std::string> arguments() const {
    std::vector<std::string> all{
        "batch", "--template", form,     "--roster", roster,  "--seal", developmentPki() / "employer-seal.p12",
        "--out", out,          "--data", data,       "--json"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Output run() const { return qianda(arguments()); }
};

// File name -> octets of every file in `folder`.
inline std::map<std::string, std::string> filesOf(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files[entry.path().filename()] = core::readFile(entry.path());
  }
  return files;
}

// "000012-<document id>.pdf"
inline std::size_t rowOf(const std::string& name) { return std::stoul(name.substr(0, name.find('-'))); }
inline std::string idOf(const std::string& name) {
  const std::size_t dash = name.find('-');
  return name.substr(dash + 1, name.size() - dash - 5);
}

// Without white space of ASCII and the ideographic space.
inline std::string squashed(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 3, "\u3000") == 0) {
      i += 2;
    } else if (static_cast<unsigned char>(text[i]) > ' ') {
      out += text[i];
    }
  }
  return out;
}

}  // namespace qianda::test
