// The service as a whole: builds what a configuration asks for (log, metrics, database, documents, TLS), serves the
// table of routes, and stops in order. Owns all Services. Made, waited for and stopped by one thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "server/config/configuration.h"
#include "server/services.h"

namespace qianda::server {

class Application {
 public:
  // Listens on return; its own memory of the configuration is the caller's, who keeps it. Throws core::Error.
  explicit Application(const Configuration& configuration);
  ~Application();

  std::string url() const;  // "https://127.0.0.1:8443"
  Services& services();

  // Readiness turns red, the port closes, requests under way finish within the grace, streams are told to end. Returns
  // whether nothing had to be cut. `shutdown-delay` passes between the first two, or until `hurry` says so.
  bool stop(const std::function<bool()>& hurry = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianda::server
