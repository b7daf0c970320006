// The document that signing and verifying are measured with when no other is given: six pages of invented text with a
// picture each, about 77 KB, 37 objects, a classic cross-reference table. Always the same octets.
#pragma once

#include <string>
#include <string_view>

namespace qianda::signing {

std::string makeSampleDocument();

struct DocumentFacts {
  std::size_t octets = 0, pages = 0, objects = 0;
  bool hasXrefStream = false;
};
// Throws kInvalidInput when it is not a PDF.
DocumentFacts describeDocument(std::string_view pdf);

}  // namespace qianda::signing
