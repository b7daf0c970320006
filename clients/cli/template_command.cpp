#include <iostream>

#include <Poco/JSON/Parser.h>
#include <fmt/core.h>

#include "clients/cli/commands.h"
#include "clients/cli/output.h"
#include "clients/cli/server_json.h"
#include "clients/cli/server_options.h"
#include "contracts/press.h"
#include "contracts/roster_check.h"
#include "core/error.h"
#include "core/file.h"
#include "templates/roster.h"
#include "templates/template.h"
#include "templates/typesetter.h"

namespace qianda::cli {
namespace {

std::string_view typeName(templates::FieldType type) {
  static constexpr std::string_view kNames[] = {"text", "multiline", "integer", "decimal", "money",
                                                "date", "period",    "choice",  "boolean", "id_card",
                                                "uscc", "phone",     "address", "list"};
  return kNames[static_cast<std::size_t>(type)];
}

JsonObject::Ptr toJson(const templates::FieldSpec& field) {
  JsonObject::Ptr object = newObject();
  object->set("name", field.name);
  object->set("label", field.labelZh);
  object->set("label_en", field.labelEn);
  object->set("type", std::string(typeName(field.type)));
  object->set("required", field.required);
  object->set("conditional", field.condition.has_value());
  if (field.defaultText) object->set("default", *field.defaultText);
  if (field.minimum) object->set("min", *field.minimum);
  if (field.maximum) object->set("max", *field.maximum);
  if (!field.unit.empty()) object->set("unit", field.unit);
  if (!field.example.empty()) object->set("example", field.example);
  if (!field.choices.empty()) {
    JsonArray::Ptr choices = newArray();
    for (const templates::Choice& choice : field.choices) {
      JsonObject::Ptr one = newObject();
      one->set("value", choice.value);
      one->set("label", choice.labelZh);
      choices->add(one);
    }
    object->set("choices", choices);
  }
  if (!field.columns.empty()) {
    JsonArray::Ptr columns = newArray();
    for (const templates::ListColumn& column : field.columns) columns->add(column.name);
    object->set("columns", columns);
  }
  return object;
}

int list(bool json) {
  const auto shipped = templates::shippedTemplates();
  if (!json) {
    for (const auto& form : shipped) {
      fmt::print("{:<32} {:<8} {}（{}）, {} fields\n", form->id, form->version, form->titleZh, form->titleEn,
                 form->fields.size());
    }
    return 0;
  }
  JsonArray::Ptr array = newArray();
  for (const auto& form : shipped) {
    JsonObject::Ptr object = newObject();
    object->set("id", form->id);
    object->set("version", form->version);
    object->set("title", form->titleZh);
    object->set("title_en", form->titleEn);
    JsonArray::Ptr fields = newArray();
    for (const templates::FieldSpec& field : form->fields) fields->add(toJson(field));
    object->set("fields", fields);
    array->add(object);
  }
  printJson(array);
  return 0;
}

int listOfServer(const ServerOptions& server, bool json) {
  client::Client service = connect(server);
  JsonArray::Ptr array = newArray();
  for (const client::Template& head : client::listTemplates(service)) {
    const client::Template form = client::getTemplate(service, head.id);
    array->add(cli::toJson(form));
    if (!json) {
      fmt::print("{:<32} {:<8} {}（{}）, {} fields\n", form.id, form.version, form.title, form.titleEn,
                 form.fields.size());
    }
  }
  if (json) printJson(array);
  return 0;
}

// Compiling is not all: a template must also freeze, which finds characters that the text font lacks.
int check(const std::string& file) {
  constexpr std::size_t kLargestSource = 4u << 20;
  const templates::Compilation compilation = templates::compile(core::readFile(file, kLargestSource), file);
  for (const templates::Diagnostic& diagnostic : compilation.diagnostics) {
    fmt::print("{}:{}:{}: {}\n", diagnostic.file, diagnostic.line, diagnostic.column, diagnostic.message);
  }
  if (!compilation.compiled) return 1;
  try {
    const templates::FrozenTemplate frozen(compilation.compiled, {});
  } catch (const core::Error& error) {
    if (error.code() != core::ErrorCode::kInvalidInput) throw;
    fmt::print("{}:1:1: {}\n", file, error.what());
    return 1;
  }
  std::cerr << file << ": no mistakes\n";
  return 0;
}

std::vector<std::pair<std::string, std::string>> readValues(const templates::Template& form,
                                                            const std::string& dataFile) {
  std::vector<std::pair<std::string, std::string>> values;
  if (dataFile.empty()) {
    for (const templates::FieldSpec& field : form.fields) {
      if (!field.example.empty()) values.emplace_back(field.name, field.example);
    }
    return values;
  }
  try {
    Poco::JSON::Parser parser;
    const auto object = parser.parse(core::readFile(dataFile, 16u << 20)).extract<JsonObject::Ptr>();
    for (const auto& [name, value] : *object) values.emplace_back(name, value.isEmpty() ? "" : value.toString());
  } catch (const Poco::Exception& error) {
    throw core::Error(core::ErrorCode::kInvalidInput,
                      dataFile + " is not a JSON object of field names and values: " + error.displayText());
  }
  return values;
}

int preview(const std::string& id, const std::string& dataFile, const std::string& out) {
  const auto form = templates::getTemplate(id);
  std::vector<templates::Fault> faults;
  const templates::Record record = templates::parseValues(*form, readValues(*form, dataFile), faults);
  const auto frozen = std::make_shared<templates::FrozenTemplate>(form, templates::FreezeOptions{});
  frozen->checkGlyphs(record, faults);
  if (dataFile.empty()) std::erase_if(faults, [](const templates::Fault& fault) { return fault.rule == "condition"; });
  for (const templates::Fault& fault : faults) std::cerr << contracts::describe(fault) << "\n";
  if (std::any_of(faults.begin(), faults.end(), templates::isBlocking)) return 1;
  templates::CharacterSet characters;
  characters.add(record);
  templates::Composer composer(frozen, std::make_shared<templates::FieldFonts>(frozen, characters));
  templates::Composition composition;
  composer.compose(record, {core::DocumentId::random(), core::now(), {}}, composition);
  core::writeFile(out, frozen->prefix() + composition.tail);
  fmt::print(stderr, "{}: {} pages\n", out, composition.pages);
  return 0;
}

}  // namespace

std::vector<Command> addTemplateCommands(CLI::App& app) {
  CLI::App* group = app.add_subcommand("template", "Templates: list, check, preview");
  group->require_subcommand(1);
  CLI::App* listing =
      group->add_subcommand("list", "List the shipped templates, or those of a service, and their fields");
  auto json = std::make_shared<bool>(false);
  listing->add_flag("--json", *json, "One JSON array on standard output");
  auto server = std::make_shared<ServerOptions>();
  addServerOptions(*listing, *server, false);
  CLI::App* checking = group->add_subcommand("check", "Name every mistake of a template as file:line:column: message");
  auto file = std::make_shared<std::string>();
  checking->add_option("FILE", *file, "Template source")->required();
  CLI::App* previewing = group->add_subcommand("preview", "Write one unsigned document");
  auto id = std::make_shared<std::string>(), data = std::make_shared<std::string>(),
       out = std::make_shared<std::string>();
  previewing->add_option("ID", *id, "Shipped template, or the path of one")->required();
  previewing->add_option("--data", *data, "JSON object of field names and values; default: the fields' examples");
  previewing->add_option("--out", *out, "PDF to write")->required();
  return {{listing, [json, server] { return server->isGiven() ? listOfServer(*server, *json) : list(*json); }},
          {checking, [file] { return check(*file); }},
          {previewing, [id, data, out] { return preview(*id, *data, *out); }}};
}

}  // namespace qianda::cli
