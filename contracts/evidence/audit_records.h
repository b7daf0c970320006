// The records of an audit export, one JSON object a line, and what writes and reads their members. Reading throws
// Malformed with the member at fault.
#pragma once

#include <stdexcept>
#include <string>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include "storage/audit/anchor.h"

namespace qianda::contracts {

Poco::JSON::Object::Ptr newRecord(const std::string& kind);
std::string lineOf(const Poco::JSON::Object::Ptr& record);  // with its line feed

Poco::JSON::Object::Ptr recordOf(const storage::AuditRecord& entry);
Poco::JSON::Object::Ptr recordOf(const std::string& kind, const storage::StreamHead& head);
// `share` is null when the anchor holds nothing of the organisation.
Poco::JSON::Object::Ptr recordOf(const storage::Anchor& anchor, const storage::AnchorShare* share);

struct Malformed : std::runtime_error {
  using std::runtime_error::runtime_error;
};
Poco::JSON::Object::Ptr parseRecord(const std::string& line);
std::string textOf(const Poco::JSON::Object::Ptr& record, const std::string& member);
std::int64_t numberOf(const Poco::JSON::Object::Ptr& record, const std::string& member);

storage::AuditRecord entryOf(const Poco::JSON::Object::Ptr& record);
storage::StreamHead headOf(const Poco::JSON::Object::Ptr& record);
storage::Anchor anchorOf(const Poco::JSON::Object::Ptr& record);
// Nothing when the anchor holds nothing of the organisation.
std::optional<storage::AnchorShare> shareOf(const Poco::JSON::Object::Ptr& record);

}  // namespace qianda::contracts
