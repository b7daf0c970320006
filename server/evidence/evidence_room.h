// All that the service's evidence needs, built from the configuration, and the relay of events to webhooks. Made before
// the lanes of work and the server start, ended after them. Owns what `services.evidence` points to.
#pragma once

#include <memory>

#include "server/evidence/evidence_services.h"
#include "server/services.h"
#include "server/webhooks/relay.h"

namespace qianda::server {

class EvidenceRoom {
 public:
  // Sets services.evidence; services.signing and services.database are there already.
  EvidenceRoom(const Configuration& configuration, Services& services);
  ~EvidenceRoom();

  // Once the lanes of work run; to be ended before them.
  std::unique_ptr<WebhookRelay> startRelay();

 private:
  Services& services_;
  PlatformIdentity platform_;
  WebhookSender sender_;
  EvidenceServices evidence_;
};

}  // namespace qianda::server
