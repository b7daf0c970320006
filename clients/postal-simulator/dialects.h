// The two protocols from the partner's side: a request's octets in, the reply's octets out, nothing of HTTP but its
// headers and status. Thread-safe.
#pragma once

#include "clients/postal-simulator/desk.h"
#include "delivery/partner/partner_settings.h"

namespace qianda::postal_simulator {

struct Asked {
  std::string path;                                          // behind the partner's name
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
};
struct Told {
  int status = 200;
  std::string body;
};

// What a request asks for: "order", "cancel", "label", "query", "track", "receipt", or why it is turned away.
struct Question {
  std::string operation;
  Told refusal;  // when operation is empty
  std::function<Told()> answer;
};

Question readPost(Desk& desk, const delivery::PartnerSettings& settings, const Asked& asked);
Question readPlain(Desk& desk, const delivery::PartnerSettings& settings, const Asked& asked);

}  // namespace qianda::postal_simulator
