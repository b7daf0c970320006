#include "delivery/cases/case_columns.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include "core/error.h"
#include "core/json_text.h"

namespace qianda::delivery {

using core::Error;
using core::ErrorCode;

std::string dayText(const std::optional<core::Date>& day) { return day ? core::isoDate(*day) : ""; }

std::optional<core::Date> dayOf(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(needDay(text));
}

core::Date needDay(const std::string& text) {
  if (const auto day = core::parseDate(text)) return *day;
  throw Error(ErrorCode::kCorrupt, "a column holds no day: " + text);
}

std::string linesOf(const std::vector<std::string>& items) {
  std::string lines;
  for (const std::string& item : items) lines += (lines.empty() ? "" : "\n") + item;
  return lines;
}

std::vector<std::string> itemsOf(const std::string& lines) {
  std::vector<std::string> items;
  for (std::size_t from = 0; from < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', from), lines.size());
    items.push_back(lines.substr(from, end - from));
    from = end + 1;
  }
  return items;
}

std::string detailsText(const std::map<std::string, std::string>& details) {
  std::string json = "{";
  for (const auto& [name, text] : details) {
    json += (json.size() > 1 ? "," : "") + core::jsonText(name) + ":" + core::jsonText(text);
  }
  return json + "}";
}

std::map<std::string, std::string> detailsOf(const std::string& json) {
  std::map<std::string, std::string> details;
  try {
    const auto object = Poco::JSON::Parser().parse(json).extract<Poco::JSON::Object::Ptr>();
    for (const auto& [name, value] : *object) details.emplace(name, value.convert<std::string>());
  } catch (const Poco::Exception& fault) {
    throw Error(ErrorCode::kCorrupt, "a column holds no details: " + fault.displayText());
  }
  return details;
}

}  // namespace qianda::delivery
