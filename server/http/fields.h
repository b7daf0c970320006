// Reads a JSON object of a request: each reader takes one member and notes what is wrong with it; finish() throws all
// faults at once as Problem 422 "body_invalid" with a place (RFC 6901 pointer) each. What no reader asked for is a
// fault
// ("unknown_field"). After a fault a reader gives an empty value, so read everything, call finish(), then use it.
//   Fields body(request);
//   const std::string name = body.text("name", {.most = 100});
//   body.finish();
// Codes of places: missing, type, too_short, too_long, too_small, too_large, too_few, too_many, choice, format,
// unknown_field. A member that is null counts as absent. Belongs to one thread; values point into `Fields`' own copy.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/http/json.h"
#include "server/http/problem.h"

namespace qianda::server {

struct TextRule {
  std::size_t least = 1, most = 200;  // code points
  bool lines = false;                 // may have line breaks and tabs; other control characters are never allowed
  bool trimmed = true;                // white space at either end is a fault
};

class Fields {
 public:
  // Parses the body: Problem 415 "media_type" unless it is application/json, 400 "json_malformed", 422 for no object.
  explicit Fields(const Request& request);
  // Reads an object that is already there; `pointer` is where it lies.
  explicit Fields(Json object, std::string pointer = "");

  bool has(const std::string& name) const;  // there and not null; does not count as read

  std::string text(const std::string& name, TextRule rule = {});
  std::optional<std::string> findText(const std::string& name, TextRule rule = {});
  std::int64_t integer(const std::string& name, std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t most = std::numeric_limits<std::int64_t>::max());
  std::optional<std::int64_t> findInteger(const std::string& name,
                                          std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                                          std::int64_t most = std::numeric_limits<std::int64_t>::max());
  bool boolean(const std::string& name);
  std::optional<bool> findBoolean(const std::string& name);
  // One of `choices`, or "" after a fault.
  std::string choice(const std::string& name, const std::vector<std::string>& choices);
  std::optional<std::string> findChoice(const std::string& name, const std::vector<std::string>& choices);
  // A document's or other record's id: 26 characters (core::DocumentId).
  std::string id(const std::string& name);
  std::optional<std::string> findId(const std::string& name);

  Fields object(const std::string& name);
  std::optional<Fields> findObject(const std::string& name);
  std::vector<Fields> objects(const std::string& name, std::size_t least = 0, std::size_t most = 1000);
  std::vector<std::string> texts(const std::string& name, std::size_t least = 0, std::size_t most = 1000,
                                 TextRule rule = {});
  // Any JSON, as it is; null when absent.
  Json json(const std::string& name);

  // A fault that the caller found itself; `name` empty: of the object as a whole.
  void fault(const std::string& name, const std::string& code, const std::string& message);
  bool hasFaults() const;
  // Where this object, or its member, lies: "/parties/0/name".
  std::string pointer(const std::string& name = "") const;
  // Called on any Fields of a body it ends the reading of all of them.
  void finish();

 private:
  struct Node;
  struct Body;
  Fields(std::shared_ptr<Body> body, Node* node) : body_(std::move(body)), node_(node) {}
  const Json* take(const std::string& name, bool required);
  const Json* takeKind(const std::string& name, Json::Kind kind, const char* kindName, bool required);
  std::optional<std::string> readText(const std::string& at, const Json& value, const TextRule& rule);
  std::optional<std::string> textMember(const std::string& name, const TextRule& rule, bool required);
  std::optional<std::int64_t> integerMember(const std::string& name, std::int64_t least, std::int64_t most,
                                            bool required);
  std::optional<std::string> choiceMember(const std::string& name, const std::vector<std::string>& choices,
                                          bool required);
  std::optional<std::string> idMember(const std::string& name, bool required);
  Fields child(const Json& object, std::string pointer);
  void note(std::string pointer, const std::string& code, const std::string& message);

  std::shared_ptr<Body> body_;
  Node* node_;
};

}  // namespace qianda::server
