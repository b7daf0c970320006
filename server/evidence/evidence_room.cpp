#include "server/evidence/evidence_room.h"

#include "server/config/configuration.h"
#include "server/log/log.h"

namespace qianda::server {

EvidenceRoom::EvidenceRoom(const Configuration& configuration, Services& services)
    : services_(services),
      platform_(platformSettingsOf(configuration), *services.signing),
      sender_(webhookRulesOf(configuration), services.clock),
      evidence_(services.redis) {
  evidence_.signing = services.signing;
  evidence_.platform = &platform_;
  evidence_.webhooks = webhookRulesOf(configuration);
  evidence_.sender = &sender_;
  evidence_.anchorInterval = configuration.duration("anchor-interval");
  services.evidence = &evidence_;
  startAnchoring(*services.database, services.clock());
}

EvidenceRoom::~EvidenceRoom() { services_.evidence = nullptr; }

std::unique_ptr<WebhookRelay> EvidenceRoom::startRelay() {
  return std::make_unique<WebhookRelay>(
      *services_.database, [this] { services_.wakeJobs(); },
      [this](const std::string& reason) {
        if (services_.log) services_.log->warning("relay_fault", {{"reason", reason}});
      });
}

}  // namespace qianda::server
