// What may be tried next when service did not succeed, best first: 民诉法 88-95 as far as the documents, the procedure
// and the court's own rules leave a method open; public notice comes when others were tried. Pure; any thread.
#pragma once

#include <vector>

#include "delivery/service/ruling.h"

namespace qianda::delivery {

std::vector<ServiceMethod> fallbackOf(const RecordFacts& facts, const RecordRuling& ruling, const ServiceRules& rules);

}  // namespace qianda::delivery
