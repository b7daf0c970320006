// The frozen opening of every document of a template: PDF header and all objects that are the same in each, with fixed
// numbers, as one run of octets. Built once, by PoDoFo's object model and writer; never on the hot path.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "templates/layout/charset.h"

namespace qianda::templates::pdf {

struct StaticForm {
  std::string content;                              // PDF operators
  double left = 0, bottom = 0, right = 0, top = 0;  // bounding box
};

struct StaticInput {
  const layout::Charset* charset = nullptr;
  std::vector<StaticForm> forms;  // /F0, /F1 ...
  std::vector<StaticForm> seals;  // appearance streams, without resources
  std::size_t fieldCount = 0;     // form fields whose widgets are the first objects behind the shared tail objects
  bool isSealed = false;          // a signature will follow: SigFlags 3
};

// Numbers of objects that the tail defines but the static part already refers to.
struct TailNumbers {
  std::uint32_t pages = 0, metadata = 0, info = 0, signature = 0, firstField = 0, firstFree = 0;
};

struct StaticFile {
  std::string octets;
  std::string xref;  // the cross-reference lines of objects 0 to objectCount
  std::uint32_t objectCount = 0;
  std::uint32_t catalog = 0, forms = 0, emptyAppearance = 0;
  std::array<std::uint32_t, 3> fonts{};  // regular, bold, boxes
  std::vector<std::uint32_t> seals;
  TailNumbers tail;
};

StaticFile writeStaticFile(const StaticInput& input);

}  // namespace qianda::templates::pdf
