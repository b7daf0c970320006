// Envelopes and ceremonies put together from the configuration: providers (real ones where an address is set, else the
// development stand-ins, which "development-providers: false" forbids), rules, addresses, and the kinds of work. Made
// once at the start, after everything it is given; then any thread.
#pragma once

#include <memory>

#include "contracts/ceremony/ceremony.h"
#include "server/config/configuration.h"
#include "server/jobs/job_table.h"
#include "server/services.h"
#include "server/signing_services.h"

namespace qianda::server {

class CeremonySetup {
 public:
  // Sets services.ceremony, .pageImages and .verificationAddress. Throws kUsage when a provider is missing that the
  // configuration demands.
  CeremonySetup(Services& services, const SigningServices& signing, contracts::SealSource& seals);
  ~CeremonySetup();

  contracts::CeremonyServices& ceremony();
  // What of it is a stand-in: "sms identity notices", or "".
  const std::string& standIns() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// The lane of signatures and the lane of notices; nothing where there are no envelopes.
std::vector<JobLane> envelopeLanes(Services& services);

}  // namespace qianda::server
