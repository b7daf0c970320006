// The signature fields of a document's interactive form (ISO 32000-1 12.7.4.5), in the order of the form.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "signing/pdf/document.h"

namespace qianda::signing::pdf {

struct SignatureField {
  std::string name;     // fully qualified, UTF-8 where it is well-formed
  Reference reference;  // of the field's dictionary
  Reference value;      // of the signature dictionary; number 0 when unsigned or written directly
  bool isSigned = false;
  bool isDamaged = false;  // it has a value that cannot be read: a signature that somebody broke
};

std::vector<SignatureField> listSignatureFields(Document& document);

// A text string object as UTF-8 (7.9.2.2): UTF-16BE with a mark, UTF-8 with a mark, else Latin.
std::string textOfString(const std::string& octets);

// The first `most` pages in order as references of their dictionaries; bounded, loops are cut. No page behind them is
// read.
std::vector<Reference> listPages(Document& document, std::size_t most = SIZE_MAX);

}  // namespace qianda::signing::pdf
