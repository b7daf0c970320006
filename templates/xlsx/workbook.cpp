#include "templates/xlsx/workbook.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "core/error.h"
#include "core/text.h"

namespace qianda::templates::xlsx {
namespace {

using core::Error;
using core::ErrorCode;

constexpr std::size_t kMostStyles = 70'000, kMostSheets = 1000;

bool isTrue(std::string_view text) { return text == "1" || text == "true"; }

std::uint32_t numberOf(std::string_view text, std::uint32_t otherwise = 0) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : otherwise;
}

struct Relations : XmlHandler {
  std::map<std::string, std::string> targets;  // of work sheets, by id
  std::string strings, styles;

  static std::string place(std::string_view target) {
    return std::string(target.starts_with('/') ? target.substr(1) : std::string("xl/") + std::string(target));
  }
  void start(std::string_view name, const Attributes& attributes) override {
    if (name != "Relationship" || attributes.find("TargetMode") == "External") return;
    const std::string_view type = attributes.find("Type");
    const std::string target = place(attributes.find("Target"));
    if (type.ends_with("/worksheet")) targets.emplace(attributes.find("Id"), target);
    if (type.ends_with("/sharedStrings")) strings = target;
    if (type.ends_with("/styles")) styles = target;
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}
};

struct SheetList : XmlHandler {
  struct Entry {
    std::string name, relation;
    bool isHidden;
  };
  std::vector<Entry> entries;
  bool isFrom1904 = false;

  void start(std::string_view name, const Attributes& attributes) override {
    if (name == "workbookPr") isFrom1904 = isTrue(attributes.find("date1904"));
    if (name != "sheet") return;
    const std::string_view state = attributes.find("state");
    if (entries.size() == kMostSheets) throw Error(ErrorCode::kInvalidInput, "the workbook has too many sheets");
    entries.push_back({std::string(attributes.find("name")), std::string(attributes.find("id")),
                       state == "hidden" || state == "veryHidden"});
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}
};

struct Strings : XmlHandler {
  std::vector<std::string> all;
  std::string current;
  std::uint64_t octets = 0;
  bool isText = false;
  int phonetic = 0;  // pronunciation beside the text is no part of it

  void start(std::string_view name, const Attributes&) override {
    if (name == "si") current.clear();
    if (name == "rPh") ++phonetic;
    isText = name == "t" && phonetic == 0;
  }
  void end(std::string_view name) override {
    if (name == "rPh") --phonetic;
    if (name == "t") isText = false;
    if (name != "si") return;
    all.push_back(unescape(current));
    octets += sizeof(std::string);
  }
  void text(std::string_view piece) override {
    if (!isText) return;
    octets += piece.size();
    if (octets > Workbook::kMostSharedOctets) {
      throw Error(ErrorCode::kInvalidInput, "the texts of the workbook are longer than " +
                                                std::to_string(Workbook::kMostSharedOctets >> 20) + " MiB");
    }
    current += piece;
  }
};

struct Styles : XmlHandler {
  std::map<std::uint32_t, std::string> codes;
  std::vector<NumberFormat> formats;
  bool isCellFormats = false;

  void start(std::string_view name, const Attributes& attributes) override {
    if (name == "numFmt") codes[numberOf(attributes.find("numFmtId"))] = attributes.find("formatCode");
    if (name == "cellXfs") isCellFormats = true;
    if (name != "xf" || !isCellFormats) return;
    if (formats.size() == kMostStyles) throw Error(ErrorCode::kInvalidInput, "the workbook has too many styles");
    formats.push_back(formatNumbered(numberOf(attributes.find("numFmtId"))));
  }
  void end(std::string_view name) override {
    if (name == "cellXfs") isCellFormats = false;
  }
  void text(std::string_view) override {}

 private:
  // The built-in formats have no code in the file (18.8.30); 27 to 36 and 50 to 58 are dates in East Asia.
  NumberFormat formatNumbered(std::uint32_t id) const {
    if (const auto found = codes.find(id); found != codes.end()) return formatOf(found->second);
    if (id == 9 || id == 10) return {NumberLook::kPercent, 0};
    if ((id >= 18 && id <= 21) || (id >= 45 && id <= 47) || (id >= 32 && id <= 35)) return {NumberLook::kTime, 0};
    if ((id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58)) return {NumberLook::kDate, 0};
    return {};
  }
};

std::optional<std::uint32_t> hexOf(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

NumberFormat formatOf(std::string_view code) {
  std::string bare;  // of the section for positive numbers, without texts, colours and escapes
  bool isElapsed = false;
  for (std::size_t i = 0; i < code.size() && code[i] != ';'; ++i) {
    const char c = code[i];
    if (c == '"') {
      i = std::min(code.find('"', i + 1), code.size());
    } else if (c == '[') {
      const std::size_t end = std::min(code.find(']', i), code.size());
      const std::string_view inside = code.substr(i + 1, end - i - 1);
      isElapsed |= !inside.empty() && inside.find_first_not_of("hHmMsS") == std::string_view::npos;
      i = end;
    } else if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else {
      bare += static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
  }
  if (bare.starts_with("general")) return {};
  if (bare.find_first_of("yd") != std::string::npos) return {NumberLook::kDate, 0};
  if (isElapsed || bare.find_first_of("hs") != std::string::npos) return {NumberLook::kTime, 0};
  if (bare.find('m') != std::string::npos) return {NumberLook::kDate, 0};
  if (bare.ends_with('%')) return {NumberLook::kPercent, 0};
  const bool isZeros = bare.size() > 1 && bare.size() < 16 && bare.find_first_not_of('0') == std::string::npos;
  if (isZeros) return {NumberLook::kZeros, static_cast<std::uint8_t>(bare.size())};
  return {};
}

std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_' && i + 6 < text.size() && text[i + 1] == 'x' && text[i + 6] == '_') {
      if (const auto code = hexOf(text.substr(i + 2, 4)); code && *code != 0 && (*code < 0xD800 || *code > 0xDFFF)) {
        core::appendUtf8(out, static_cast<char32_t>(*code));
        i += 6;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

Workbook readWorkbook(const Package& package) {
  SheetList list;
  package.parse("xl/workbook.xml", list);
  Relations relations;
  package.parse("xl/_rels/workbook.xml.rels", relations);
  Workbook workbook;
  workbook.isFrom1904 = list.isFrom1904;
  for (const SheetList::Entry& entry : list.entries) {
    const auto target = relations.targets.find(entry.relation);
    if (target != relations.targets.end()) workbook.sheets.push_back({entry.name, target->second, entry.isHidden});
  }
  if (!relations.strings.empty()) {
    Strings strings;
    package.parse(relations.strings, strings);
    workbook.strings = std::move(strings.all);
  }
  if (!relations.styles.empty()) {
    Styles styles;
    package.parse(relations.styles, styles);
    workbook.formats = std::move(styles.formats);
  }
  return workbook;
}

}  // namespace qianda::templates::xlsx
