// What a handler works with. Application (server/application.h) owns everything here, sets it before the service starts
// and takes nothing away while a request runs; tests set just what their handlers use. Members are shared by all
// threads.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "core/time.h"
#include "server/http/exchange.h"

namespace qianda::storage {
class Database;
class DocumentStore;
class Redis;
}  // namespace qianda::storage
namespace qianda::contracts {
struct CeremonyServices;
class SealCabinet;
}  // namespace qianda::contracts

namespace qianda::server {

class BatchDesk;
struct Accounts;
class Configuration;
class DeliveryDesk;
struct EvidenceServices;
class Health;
class Log;
class Metrics;
class PageImages;
class SigningServices;

struct Services {
  const Configuration* configuration = nullptr;
  Log* log = nullptr;
  Metrics* metrics = nullptr;
  Health* health = nullptr;
  storage::Database* database = nullptr;
  storage::DocumentStore* documents = nullptr;
  storage::Redis* redis = nullptr;  // null: none is configured
  const SigningServices* signing = nullptr;
  EvidenceServices* evidence = nullptr;
  contracts::SealCabinet* cabinet = nullptr;
  BatchDesk* batches = nullptr;
  DeliveryDesk* delivery = nullptr;
  Accounts* accounts = nullptr;
  contracts::CeremonyServices* ceremony = nullptr;             // and within it those of envelopes
  PageImages* pageImages = nullptr;                            // with `ceremony`
  std::string verificationAddress = {};                        // in capitals, before a document's id: "HTTPS://.../V/"
  std::string publicUrl = {};                                  // without a slash at its end
  std::set<std::string> trustedProxies = {};                   // addresses whose X-Forwarded-For is believed
  std::function<core::Instant()> clock = core::now;            // for what must be testable
  std::function<Principal(const Request&)> authenticate = {};  // empty: everybody is nobody
  std::function<void()> wakeJobs = [] {};                      // after work was enqueued: do not wait for the next look
};

}  // namespace qianda::server
