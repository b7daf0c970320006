// Answers as JSON: members by name, each of the kind the API promises, or Error "answer_malformed" that names it.
// Members nobody asks for are passed over, as the API wants it of its clients.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <Poco/JSON/Object.h>

#include "qianda/client/client.h"
#include "qianda/client/error.h"

namespace qianda::client {

class JsonReader {
 public:
  explicit JsonReader(Poco::JSON::Object::Ptr object, std::string place = "") : object_(object), place_(place) {}
  static JsonReader parse(const std::string& text);

  bool has(const std::string& name) const;  // and it is not null
  // Null is "", 0, false, an empty list; a member that is not there is an Error.
  std::string text(const std::string& name) const;
  std::int64_t number(const std::string& name) const;
  bool boolean(const std::string& name) const;
  std::vector<std::string> texts(const std::string& name) const;
  JsonReader object(const std::string& name) const;
  std::vector<JsonReader> objects(const std::string& name) const;
  // The same where it may be missing.
  std::string findText(const std::string& name) const { return has(name) ? text(name) : ""; }
  std::int64_t findNumber(const std::string& name) const { return has(name) ? number(name) : 0; }
  std::string dump() const;

 private:
  Poco::Dynamic::Var get(const std::string& name) const;
  template <typename T>
  T as(const std::string& name, const char* kind) const;
  Poco::JSON::Object::Ptr object_;
  std::string place_;
};

// {"items": [...], "next": text, number or null}
template <typename Item>
Page<Item> pageOf(const JsonReader& answer, Item (*read)(const JsonReader&)) {
  Page<Item> page;
  for (const JsonReader& one : answer.objects("items")) page.items.push_back(read(one));
  page.next = answer.findText("next");
  return page;
}

std::vector<Fault> faultsOf(const std::vector<JsonReader>& list);
// What an answer that is no success says.
Error errorOf(int status, const std::string& body, const std::string& requestId, std::chrono::seconds retryAfter);

// One line of JSON from members.
std::string dumpJson(const Poco::JSON::Object::Ptr& object);
Poco::JSON::Object::Ptr newJson();

}  // namespace qianda::client
