// Appends one signature revision to a finished PDF (ISO 32000-1 7.5.6): earlier octets are never touched. The appended
// cross-reference section has the kind of the last one (table or stream). Works on our own files and on those of others
// (linearised, object streams, hybrid); encrypted files are refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signing/cms/cades_signer.h"
#include "signing/pades/prepared_signature.h"
#include "signing/pades/update.h"
#include "signing/seal/cross_page_seal.h"

namespace qianda::signing {

struct VisibleSignature {
  std::size_t page = 0;         // 0-based
  double left = 0, bottom = 0;  // mm from the page's lower left corner as the reader sees it (pades/placement.h)
  Appearance appearance;
};

struct RevisionRequest {
  std::string field;  // an existing unsigned signature field, or the name of a new one; empty = "Signature1", 2, ...
  core::Instant signedAt;
  std::string name, reason, location;
  // None: an invisible field on page 1, or the field's own rectangle left as it is. Of an existing field only the
  // appearance is used: it has its place.
  std::optional<VisibleSignature> visible;
  // Further widgets of the same field: the same seal at several places, a slice of the cross-page seal 骑缝章 on each
  // page.
  std::vector<VisibleSignature> stamps;
  std::optional<SlicedSeal> crossPage;
};

// The appended octets, with the signature prepared: file = original ++ appended.
struct PreparedRevision {
  std::string appended;
  PreparedSignature signature;
  std::string field;
};

// Throws kInvalidInput (not a PDF, damaged beyond use, field already signed, certified with no changes allowed, stamps
// on an existing field after an earlier signature) or kUnsupported (encrypted).
PreparedRevision prepareRevision(std::string_view pdf, const RevisionRequest& request, const CadesSigner& signer);
// prepareRevision + sign + complete: the whole new file.
std::string signPdf(std::string_view pdf, const RevisionRequest& request, const CadesSigner& signer);

// One revision with a document timestamp (EN 319 142-1 5.4.3, /SubFilter ETSI.RFC3161) over the whole file as it
// stands, `update` being what else goes into that revision. Returns the octets to append. Throws as above and
// kUnavailable.
std::string appendTimestamp(Update& update, const TimestampSource& time);

}  // namespace qianda::signing
