// What a postal partner's printer gets: for each parcel a cover sheet (recipient, case, barcodes of order and waybill,
// the documents with boxes to tick as on a 仲裁专递 详情单), then its documents, all in one PDF. Documents come as PDF
// octets; the pages they have are held against the enclosure list, as P7 (PRINTED) asks. Throws kInvalidInput naming
// parcel and document. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "delivery/partner/postal_partner.h"

namespace qianda::delivery {

struct PrintedDocument {
  std::string title;
  std::string_view pdf;
  int pages = 0;  // by the enclosure list
};

struct PrintedParcel {
  std::string caseNumber, court;                // 案号; the arbitration commission that sends
  std::string orderNo, waybill, returnWaybill;  // the last two may be ""
  PostalAddress to;
  std::vector<PrintedDocument> documents;
};

struct PrintBundle {
  struct Part {
    std::string orderNo;
    int firstPage = 0, coverPages = 0, pages = 0;  // from 1; pages with the cover, without blank ones
  };
  std::string pdf;
  int pages = 0;
  std::vector<Part> parcels;
};

// `twoSided`: every cover and document begins on a sheet of its own, with a blank page before it where need be.
PrintBundle makePrintBundle(const std::vector<PrintedParcel>& parcels, core::Instant at, bool twoSided = false);

}  // namespace qianda::delivery
