// Code 128 (ISO/IEC 15417) as bars side by side, in modules from the left. Pure.
#pragma once

#include <string>
#include <vector>

namespace qianda::delivery {

struct Bar {
  int at = 0, width = 0;
};
struct Barcode {
  std::vector<Bar> bars;
  int width = 0;  // without the quiet zones, ten modules either side
};

Barcode code128(const std::string& text);  // throws kInvalidInput for what it cannot carry

}  // namespace qianda::delivery
