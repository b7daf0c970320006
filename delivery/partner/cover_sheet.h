// The cover sheets of print bundles (print_bundle.h), set by the house's typesetter; barcodes are drawn afterwards into
// the margin it leaves free at the top. One template for all, its fonts cut once for all covers of a bundle.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "delivery/partner/print_bundle.h"

namespace qianda::delivery {

// A PDF for each parcel, in order. Throws kInvalidInput for a character no font has.
std::vector<std::string> coverSheets(const std::vector<PrintedParcel>& parcels, core::Instant at);

// The kinds of documents a 详情单 lists, with those of `titles` ticked: "☑应诉通知书　☐裁决书 …　☑其他：…".
std::string tickedKinds(const std::vector<std::string>& titles);

}  // namespace qianda::delivery
