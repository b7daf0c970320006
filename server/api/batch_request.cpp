#include "server/api/batch_request.h"

#include <map>
#include <sstream>

#include <Poco/Net/MessageHeader.h>
#include <Poco/Net/MultipartReader.h>
#include <Poco/Net/NameValueCollection.h>
#include <Poco/StreamCopier.h>

#include "core/id.h"
#include "server/http/fields.h"
#include "server/http/problem.h"
#include "templates/record_reader.h"
#include "templates/xlsx/writer.h"

namespace qianda::server {
namespace {

constexpr const char* kXlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr std::size_t kLongestParameter = 200, kMostParts = 20;

// Parameters as texts, whatever carried them; `place` names one in an error.
using Parameters = std::map<std::string, std::string>;

[[noreturn]] void refuse(const std::string& name, const std::string& code, const std::string& message) {
  throw Problem(422, "body_invalid", "the request has a fault", {{"/" + name, "", "", code, message}});
}

void readParameters(const Parameters& given, BatchWish& wish) {
  static const std::vector<std::string> kKnown = {"template", "template_version", "seal",  "signing_order",
                                                  "deadline", "validate_only",    "sheet", "faults"};
  for (const auto& [name, value] : given) {
    if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end())
      refuse(name, "unknown_field", "no such parameter");
    if (value.size() > kLongestParameter) refuse(name, "too_long", "too long");
  }
  const auto get = [&](const char* name) {
    const auto found = given.find(name);
    return found == given.end() ? std::string() : found->second;
  };
  const auto choose = [&](const char* name, std::initializer_list<const char*> choices) {
    const std::string value = get(name);
    std::string all;
    for (const char* choice : choices) {
      if (value == choice || value.empty()) return std::string(choice);
      all += (all.empty() ? "" : ", ") + std::string(choice);
    }
    refuse(name, "choice", "one of " + all);
  };
  wish.templateId = get("template");
  if (wish.templateId.empty()) refuse("template", "missing", "which template?");
  wish.templateVersion = get("template_version");
  wish.sheet = get("sheet");
  wish.employerFirst = choose("signing_order", {"employer_first", "employer_last"}) == "employer_first";
  wish.isValidateOnly = choose("validate_only", {"false", "true"}) == "true";
  wish.faults = choose("faults", {"json", "csv", "xlsx"});
  wish.seal = get("seal");
  if (!wish.isValidateOnly && !core::DocumentId::parse(wish.seal)) refuse("seal", "format", "the id of a seal");
  if (const std::string deadline = get("deadline"); !deadline.empty()) {
    const auto date = core::parseDate(deadline);
    if (!date) refuse("deadline", "format", "a date such as 2026-01-31");
    wish.expires = core::Instant(std::chrono::days(core::toDays(*date) + 1) - std::chrono::hours(8));
  }
}

// What a JSON value says in a cell.
std::string cellOf(const Json& value, const std::string& place) {
  switch (value.kind()) {
    case Json::Kind::kNull:
      return "";
    case Json::Kind::kBoolean:
      return value.boolean() ? "是" : "否";
    case Json::Kind::kInteger:
      return std::to_string(value.integer());
    case Json::Kind::kText:
      return value.text();
    case Json::Kind::kDouble:
      return value.dump();
    default:
      break;
  }
  throw Problem(422, "body_invalid", "the request has a fault",
                {{place, "", "", "type", "a text, a number, true, false or null"}});
}

// Columns in the order of the template; names that are no fields follow, for the check to name.
std::string csvOfRows(const Json& rows, const templates::Template& form) {
  std::vector<std::string> columns;
  std::map<std::string, std::size_t> indexes;
  std::vector<bool> isUsed(form.fields.size());
  for (const Json& row : rows.items()) {
    if (row.kind() != Json::Kind::kObject) refuse("rows", "type", "every row is an object of fields");
    for (const auto& [name, value] : row.members()) {
      const std::size_t field = form.findField(name);
      if (field != templates::Template::npos) isUsed[field] = true;
      if (field == templates::Template::npos) indexes.emplace(name, 0);
    }
  }
  std::vector<std::string> strangers;
  for (const auto& entry : indexes) strangers.push_back(entry.first);
  for (std::size_t i = 0; i < isUsed.size(); ++i) {
    if (isUsed[i]) columns.push_back(form.fields[i].name);
  }
  columns.insert(columns.end(), strangers.begin(), strangers.end());
  indexes.clear();
  for (std::size_t i = 0; i < columns.size(); ++i) indexes[columns[i]] = i;
  std::string csv = templates::csvRecord(columns);
  for (std::size_t i = 0; i < rows.items().size(); ++i) {
    std::vector<std::string> cells(columns.size());
    for (const auto& [name, value] : rows.items()[i].members()) {
      cells[indexes.at(name)] = cellOf(value, "/rows/" + std::to_string(i) + "/" + name);
    }
    csv += templates::csvRecord(cells);
  }
  return csv;
}

void readJson(const Request& request, BatchWish& wish, const BatchDesk& desk) {
  const Json body = parseJson(request.body);
  if (body.kind() != Json::Kind::kObject) throw Problem(422, "body_invalid", "the body is no JSON object");
  Parameters parameters;
  const Json* rows = nullptr;
  for (const auto& [name, value] : body.members()) {
    if (name == "rows") {
      rows = &value;
    } else if (!value.isNull()) {
      if (value.kind() == Json::Kind::kBoolean)
        parameters[name] = value.boolean() ? "true" : "false";
      else if (value.kind() == Json::Kind::kText)
        parameters[name] = value.text();
      else
        refuse(name, "type", "a text");
    }
  }
  readParameters(parameters, wish);
  if (!rows || rows->kind() != Json::Kind::kArray) refuse("rows", "missing", "the rows, an array of objects");
  wish.roster = csvOfRows(*rows, *desk.form(wish.templateId, wish.templateVersion));
}

void readMultipart(const Request& request, BatchWish& wish) {
  Poco::Net::NameValueCollection options;
  std::string type;
  Poco::Net::MessageHeader::splitParameters(request.findHeader("Content-Type").value_or(""), type, options);
  const std::string boundary = options.get("boundary", "");
  if (boundary.empty()) throw Problem(400, "multipart_malformed", "multipart/form-data without a boundary");
  Parameters parameters;
  bool isRosterThere = false;
  try {
    std::istringstream body(request.body);
    Poco::Net::MultipartReader reader(body, boundary);
    for (std::size_t part = 0; reader.hasNextPart(); ++part) {
      if (part == kMostParts) throw Problem(422, "body_invalid", "too many parts");
      Poco::Net::MessageHeader header;
      reader.nextPart(header);
      std::string disposition;
      Poco::Net::NameValueCollection names;
      Poco::Net::MessageHeader::splitParameters(header.get("Content-Disposition", ""), disposition, names);
      const std::string name = names.get("name", "");
      std::string value;
      Poco::StreamCopier::copyToString(reader.stream(), value);
      if (name == "roster") {
        wish.roster = std::move(value);
        isRosterThere = true;
      } else if (!parameters.emplace(name, std::move(value)).second) {
        refuse(name, "format", "the part appears twice");
      }
    }
  } catch (const Poco::Exception& error) {
    throw Problem(400, "multipart_malformed", "the multipart body is malformed: " + error.displayText());
  }
  readParameters(parameters, wish);
  if (!isRosterThere) refuse("roster", "missing", "the part with the roster, CSV or XLSX");
}

}  // namespace

BatchWish readBatchWish(const Request& request, const BatchDesk& desk) {
  BatchWish wish;
  if (request.mediaType == "application/json") {
    readJson(request, wish, desk);
  } else if (request.mediaType == "multipart/form-data") {
    readMultipart(request, wish);
  } else if (request.mediaType == "text/csv" || request.mediaType == kXlsx) {
    readParameters(Parameters(request.query.begin(), request.query.end()), wish);
    wish.roster = request.body;
  } else {
    throw Problem(415, "media_type", std::string("application/json, multipart/form-data, text/csv or ") + kXlsx);
  }
  return wish;
}

}  // namespace qianda::server
