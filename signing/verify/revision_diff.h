// What later revisions did to a signed document, object by object. Allowed are further signatures (a new signature
// field with its widgets, an unsigned field becoming signed), validation data (DSS), document timestamps and metadata,
// text filled into empty fields, and what a certification permits (ISO 32000-1 12.8.2.2): at P 2 the values of form
// fields, shown as they are, at P 3 comments besides. Anything else is named and refused: what no rule explains is
// OTHER, and so is what could hide signed content or what two readers could read in two ways. docs/decisions/0009.
// Levels: NONE, LTA_UPDATES, FORM_FILLING, ANNOTATIONS, OTHER.
#pragma once

#include <string>
#include <vector>

#include "signing/verify/roles.h"
#include "signing/verify/verifier.h"

namespace qianda::signing::verify {

struct Difference {
  std::string level = "NONE";
  std::string offence;  // OTHER only: one English sentence that names the object
  std::vector<Change> changes;
};

// `signedRevision` is the file up to the end of the signed revision.
Difference compareRevisions(pdf::Document& signedRevision, pdf::Document& current);

// Whether the sections of `current` that follow `end` are whole, lead to the signed revision and mean the same to every
// reader; one English sentence if not.
std::string judgeChain(const pdf::Document& signedRevision, std::size_t end, const pdf::Document& current);

// Whether the last startxref is the one before the closing %%EOF; one English sentence if not.
std::string judgeTail(const pdf::Document& document);

}  // namespace qianda::signing::verify
