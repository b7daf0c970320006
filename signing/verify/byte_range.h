// What a signature covers: its ByteRange and the place of its Contents, judged against the file (ISO 32000-1 12.8.1,
// EN 319 142-1 5.1). A sound range is the whole revision but for exactly the hexadecimal string of Contents.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "core/bytes.h"
#include "signing/pdf/document.h"

namespace qianda::signing::verify {

struct Coverage {
  std::string problem;                   // empty: the range is sound
  std::size_t gapBegin = 0, gapEnd = 0;  // of Contents with its angle brackets
  std::size_t end = 0;                   // of the signed revision
  bool wholeRevision = false;            // the range ends where a revision ends
  bool followedByOctets = false;         // anything but white space comes after
  core::Bytes cms;                       // Contents without its padding
};

// `signature` is the signature dictionary as read from the file.
Coverage judgeCoverage(const pdf::Document& document, const pdf::Object& signature);

}  // namespace qianda::signing::verify
