#include "server/api/template_routes.h"

#include "core/error.h"
#include "core/file.h"
#include "core/unlinked_file.h"
#include "server/batches/batch_desk.h"
#include "server/http/json.h"
#include "server/http/problem.h"
#include "server/services.h"
#include "templates/record_reader.h"
#include "templates/xlsx/writer.h"

namespace qianda::server {
namespace {

using templates::FieldType;
using templates::Template;

const char* nameOf(FieldType type) {
  static constexpr const char* kNames[] = {"text",   "multiline", "integer", "decimal", "money", "date",    "period",
                                           "choice", "boolean",   "id_card", "uscc",    "phone", "address", "list"};
  return kNames[static_cast<std::size_t>(type)];
}

Json headOf(const Template& form) {
  return Json::object(
      {{"id", form.id}, {"version", form.version}, {"title", form.titleZh}, {"title_en", form.titleEn}});
}

Json jsonOf(const templates::FieldSpec& spec) {
  Json choices = Json::array();
  for (const templates::Choice& choice : spec.choices) {
    choices.push(Json::object({{"value", choice.value}, {"label", choice.labelZh}, {"label_en", choice.labelEn}}));
  }
  Json columns = Json::array();
  for (const templates::ListColumn& column : spec.columns) columns.push(column.name);
  return Json::object({{"name", spec.name},
                       {"label", std::string(templates::labelZh(spec))},
                       {"label_en", std::string(templates::labelEn(spec))},
                       {"type", nameOf(spec.type)},
                       {"required", spec.required},
                       {"conditional", spec.condition.has_value()},
                       {"default", spec.defaultText},
                       {"minimum", spec.minimum},
                       {"maximum", spec.maximum},
                       {"unit", spec.unit},
                       {"choices", std::move(choices)},
                       {"columns", std::move(columns)},
                       {"example", spec.example}});
}

Response listTemplates(Services& services, const Request&) {
  Json items = Json::array();
  for (const auto& form : services.batches->forms()) items.push(headOf(*form));
  return answerJson(Json::object({{"items", std::move(items)}}));
}

Response getOneTemplate(Services& services, const Request& request) {
  const auto form = services.batches->form(request.parameter("template"));
  Json body = headOf(*form);
  Json fields = Json::array(), parties = Json::array();
  for (const auto& spec : form->fields) fields.push(jsonOf(spec));
  for (const auto& party : form->parties) {
    parties.push(Json::object({{"name", party.name}, {"label", party.labelZh}, {"label_en", party.labelEn}}));
  }
  body.set("source_sha256", form->sourceSha256).set("parties", std::move(parties)).set("fields", std::move(fields));
  return answerJson(body);
}

Response getRosterTemplate(Services& services, const Request& request) {
  const auto form = services.batches->form(request.parameter("template"));
  const std::string format = request.findQuery("format").value_or("xlsx");
  Response response;
  if (format == "csv") {
    response.mediaType = "text/csv; charset=utf-8";
    response.body = templates::rosterTemplateCsv(*form);
  } else if (format == "xlsx") {
    const core::UnlinkedFile file;
    templates::writeRosterTemplate(*form, file.path());
    response.mediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    response.body = core::readFile(file.path());
  } else {
    throw Problem(400, "query_invalid", "format: xlsx or csv");
  }
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"" + form->id + "-roster." + format + "\"");
  return response;
}

}  // namespace

std::vector<Route> templateRoutes() {
  const auto route = [](const std::string& path, const char* operation, Handler handler) {
    return Route{.method = "GET",
                 .pattern = "/api/v1/templates" + path,
                 .operation = operation,
                 .access = Access::kAccount,
                 .permission = "templates:read",
                 .handler = handler,
                 .largestBody = 0};
  };
  return {route("", "listTemplates", listTemplates), route("/{template}", "getTemplate", getOneTemplate),
          route("/{template}/roster", "getRosterTemplate", getRosterTemplate)};
}

}  // namespace qianda::server
