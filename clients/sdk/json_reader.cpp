#include "clients/sdk/json_reader.h"

#include <charconv>
#include <sstream>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>

namespace qianda::client {
namespace {

constexpr std::size_t kDeepest = 64;

[[noreturn]] void misread(const std::string& reason) { throw Error(0, "answer_malformed", reason); }

// "17", "4 phone"
std::int64_t leadingNumber(const std::string& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Places of a body: row and column are texts.
Fault faultOfPlace(const JsonReader& place) {
  Fault fault;
  fault.pointer = place.findText("pointer");
  fault.row = leadingNumber(place.findText("row"));
  const std::string column = place.findText("column");
  fault.column = leadingNumber(column);
  if (const std::size_t space = column.find(' '); space != std::string::npos) fault.field = column.substr(space + 1);
  fault.code = place.text("code");
  fault.message = place.text("message");
  fault.messageEn = fault.message;
  return fault;
}

Fault faultOfRoster(const JsonReader& one) {
  Fault fault;
  fault.row = one.number("row");
  fault.column = one.number("column");
  fault.cell = one.text("cell");
  fault.field = one.text("field");
  fault.value = one.text("value");
  fault.code = one.text("code");
  fault.severity = one.findText("severity");
  fault.article = one.text("article");
  fault.computed = one.text("computed");
  fault.limit = one.text("limit");
  fault.message = one.text("message");
  fault.messageEn = one.text("message_en");
  return fault;
}

}  // namespace

JsonReader JsonReader::parse(const std::string& text) {
  try {
    Poco::JSON::Parser parser;
    parser.setDepth(kDeepest);
    const auto parsed = parser.parse(text);
    if (parsed.type() != typeid(Poco::JSON::Object::Ptr)) misread("the answer is no JSON object");
    return JsonReader(parsed.extract<Poco::JSON::Object::Ptr>());
  } catch (const Poco::Exception& error) {
    misread("the answer is no JSON: " + error.displayText());
  }
}

bool JsonReader::has(const std::string& name) const { return object_->has(name) && !object_->isNull(name); }

Poco::Dynamic::Var JsonReader::get(const std::string& name) const {
  if (!object_->has(name)) misread("the answer lacks " + place_ + "/" + name);
  return object_->get(name);
}

template <typename T>
T JsonReader::as(const std::string& name, const char* kind) const {
  const Poco::Dynamic::Var value = get(name);
  if (value.isEmpty()) return T();
  try {
    if (std::is_same_v<T, bool> == value.isBoolean()) return value.convert<T>();
  } catch (const Poco::Exception&) {
  }
  misread("the answer's " + place_ + "/" + name + " is no " + kind);
}

std::string JsonReader::text(const std::string& name) const { return as<std::string>(name, "text"); }
std::int64_t JsonReader::number(const std::string& name) const { return as<Poco::Int64>(name, "number"); }
bool JsonReader::boolean(const std::string& name) const { return as<bool>(name, "truth value"); }

std::vector<std::string> JsonReader::texts(const std::string& name) const {
  get(name);
  std::vector<std::string> list;
  if (!has(name)) return list;
  const auto array = object_->getArray(name);
  if (!array) misread("the answer's " + place_ + "/" + name + " is no list");
  for (const auto& value : *array) list.push_back(value.toString());
  return list;
}

JsonReader JsonReader::object(const std::string& name) const {
  get(name);
  const auto found = object_->getObject(name);
  if (!found) misread("the answer's " + place_ + "/" + name + " is no object");
  return JsonReader(found, place_ + "/" + name);
}

std::vector<JsonReader> JsonReader::objects(const std::string& name) const {
  get(name);
  std::vector<JsonReader> list;
  if (!has(name)) return list;
  const auto array = object_->getArray(name);
  if (!array) misread("the answer's " + place_ + "/" + name + " is no list");
  for (unsigned i = 0; i < array->size(); ++i) {
    const auto one = array->getObject(i);
    const std::string place = place_ + "/" + name + "/" + std::to_string(i);
    if (!one) misread("the answer's " + place + " is no object");
    list.emplace_back(one, place);
  }
  return list;
}

std::string JsonReader::dump() const { return dumpJson(object_); }

std::vector<Fault> faultsOf(const std::vector<JsonReader>& list) {
  std::vector<Fault> faults;
  for (const JsonReader& one : list) faults.push_back(faultOfRoster(one));
  return faults;
}

Error errorOf(int status, const std::string& body, const std::string& requestId, std::chrono::seconds retryAfter) {
  ErrorDetails details;
  details.requestId = requestId;
  details.retryAfter = retryAfter;
  try {
    const JsonReader problem = JsonReader::parse(body);
    if (const std::string id = problem.findText("request_id"); !id.empty()) details.requestId = id;
    if (problem.has("places")) {
      for (const JsonReader& place : problem.objects("places")) details.faults.push_back(faultOfPlace(place));
      details.faultCount = static_cast<std::int64_t>(details.faults.size());
    }
    if (problem.has("fault_count")) {
      details.faults = faultsOf(problem.objects("faults"));
      details.faultCount = problem.number("fault_count");
      details.warnings = faultsOf(problem.objects("warnings"));
      details.warningCount = problem.number("warning_count");
      details.rows = problem.number("rows");
    }
    return Error(status, problem.text("code"), problem.text("detail"), std::move(details));
  } catch (const Error&) {
    return Error(status, "answer_malformed",
                 "the server answers " + std::to_string(status) + ", but not as this service does", std::move(details));
  }
}

std::string dumpJson(const Poco::JSON::Object::Ptr& object) {
  std::ostringstream out;
  object->stringify(out);
  return out.str();
}

Poco::JSON::Object::Ptr newJson() { return new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER); }

}  // namespace qianda::client
