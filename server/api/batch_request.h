// A batch as a client asks for it, in any of the ways there are: JSON with the rows inline, multipart/form-data (RFC
// 7578) with the roster in the part "roster", or the roster itself (CSV, XLSX) as the body with the rest in the query.
// Plain values; throws Problem with the place of what is wrong.
#pragma once

#include <string>

#include "contracts/batches/batch_intake.h"
#include "server/batches/batch_desk.h"
#include "server/http/exchange.h"

namespace qianda::server {

struct BatchWish {
  std::string templateId, templateVersion, seal, sheet;
  bool employerFirst = true;
  bool isValidateOnly = false;
  core::Instant expires{};      // the end of the deadline's day in China
  std::string faults = "json";  // of a roster that is only checked: "json", "csv", "xlsx"
  std::string roster;           // CSV or XLSX
};

BatchWish readBatchWish(const Request& request, const BatchDesk& desk);

}  // namespace qianda::server
