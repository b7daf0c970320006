// Handlers of service of documents: issuing a step's set, service records with their attempts, evidence and decisions,
// and the rules a court works by (delivery/service, delivery/documents).
#pragma once

#include "delivery/post/parcel_store.h"
#include "delivery/service/record_store.h"
#include "server/http/exchange.h"
#include "server/http/json.h"
#include "server/http/route.h"

namespace qianda::server {

class DeliveryDesk;

std::vector<Route> serviceRoutes();
// step_routes.cpp: issuing the documents of a step.
std::vector<Route> stepRoutes();

// service_json.cpp
Json jsonOf(const delivery::ServiceRecord& record);                                          // as a line of a list
Json wholeRecord(storage::Transaction& transaction, const delivery::ServiceRecord& record);  // with all that is on file
Json jsonOf(const delivery::Parcel& parcel);
Json jsonOf(const delivery::MailEvent& event);
// Throws Problem 503 "unavailable" where the service has none.
DeliveryDesk& deskOf(Services& services);

}  // namespace qianda::server
