// The court's press: contracts/press with a seal of the cabinet, opened for a reservation under a grant. A template is
// frozen once for a seal and kept; documents of one call are stored in one group a template. Thread-safe; what it is
// given outlives it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "contracts/press.h"
#include "contracts/seals/seal_cabinet.h"
#include "delivery/documents/court_press.h"
#include "server/signing_services.h"
#include "storage/document_store.h"

namespace qianda::server {

struct CourtPressParts {
  storage::Database& database;
  storage::DocumentStore& documents;
  contracts::SealCabinet& cabinet;
  const SigningServices& signing;
  std::string verificationAddress;
};

class SealedCourtPress : public delivery::CourtPress {
 public:
  explicit SealedCourtPress(CourtPressParts parts) : parts_(std::move(parts)) {}
  delivery::Pressed press(const core::Actor& actor, const std::string& seal, const std::string& subject,
                          const std::vector<delivery::PressItem>& items, core::Instant now) override;

 private:
  struct Group;
  std::shared_ptr<const contracts::Press> frozenPress(const contracts::Seal& seal,
                                                      const contracts::SealReservation& reservation,
                                                      const std::shared_ptr<const templates::Template>& form);
  void reserve(const core::Actor& actor, const std::string& subject, std::vector<Group>& groups, core::Instant now);
  void make(Group& group, const std::vector<delivery::PressItem>& items, delivery::Pressed& pressed, core::Instant now);

  const CourtPressParts parts_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const contracts::Press>> frozen_;  // by seal, template and version
};

}  // namespace qianda::server
