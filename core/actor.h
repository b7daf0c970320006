// Who does something, as the audit log names them. A plain value.
#pragma once

#include <string>

namespace qianda::core {

struct Actor {
  std::string organisation;  // id of the tenant
  std::string name;          // "user:<id>", "api_key:<id>", "system"
  std::string peer, device;  // address and user agent of the client, or ""
};

}  // namespace qianda::core
