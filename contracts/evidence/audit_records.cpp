#include "contracts/evidence/audit_records.h"

#include <sstream>

#include <Poco/JSON/Parser.h>

#include "storage/sql/instant.h"

namespace qianda::contracts {

using Poco::JSON::Array;
using Poco::JSON::Object;
using storage::Anchor;
using storage::AnchorShare;
using storage::AuditRecord;
using storage::StreamHead;

namespace {

constexpr std::size_t kDepth = 8;

using storage::msOf;

Array::Ptr arrayOf(const Object::Ptr& record, const std::string& member) {
  const Array::Ptr array = record->isArray(member) ? record->getArray(member) : Array::Ptr();
  if (!array) throw Malformed("\"" + member + "\" is not an array");
  return array;
}

std::string itemText(const Array& array, unsigned index) {
  const Poco::Dynamic::Var item = array.get(index);
  if (!item.isString()) throw Malformed("an item is not a text");
  return item.extract<std::string>();
}

}  // namespace

Object::Ptr newRecord(const std::string& kind) {
  Object::Ptr record = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
  record->set("record", kind);
  return record;
}

std::string lineOf(const Object::Ptr& record) {
  std::ostringstream line;
  record->stringify(line);
  return line.str() + "\n";
}

Object::Ptr recordOf(const AuditRecord& entry) {
  Object::Ptr record = newRecord("entry");
  record->set("stream", entry.stream);
  record->set("seq", entry.seq);
  record->set("at_ms", msOf(entry.at));
  record->set("type", entry.type);
  record->set("actor", entry.actor);
  record->set("peer", entry.peer);
  record->set("device", entry.device);
  record->set("details", entry.details);
  record->set("hash", entry.hash);
  return record;
}

Object::Ptr recordOf(const std::string& kind, const StreamHead& head) {
  Object::Ptr record = newRecord(kind);
  record->set("stream", head.stream);
  record->set("length", head.length);
  record->set("head", head.head);
  return record;
}

Object::Ptr recordOf(const Anchor& anchor, const AnchorShare* share) {
  Object::Ptr record = newRecord("anchor");
  record->set("number", anchor.number);
  record->set("previous", anchor.previous);
  record->set("root", anchor.root);
  record->set("organisations", anchor.organisations);
  record->set("at_ms", msOf(anchor.at));
  record->set("hash", anchor.hash);
  record->set("state", anchor.state);
  record->set("token", anchor.token);
  if (!share) return record;
  record->set("position", share->position);
  record->set("organisation_previous", share->previous);
  Array::Ptr path = new Array, leaves = new Array;
  for (const std::string& hash : share->path) path->add(hash);
  for (const StreamHead& head : share->leaves) {
    Object::Ptr leaf = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    leaf->set("stream", head.stream);
    leaf->set("length", head.length);
    leaf->set("head", head.head);
    leaves->add(leaf);
  }
  record->set("path", path);
  record->set("leaves", leaves);
  return record;
}

Object::Ptr parseRecord(const std::string& line) {
  try {
    Poco::JSON::Parser parser;
    parser.setDepth(kDepth);
    const Poco::Dynamic::Var value = parser.parse(line);
    if (value.type() != typeid(Object::Ptr)) throw Malformed("not a JSON object");
    return value.extract<Object::Ptr>();
  } catch (const Poco::Exception& error) {
    throw Malformed("not a JSON object: " + error.displayText());
  }
}

std::string textOf(const Object::Ptr& record, const std::string& member) {
  const Poco::Dynamic::Var value = record->get(member);
  if (value.isEmpty() || !value.isString()) throw Malformed("\"" + member + "\" is not a text");
  return value.extract<std::string>();
}

std::int64_t numberOf(const Object::Ptr& record, const std::string& member) {
  const Poco::Dynamic::Var value = record->get(member);
  if (value.isEmpty() || !value.isInteger() || value.isBoolean())
    throw Malformed("\"" + member + "\" is not a whole number");
  try {
    return value.convert<std::int64_t>();
  } catch (const Poco::Exception&) {
    throw Malformed("\"" + member + "\" is too large");
  }
}

AuditRecord entryOf(const Object::Ptr& record) {
  AuditRecord entry;
  entry.stream = textOf(record, "stream");
  entry.seq = numberOf(record, "seq");
  entry.at = core::Instant{std::chrono::milliseconds(numberOf(record, "at_ms"))};
  entry.type = textOf(record, "type");
  entry.actor = textOf(record, "actor");
  entry.peer = textOf(record, "peer");
  entry.device = textOf(record, "device");
  entry.details = textOf(record, "details");
  entry.hash = textOf(record, "hash");
  return entry;
}

StreamHead headOf(const Object::Ptr& record) {
  return {textOf(record, "stream"), numberOf(record, "length"), textOf(record, "head")};
}

Anchor anchorOf(const Object::Ptr& record) {
  Anchor anchor;
  anchor.number = numberOf(record, "number");
  anchor.previous = textOf(record, "previous");
  anchor.root = textOf(record, "root");
  anchor.organisations = numberOf(record, "organisations");
  anchor.at = core::Instant{std::chrono::milliseconds(numberOf(record, "at_ms"))};
  anchor.hash = textOf(record, "hash");
  anchor.state = textOf(record, "state");
  anchor.token = textOf(record, "token");
  return anchor;
}

std::optional<AnchorShare> shareOf(const Object::Ptr& record) {
  if (!record->has("leaves")) return std::nullopt;
  AnchorShare share;
  share.number = numberOf(record, "number");
  share.position = numberOf(record, "position");
  share.previous = numberOf(record, "organisation_previous");
  const Array::Ptr path = arrayOf(record, "path"), leaves = arrayOf(record, "leaves");
  for (unsigned i = 0; i < path->size(); ++i) share.path.push_back(itemText(*path, i));
  for (unsigned i = 0; i < leaves->size(); ++i) {
    const Object::Ptr leaf = leaves->isObject(i) ? leaves->getObject(i) : Object::Ptr();
    if (!leaf) throw Malformed("a leaf is not an object");
    share.leaves.push_back(headOf(leaf));
  }
  return share;
}

}  // namespace qianda::contracts
