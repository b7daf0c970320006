// The line to a partner: the service's own way out (server/outbound/http_client.h) at the partner's address. What does
// not answer in time throws kUnavailable, as the adapters expect. Thread-safe.
#pragma once

#include "delivery/partner/partner_settings.h"

namespace qianda::server {

class Configuration;

delivery::Wire partnerWire(const Configuration& configuration, const delivery::PartnerSettings& settings);

}  // namespace qianda::server
