// The delivery of documents as the service runs it: the court's press, the partners of the configuration with their
// wires, the way in of what they push, and the postal queue with its threads. Made once at the start and owned by
// Application; handlers and jobs call it from any thread. Without partners nothing is sent by post, everything else
// works.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "delivery/callbacks/receive.h"
#include "delivery/partner/partner_settings.h"
#include "delivery/post/parcel_work.h"
#include "delivery/service/issue_steps.h"
#include "server/delivery/sealed_court_press.h"
#include "server/jobs/job_table.h"
#include "storage/sql/group_writer.h"

namespace qianda::server {

class Configuration;
class HttpClient;
struct Services;

class DeliveryDesk {
 public:
  DeliveryDesk(const Configuration& configuration, Services& services, CourtPressParts press);
  ~DeliveryDesk();
  DeliveryDesk(const DeliveryDesk&) = delete;
  DeliveryDesk& operator=(const DeliveryDesk&) = delete;

  delivery::CourtPress& press() { return press_; }
  delivery::IssueHouse issueHouse();
  // "" without one.
  const std::string& firstPartner() const { return firstPartner_; }
  bool hasPartner(const std::string& name) const { return partners_.contains(name); }

  // What a partner sent, with its effect committed before the answer says so. Throws kNotFound for no such partner.
  delivery::PushAnswer takePush(const std::string& partner, const delivery::PushMessage& message);
  std::size_t largestPush(const std::string& partner) const;

  // Tasks were committed: do not wait for the next look.
  void wake();
  void startQueue();
  void stopQueue();
  delivery::QueueHealth health() const;

  std::vector<JobLane> lanes();

 private:
  struct Partner;
  delivery::PushEffect keepPush(const std::string& partner, const delivery::PushMessage& message,
                                const delivery::PushReading& reading, core::Instant now);
  void watch();

  const Configuration& configuration_;
  Services& services_;
  SealedCourtPress press_;
  storage::GroupWriter writer_;
  std::map<std::string, std::unique_ptr<Partner>> partners_;
  std::string firstPartner_;
  delivery::PostalHouse house_;
  std::unique_ptr<delivery::PostalQueue> queue_;
  int collection_ = -1;
};

}  // namespace qianda::server
