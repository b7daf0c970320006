// The templates a service has, with the fields a roster may fill (docs/template-language.md). Needs templates:read.
// Throws client::Error.
#pragma once

#include <string>
#include <vector>

#include "qianda/client/client.h"

namespace qianda::client {

struct TemplateChoice {
  std::string value = {}, label = {}, labelEn = {};
};

struct TemplateField {
  std::string name = {}, label = {}, labelEn = {};
  std::string type = {};  // "text", "date", "money", "choice", "id_card", ...
  bool isRequired = false;
  bool isConditional = false;  // asked for only when other fields say so
  std::string preset = {};     // the value of a cell that is empty
  std::string minimum = {}, maximum = {}, unit = {}, example = {};
  std::vector<TemplateChoice> choices = {};
  std::vector<std::string> columns = {};  // of a list
};

struct Template {
  std::string id = {}, version = {}, title = {}, titleEn = {};
  std::vector<TemplateField> fields = {};  // empty in a list of templates
};

std::vector<Template> listTemplates(Client& client);
// Error "not_found".
Template getTemplate(Client& client, const std::string& id);

}  // namespace qianda::client
