// JSON from strangers (RFC 8259), read strictly: UTF-8, no member twice, no comments, nothing after the end, no NUL, a
// bounded depth. Poco's own reader keeps the last of two equal members in silence, which is where two readers of one
// signed message begin to differ. Errors are kInvalidInput. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

namespace qianda::delivery {

using JsonObject = Poco::JSON::Object::Ptr;

Poco::Dynamic::Var parseStrictJson(std::string_view text);  // an object or an array
JsonObject parseStrictObject(std::string_view text);
// The objects of an array, or the one that stands without an array.
std::vector<JsonObject> objectsOf(const Poco::Dynamic::Var& value, const std::string& what);

// A text or an integer as text; "" when it is absent or null. Anything else is an error that names the member.
std::string textAt(const Poco::JSON::Object& object, const std::string& member);
std::string requireText(const Poco::JSON::Object& object, const std::string& member);  // not ""
bool flagAt(const Poco::JSON::Object& object, const std::string& member);              // false when absent

JsonObject newObject();  // keeps the order of its members
std::string writeJson(const Poco::Dynamic::Var& value);

}  // namespace qianda::delivery
