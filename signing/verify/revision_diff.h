// What later revisions did to a signed document, object by object. Allowed are further signatures (a new signature
// field with its widgets, an unsigned field becoming signed), validation data (DSS), document timestamps and metadata,
// and what a certification permits (ISO 32000-1 12.8.2.2): at P 2 and 3 the values of form fields, shown as they are.
// Anything else is named and refused: what no rule explains is OTHER, and so is what could hide signed content (an
// unsigned or page-wide widget, an appearance that shows another text than its field's value, any annotation).
// Levels: NONE, LTA_UPDATES, FORM_FILLING, OTHER.
#pragma once

#include <string>
#include <vector>

#include "signing/pdf/document.h"
#include "signing/verify/verifier.h"

namespace qianda::signing::verify {

struct Difference {
  std::string level = "NONE";
  std::string offence;  // OTHER only: one English sentence that names the object
  std::vector<Change> changes;
};

// `signedRevision` is the file up to the end of the signed revision.
Difference compareRevisions(pdf::Document& signedRevision, pdf::Document& current);

// P of the document's certification: 1, 2 or 3; 0 where there is none.
int certificationOf(pdf::Document& document);

}  // namespace qianda::signing::verify
