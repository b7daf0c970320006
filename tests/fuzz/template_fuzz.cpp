// Any octets as a template source: diagnostics or a template, never a crash.
#include <cstdint>
#include <string_view>

#include "templates/template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  qianda::templates::compile({reinterpret_cast<const char*>(data), size}, "fuzz");
  return 0;
}
