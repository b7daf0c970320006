#include "templates/compiler/front_matter.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <yaml-cpp/yaml.h>

namespace qianda::templates::compiler {
namespace {

const std::map<std::string, FieldType, std::less<>> kTypes{
    {"text", FieldType::kText},       {"multiline", FieldType::kMultiline},
    {"integer", FieldType::kInteger}, {"decimal", FieldType::kDecimal},
    {"money", FieldType::kMoney},     {"date", FieldType::kDate},
    {"period", FieldType::kPeriod},   {"choice", FieldType::kChoice},
    {"boolean", FieldType::kBoolean}, {"id_card", FieldType::kIdCard},
    {"uscc", FieldType::kUscc},       {"phone", FieldType::kPhone},
    {"address", FieldType::kAddress}, {"list", FieldType::kList}};

const std::map<std::string, LawProfile, std::less<>> kLaws{{"general", LawProfile::kGeneral},
                                                           {"dispatch", LawProfile::kDispatch},
                                                           {"part_time", LawProfile::kPartTime},
                                                           {"platform_contract", LawProfile::kPlatformContract},
                                                           {"platform_agreement", LawProfile::kPlatformAgreement},
                                                           {"annex", LawProfile::kAnnex},
                                                           {"none", LawProfile::kNone}};

bool isIdentifier(std::string_view name, char joint) {
  if (name.empty() || name[0] < 'a' || name[0] > 'z') return false;
  return std::all_of(name.begin(), name.end(),
                     [joint](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == joint; });
}

bool isSemanticVersion(const std::string& text) {
  int dots = 0;
  bool digit = false;
  for (char c : text) {
    if (c >= '0' && c <= '9') {
      digit = true;
    } else if (c == '.' && digit) {
      ++dots;
      digit = false;
    } else {
      return false;
    }
  }
  return dots == 2 && digit;
}

class Reader {
 public:
  Reader(std::size_t firstLine, const std::string& file, Template& form, std::vector<Diagnostic>& diagnostics)
      : firstLine_(firstLine), file_(file), form_(form), diagnostics_(diagnostics) {}

  FrontMatter read(const std::string& yaml) {
    try {
      const YAML::Node root = YAML::Load(yaml);
      if (!root.IsMap()) {
        report(root, "the front matter must be a list of `key: value` lines");
        return result_;
      }
      readRoot(root);
    } catch (const YAML::Exception& error) {
      diagnostics_.push_back({file_, lineOf(error.mark), columnOf(error.mark), "YAML: " + error.msg});
    }
    return result_;
  }

 private:
  std::size_t lineOf(const YAML::Mark& mark) const {
    return mark.is_null() ? firstLine_ : firstLine_ + static_cast<std::size_t>(mark.line);
  }
  static std::size_t columnOf(const YAML::Mark& mark) {
    return mark.is_null() ? 1 : static_cast<std::size_t>(mark.column) + 1;
  }
  void report(const YAML::Node& node, const std::string& message) {
    const YAML::Mark mark = node.IsDefined() ? node.Mark() : YAML::Mark::null_mark();
    diagnostics_.push_back({file_, lineOf(mark), columnOf(mark), message});
  }

  std::string text(const YAML::Node& node, const std::string& what) {
    if (node.IsScalar()) return node.Scalar();
    report(node, what + " must be a single value");
    return {};
  }

  // Refuses keys that are not in `known` and keys written twice.
  void checkKeys(const YAML::Node& map, const std::string& where, const std::set<std::string>& known) {
    std::set<std::string> seen;
    for (const auto& entry : map) {
      const std::string key = text(entry.first, "a key");
      if (!known.contains(key)) report(entry.first, "unknown key \"" + key + "\" in " + where);
      if (!seen.insert(key).second) report(entry.first, "key \"" + key + "\" appears twice in " + where);
    }
  }

  std::string require(const YAML::Node& root, const char* key) {
    if (const YAML::Node node = root[key]) return text(node, key);
    report(root, std::string("the front matter needs \"") + key + "\"");
    return {};
  }

  void readRoot(const YAML::Node& root) {
    checkKeys(root, "the front matter",
              {"id", "version", "title", "title_en", "law", "page", "font_size", "parties", "fields"});
    form_.id = require(root, "id");
    if (!form_.id.empty() && !isIdentifier(form_.id, '-')) {
      report(root["id"], "id must be lower-case letters, digits and hyphens");
    }
    form_.version = require(root, "version");
    if (!form_.version.empty() && !isSemanticVersion(form_.version)) {
      report(root["version"], "version must be a semantic version such as 1.0.0");
    }
    form_.titleZh = require(root, "title");
    form_.titleEn = root["title_en"] ? text(root["title_en"], "title_en") : form_.titleZh;
    if (const YAML::Node law = root["law"]) {
      const auto found = kLaws.find(text(law, "law"));
      if (found == kLaws.end()) report(law, "unknown law profile \"" + text(law, "law") + "\"");
      if (found != kLaws.end()) form_.law = found->second;
    }
    if (const YAML::Node page = root["page"]) readPage(page);
    if (const YAML::Node size = root["font_size"]) result_.fontSize = length(size, 6, 30, result_.fontSize);
    if (const YAML::Node parties = root["parties"]) readParties(parties);
    if (const YAML::Node fields = root["fields"]) readFields(fields);
  }

  // A length in points: 25mm, 2.5cm, 70pt or a bare number of points.
  double length(const YAML::Node& node, double least, double most, double fallback) {
    const std::string written = text(node, "a length");
    double value = 0;
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), value);
    const std::string unit(end, static_cast<std::size_t>(written.data() + written.size() - end));
    const double factor = unit == "mm" ? 72 / 25.4 : unit == "cm" ? 720 / 25.4 : unit == "pt" || unit.empty() ? 1 : 0;
    if (error != std::errc() || factor == 0) {
      report(node, "\"" + written + "\" is not a length such as 25mm or 10.5pt");
      return fallback;
    }
    if (value * factor < least || value * factor > most) {
      report(node,
             "\"" + written + "\" is out of bounds (" + std::to_string(least) + " to " + std::to_string(most) + " pt)");
      return fallback;
    }
    return value * factor;
  }

  void readPage(const YAML::Node& page) {
    if (!page.IsMap()) return report(page, "page must be a map");
    checkKeys(page, "page", {"size", "top", "bottom", "left", "right"});
    if (page["size"] && text(page["size"], "size") != "A4") report(page["size"], "the only page size is A4");
    PageSetup& setup = result_.page;
    const std::pair<const char*, double*> margins[] = {
        {"top", &setup.top}, {"bottom", &setup.bottom}, {"left", &setup.left}, {"right", &setup.right}};
    for (const auto& [key, margin] : margins) {
      if (page[key]) *margin = length(page[key], 28, 200, *margin);
    }
  }

  void readLabels(const YAML::Node& node, std::string& zh, std::string& en, const std::string& fallback) {
    zh = node["label"] ? text(node["label"], "label") : fallback;
    en = node["label_en"] ? text(node["label_en"], "label_en") : zh;
  }

  void readParties(const YAML::Node& parties) {
    if (!parties.IsMap()) return report(parties, "parties must be a map of name: {label, label_en}");
    for (const auto& entry : parties) {
      Party party;
      party.name = text(entry.first, "a party's name");
      if (!isIdentifier(party.name, '_')) report(entry.first, "a party's name is lower-case letters, digits and _");
      if (!entry.second.IsMap()) {
        report(entry.second, "a party needs {label: ...}");
        continue;
      }
      checkKeys(entry.second, "party " + party.name, {"label", "label_en"});
      readLabels(entry.second, party.labelZh, party.labelEn, party.name);
      form_.parties.push_back(std::move(party));
    }
  }

  void readFields(const YAML::Node& fields) {
    if (!fields.IsMap()) return report(fields, "fields must be a map of name: {type: ...}");
    std::vector<std::pair<std::size_t, YAML::Node>> conditions;
    std::map<std::string, std::string> labels;
    for (const auto& entry : fields) {
      FieldSpec field;
      field.name = text(entry.first, "a field's name");
      if (!isIdentifier(field.name, '_')) report(entry.first, "a field's name is lower-case letters, digits and _");
      if (form_.findField(field.name) != Template::npos)
        report(entry.first, "field " + field.name + " is declared twice");
      if (!entry.second.IsMap()) {
        report(entry.second, "field " + field.name + " needs {type: ..., label: ...}");
        continue;
      }
      readField(entry.second, field);
      const auto [other, isNew] = labels.emplace(field.labelZh, field.name);
      if (!isNew) report(entry.second, "label " + field.labelZh + " is also that of " + other->second);
      if (entry.second["condition"]) conditions.emplace_back(form_.fields.size(), entry.second["condition"]);
      form_.fields.push_back(std::move(field));
    }
    for (const auto& [index, node] : conditions) readCondition(index, node);
    for (const FieldSpec& field : form_.fields) {
      if (!field.idTypeField.empty() && form_.findField(field.idTypeField) == Template::npos) {
        report(fields, "field " + field.name + ": id_type names no field: " + field.idTypeField);
      }
    }
  }

  void readField(const YAML::Node& node, FieldSpec& field) {
    checkKeys(node, "field " + field.name,
              {"type", "label", "label_en", "required", "default", "min", "max", "unit", "blank", "condition",
               "example", "choices", "columns", "id_type"});
    const std::string type = node["type"] ? text(node["type"], "type") : "";
    const auto found = kTypes.find(type);
    if (found == kTypes.end()) {
      report(node, "field " + field.name + (type.empty() ? " has no type" : " has the unknown type \"" + type + "\""));
    } else {
      field.type = found->second;
    }
    readLabels(node, field.labelZh, field.labelEn, field.name);
    if (node["required"]) {
      const std::string required = text(node["required"], "required");
      if (required != "true" && required != "false") report(node["required"], "required is true or false");
      field.required = required != "false";
    }
    if (node["default"]) field.defaultText = text(node["default"], "default");
    if (node["min"]) field.minimum = text(node["min"], "min");
    if (node["max"]) field.maximum = text(node["max"], "max");
    if (node["unit"]) field.unit = text(node["unit"], "unit");
    if (node["example"]) field.example = text(node["example"], "example");
    if (node["id_type"]) field.idTypeField = text(node["id_type"], "id_type");
    if (node["blank"]) field.blankEm = length(node["blank"], 0, 40, 0);
    readChoices(node, field);
    readColumns(node, field);
  }

  void readChoices(const YAML::Node& node, FieldSpec& field) {
    const YAML::Node choices = node["choices"];
    if (!choices) {
      if (field.type == FieldType::kChoice) report(node, "field " + field.name + " needs choices");
      return;
    }
    if (field.type != FieldType::kChoice) report(choices, "only a choice has choices");
    if (!choices.IsMap()) return report(choices, "choices must be a map of value: label");
    for (const auto& entry : choices) {
      Choice choice;
      choice.value = text(entry.first, "a choice");
      if (entry.second.IsMap()) {
        readLabels(entry.second, choice.labelZh, choice.labelEn, choice.value);
      } else {
        choice.labelZh = choice.labelEn = text(entry.second, "a choice's label");
      }
      field.choices.push_back(std::move(choice));
    }
    if (field.choices.size() < 2) report(choices, "a choice needs at least two choices");
  }

  void readColumns(const YAML::Node& node, FieldSpec& field) {
    const YAML::Node columns = node["columns"];
    if (!columns) {
      if (field.type == FieldType::kList) report(node, "field " + field.name + " needs columns");
      return;
    }
    if (field.type != FieldType::kList) report(columns, "only a list has columns");
    if (!columns.IsMap()) return report(columns, "columns must be a map of name: label");
    for (const auto& entry : columns) {
      ListColumn column;
      column.name = text(entry.first, "a column");
      if (entry.second.IsMap()) {
        readLabels(entry.second, column.labelZh, column.labelEn, column.name);
      } else {
        column.labelZh = column.labelEn = text(entry.second, "a column's label");
      }
      field.columns.push_back(std::move(column));
    }
  }

  void readCondition(std::size_t index, const YAML::Node& node) {
    auto parsed = parseExpression(text(node, "condition"), form_.fields);
    if (const auto* error = std::get_if<ExpressionError>(&parsed)) {
      const YAML::Mark mark = node.Mark();
      diagnostics_.push_back({file_, lineOf(mark), columnOf(mark) + error->offset, "condition: " + error->message});
      return;
    }
    form_.fields[index].condition = std::get<Expression>(std::move(parsed));
  }

  std::size_t firstLine_;
  const std::string& file_;
  Template& form_;
  std::vector<Diagnostic>& diagnostics_;
  FrontMatter result_;
};

}  // namespace

FrontMatter readFrontMatter(const std::string& yaml, std::size_t firstLine, const std::string& file, Template& form,
                            std::vector<Diagnostic>& diagnostics) {
  return Reader(firstLine, file, form, diagnostics).read(yaml);
}

}  // namespace qianda::templates::compiler
