#include "qianda/client/templates.h"

#include "clients/sdk/json_reader.h"
#include "clients/sdk/transport.h"

namespace qianda::client {
namespace {

TemplateField fieldOf(const JsonReader& answer) {
  TemplateField field;
  field.name = answer.text("name");
  field.label = answer.text("label");
  field.labelEn = answer.text("label_en");
  field.type = answer.text("type");
  field.isRequired = answer.boolean("required");
  field.isConditional = answer.boolean("conditional");
  field.preset = answer.text("default");
  field.minimum = answer.text("minimum");
  field.maximum = answer.text("maximum");
  field.unit = answer.findText("unit");
  field.example = answer.text("example");
  for (const JsonReader& one : answer.objects("choices")) {
    field.choices.push_back({one.text("value"), one.text("label"), one.text("label_en")});
  }
  if (answer.has("columns")) field.columns = answer.texts("columns");
  return field;
}

Template templateOf(const JsonReader& answer) {
  Template form{answer.text("id"), answer.text("version"), answer.text("title"), answer.text("title_en"), {}};
  if (answer.has("fields")) {
    for (const JsonReader& one : answer.objects("fields")) form.fields.push_back(fieldOf(one));
  }
  return form;
}

}  // namespace

std::vector<Template> listTemplates(Client& client) {
  const Call call{.path = pathOf({"templates"}), .isRepeatable = true};
  return pageOf(JsonReader::parse(client.transport().ask(call).body), templateOf).items;
}

Template getTemplate(Client& client, const std::string& id) {
  const Call call{.path = pathOf({"templates", id}), .isRepeatable = true};
  return templateOf(JsonReader::parse(client.transport().ask(call).body));
}

}  // namespace qianda::client
