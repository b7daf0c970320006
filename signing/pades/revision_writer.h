// Appends one signature revision to a finished PDF (ISO 32000-1 7.5.6): earlier octets are never touched. The appended
// cross-reference section has the kind of the last one (table or stream). Works on our own files and on those of others
// (linearised, object streams, hybrid); encrypted files are refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "signing/cms/cades_signer.h"
#include "signing/pades/prepared_signature.h"
#include "signing/seal/seal_appearance.h"

namespace qianda::signing {

struct VisibleSignature {
  std::size_t page = 0;  // 0-based
  double left = 0,
         bottom = 0;  // millimetres from the page's lower left corner as the reader sees it (rotation applied)
  SealAppearance appearance;
};

struct RevisionRequest {
  std::string field;  // an existing unsigned signature field, or the name of a new one; empty = "Signature1", 2, ...
  core::Instant signedAt;
  std::string name, reason, location;
  std::optional<VisibleSignature>
      visible;  // none: an invisible field on page 1, or the field's own rectangle left as it is
};

// The appended octets, with the signature prepared: file = original ++ appended.
struct PreparedRevision {
  std::string appended;
  PreparedSignature signature;
  std::string field;
};

// Throws kInvalidInput (not a PDF, damaged beyond use, field already signed, certified with no changes allowed) or
// kUnsupported (encrypted).
PreparedRevision prepareRevision(std::string_view pdf, const RevisionRequest& request, const CadesSigner& signer);
// prepareRevision + sign + complete: the whole new file.
std::string signPdf(std::string_view pdf, const RevisionRequest& request, const CadesSigner& signer);

}  // namespace qianda::signing
