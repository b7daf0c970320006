// Handwriting as the ceremony keeps it: a JSON array of strokes, each an array of points {"x", "y", "pressure"?,
// "time"?} (signing/seal/strokes.h). Pure functions.
#pragma once

#include <string>
#include <vector>

#include "signing/seal/strokes.h"

namespace qianda::contracts {

// Throws kInvalidInput, naming stroke and point.
std::vector<signing::Stroke> readStrokes(const std::string& json);
std::string writeStrokes(const std::vector<signing::Stroke>& strokes);

}  // namespace qianda::contracts
