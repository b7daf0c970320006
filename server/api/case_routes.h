// Handlers of the arbitration court's cases: their parties, addresses, events and statutory clock (delivery/cases).
#pragma once

#include "delivery/cases/case_file.h"
#include "server/api/instants.h"
#include "server/http/exchange.h"
#include "server/http/fields.h"
#include "server/http/json.h"
#include "server/http/route.h"

namespace qianda::server {

std::vector<Route> caseRoutes();

// case_json.cpp
Json jsonOf(const delivery::CaseFile& file);
Json jsonOf(const delivery::CaseClock& clock);
// Of a request: faults are noted in `body`.
delivery::CaseParty readCaseParty(Fields& body);
delivery::CaseAgent readCaseAgent(Fields& body);
delivery::ServiceAddress readServiceAddress(Fields& body);
delivery::CaseEvent readCaseEvent(Fields& body);
core::Date readDay(Fields& body, const std::string& name);
std::optional<core::Date> findDay(Fields& body, const std::string& name);

}  // namespace qianda::server
