// What later revisions did to a signed document, object by object. Allowed are further signatures (a new signature
// field with its widget, an unsigned field becoming signed), validation data (DSS) and metadata; anything else is
// named. Terms of SIGNATURES: NONE, FORM_FILLING, OTHER. Conservative: what no rule explains is OTHER.
#pragma once

#include <string>

#include "signing/pdf/document.h"

namespace qianda::signing::verify {

struct Difference {
  std::string level = "NONE";
  std::string offence;  // OTHER only: one English sentence that names the object
};

// `signedRevision` is the file up to the end of the signed revision.
Difference compareRevisions(pdf::Document& signedRevision, pdf::Document& current);

}  // namespace qianda::signing::verify
