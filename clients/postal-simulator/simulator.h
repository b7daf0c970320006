// The simulated partner over HTTP (docs/postal-simulator.md): /NAME is the partner of that name in either protocol,
// /control its faults and its state. Plain HTTP on loopback; stops when destroyed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "clients/postal-simulator/faults.h"
#include "clients/postal-simulator/parcel_book.h"
#include "clients/postal-simulator/script.h"
#include "delivery/partner/partner_settings.h"

namespace qianda::postal_simulator {

struct SimulatorOptions {
  std::string bind = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
  int threads = 64, pushers = 8;
  std::chrono::milliseconds retry{200};
  std::string pushTarget, faults;  // JSON of Faults::set, or ""
  BookOptions book;
  ScriptRules rules;
  Script otherwise;
};

class Simulator {
 public:
  // Listens on return. Throws kUsage beyond loopback, kUnavailable when the address is taken.
  Simulator(std::vector<delivery::PartnerSettings> partners, const SimulatorOptions& options);
  ~Simulator();
  std::string url() const;  // "http://127.0.0.1:40123"

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianda::postal_simulator
