// What a later revision may lay on a page of a signed document: signature fields with their widgets, and where the
// certification allows it (P 3) annotations. Judged by what they could hide: the area of each, the sum per page,
// entries that act (JavaScript), hide (optional content) or escape the rectangle. docs/decisions/0009 says why these
// limits.
#pragma once

#include <map>
#include <set>
#include <string>

#include "signing/verify/roles.h"
#include "signing/verify/verifier.h"

namespace qianda::signing::verify {

class Additions {
 public:
  Additions(const Roles& roles, pdf::Document& before, pdf::Document& after);

  // `element`: of the list of fields (page 0) or of a page's annotations. The result says what it is; kind "forbidden"
  // means that it must not be there.
  Change judge(const pdf::Object& element, std::uint32_t page);
  // The new look of a signature field that the signed revision laid out; empty: nothing against it.
  std::string judgeSignedField(std::uint32_t number, const pdf::Object& was, const pdf::Object& is);
  // After all were judged: a page of which too much is covered; empty: none.
  std::string findCovered();

 private:
  std::string judgeSignature(const pdf::Object& widget, std::uint32_t number, std::uint32_t page);
  std::string judgeAnnotation(const pdf::Object& annotation, std::uint32_t page);
  std::string judgePlace(const pdf::Object& annotation, std::uint32_t page);
  std::string judgeOctets(const pdf::Object& root);
  double pageArea(std::uint32_t page);

  const Roles& roles_;
  pdf::Document& before_;
  pdf::Document& after_;
  std::map<std::uint32_t, std::string> fieldOf_;  // signature fields of `after` and their names
  std::map<std::uint32_t, double> covered_;       // square points by page
  std::set<std::uint32_t> seen_;
};

// Square points of an annotation's rectangle.
double areaOf(pdf::Document& document, const pdf::Object& annotation);

// The first key that a dictionary within the object has twice (readers differ in which they take); empty: none.
std::string findDoubledKey(const pdf::Object& object);

}  // namespace qianda::signing::verify
