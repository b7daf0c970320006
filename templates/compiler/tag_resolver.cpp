#include "templates/compiler/tag_resolver.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "core/text.h"

namespace qianda::templates::compiler {
namespace {

using Part = FieldFormat::Part;

struct Filter {
  Part part;
  std::vector<FieldType> types;  // empty: every type
};

const std::map<std::string, Filter, std::less<>> kFilters{
    {"upper", {Part::kUpper, {FieldType::kMoney}}},  {"year", {Part::kYear, {FieldType::kDate}}},
    {"month", {Part::kMonth, {FieldType::kDate}}},   {"day", {Part::kDay, {FieldType::kDate}}},
    {"start", {Part::kStart, {FieldType::kPeriod}}}, {"end", {Part::kEnd, {FieldType::kPeriod}}},
    {"label", {Part::kLabel, {FieldType::kChoice}}}, {"mask", {Part::kMask, {}}}};

std::u32string decode(std::string_view text) { return core::decodeUtf8(text).value_or(U""); }

Inline textInline(std::u32string text, bool bold) {
  Inline inlined;
  inlined.text = std::move(text);
  inlined.bold = bold;
  return inlined;
}

}  // namespace

TagResolver::TagResolver(const Template& form, const std::string& file, std::vector<Diagnostic>& diagnostics)
    : form_(form), file_(file), diagnostics_(diagnostics), used_(form.fields.size()) {
  // What a field's own condition or document kind reads counts as used.
  for (const FieldSpec& spec : form.fields) {
    if (spec.condition) {
      for (std::size_t index : spec.condition->fields()) used_[index] = true;
    }
    if (const std::size_t index = form.findField(spec.idTypeField); index != Template::npos) used_[index] = true;
  }
}

void TagResolver::report(const Place& place, std::string message) {
  diagnostics_.push_back({file_, place.line, place.column, std::move(message)});
}

std::vector<std::string> TagResolver::unusedFields() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < used_.size(); ++i) {
    if (!used_[i]) names.push_back(form_.fields[i].name);
  }
  return names;
}

Expression TagResolver::condition(const Tag& tag, std::string_view source) {
  auto parsed = parseExpression(source, form_.fields);
  if (const auto* error = std::get_if<ExpressionError>(&parsed)) {
    const std::size_t start = tag.text.size() - source.size();
    report({tag.place.line, tag.place.column + 2 + start + error->offset}, error->message);
    return {};
  }
  for (std::size_t index : std::get<Expression>(parsed).fields()) used_[index] = true;
  return std::get<Expression>(std::move(parsed));
}

std::size_t TagResolver::party(const Tag& tag, std::string_view name) {
  for (std::size_t i = 0; i < form_.parties.size(); ++i) {
    if (form_.parties[i].name == name) return i;
  }
  report(tag.place, "unknown party \"" + std::string(name) + "\"");
  return 0;
}

std::size_t TagResolver::field(const Tag& tag, std::string_view name) {
  const std::size_t index = form_.findField(name);
  if (index == Template::npos) {
    report(tag.place, "unknown field \"" + std::string(name) + "\"");
  } else {
    used_[index] = true;
  }
  return index;
}

void TagResolver::resolve(const Tag& tag, bool bold, std::vector<Inline>& out) {
  const std::string_view text = tag.text;
  if (text.starts_with("!")) return;
  Inline base;
  base.bold = bold;
  static const std::map<std::string_view, Inline::Kind> kPlain{
      {"qr", Inline::Kind::kQr}, {"doc.id", Inline::Kind::kDocumentId}, {"doc.url", Inline::Kind::kDocumentUrl}};
  if (const auto plain = kPlain.find(core::trim(text.substr(0, text.find('|')))); plain != kPlain.end()) {
    const std::string_view filter =
        core::trim(text.substr(std::min(text.size(), text.find('|')) + (text.find('|') < text.size())));
    if (!filter.empty() && filter != "plain" && filter != "bold") {
      return report(tag.place, "{{" + std::string(plain->first) + "}} takes no filter but plain and bold");
    }
    base.bold |= filter == "bold";
    base.kind = plain->second;
    out.push_back(std::move(base));
    return;
  }
  static const std::map<std::string_view, Inline::Kind> kAnchors{
      {"seal", Inline::Kind::kSeal}, {"sign", Inline::Kind::kSign}, {"date", Inline::Kind::kDate}};
  const std::size_t colon = text.find(':');
  const std::size_t bar = text.find('|');
  if (colon != std::string_view::npos && colon < bar) {
    const std::string_view head = core::trim(text.substr(0, colon)), tail = core::trim(text.substr(colon + 1));
    if (const auto anchor = kAnchors.find(head); anchor != kAnchors.end()) {
      base.kind = anchor->second;
      base.party = party(tag, tail);
      out.push_back(std::move(base));
    } else if (head == "box") {
      resolveBox(tag, tail, std::move(base), out);
    } else {
      report(tag.place, "unknown tag \"" + std::string(head) + ":\"");
    }
    return;
  }
  resolveField(tag, std::move(base), out);
}

void TagResolver::resolveBox(const Tag& tag, std::string_view inside, Inline base, std::vector<Inline>& out) {
  const std::size_t equals = inside.find('=');
  if (equals == std::string_view::npos) return report(tag.place, "a box is written {{box:field=value}}");
  const std::string_view value = core::trim(inside.substr(equals + 1));
  base.kind = Inline::Kind::kBox;
  base.field = field(tag, core::trim(inside.substr(0, equals)));
  if (base.field == Template::npos) return;
  const FieldSpec& spec = form_.fields[base.field];
  if (spec.type == FieldType::kBoolean && (value == "true" || value == "false")) {
    base.choice = value == "true";
    out.push_back(std::move(base));
    return;
  }
  for (std::size_t i = 0; i < spec.choices.size(); ++i) {
    if (spec.choices[i].value != value) continue;
    base.choice = i;
    out.push_back(std::move(base));
    return;
  }
  report(tag.place, "field \"" + spec.name + "\" has no choice \"" + std::string(value) + "\"");
}

bool TagResolver::applyFilter(const Tag& tag, const FieldSpec& spec, std::string_view filter, Inline& target) {
  if (filter == "plain") return target.format.underlined = false, true;
  if (filter == "bold") return target.bold = true;
  if (filter.starts_with("blank:")) {
    const std::string_view number = filter.substr(6);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), target.format.blankEm);
    if (error == std::errc() && end == number.data() + number.size() && target.format.blankEm >= 0 &&
        target.format.blankEm <= 40) {
      return true;
    }
    report(tag.place, "blank takes a width from 0 to 40 em, not \"" + std::string(number) + "\"");
    return false;
  }
  const auto found = kFilters.find(filter);
  if (found == kFilters.end()) {
    report(tag.place, "unknown filter \"" + std::string(filter) + "\"");
    return false;
  }
  const auto& types = found->second.types;
  if (!types.empty() && std::find(types.begin(), types.end(), spec.type) == types.end()) {
    report(tag.place, "filter \"" + std::string(filter) + "\" does not apply to field \"" + spec.name + "\"");
    return false;
  }
  target.format.part = found->second.part;
  return true;
}

void TagResolver::resolveField(const Tag& tag, Inline base, std::vector<Inline>& out) {
  std::string_view rest = tag.text;
  const std::string_view name = core::trim(rest.substr(0, rest.find('|')));
  rest.remove_prefix(std::min(rest.size(), rest.find('|')));
  const std::size_t dot = name.find('.');
  base.field = field(tag, name.substr(0, dot));
  if (base.field == Template::npos) return;
  const FieldSpec& spec = form_.fields[base.field];
  base.kind = Inline::Kind::kField;
  base.format.blankEm = spec.blankEm;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t next = std::min(rest.size(), rest.find('|'));
    if (!applyFilter(tag, spec, core::trim(rest.substr(0, next)), base)) return;
    rest.remove_prefix(next);
  }
  if (dot != std::string_view::npos || spec.type == FieldType::kList) {
    const std::string_view column = dot == std::string_view::npos ? "" : name.substr(dot + 1);
    for (std::size_t i = 0; i < spec.columns.size(); ++i) {
      if (spec.columns[i].name != column) continue;
      base.kind = Inline::Kind::kListColumn;
      base.format.underlined = false;
      base.choice = i;
      out.push_back(std::move(base));
      return;
    }
    return report(tag.place, spec.type != FieldType::kList ? "field \"" + spec.name + "\" is not a list"
                             : column.empty()
                                 ? "a list is shown by its columns: {{" + spec.name + ".column}}"
                                 : "list \"" + spec.name + "\" has no column \"" + std::string(column) + "\"");
  }
  const bool boxes =
      base.format.part == Part::kWhole && (spec.type == FieldType::kChoice || spec.type == FieldType::kBoolean);
  if (!boxes) {
    out.push_back(std::move(base));
    return;
  }
  std::vector<std::pair<std::size_t, std::u32string>> options{{1, U"是"}, {0, U"否"}};
  if (spec.type == FieldType::kChoice) {
    options.clear();
    for (std::size_t i = 0; i < spec.choices.size(); ++i) options.emplace_back(i, decode(spec.choices[i].labelZh));
  }
  base.kind = Inline::Kind::kBox;
  for (std::size_t i = 0; i < options.size(); ++i) {
    base.choice = options[i].first;
    out.push_back(base);
    out.push_back(textInline(options[i].second + (i + 1 < options.size() ? U"　" : U""), base.bold));
  }
}

}  // namespace qianda::templates::compiler
