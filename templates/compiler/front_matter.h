// Second pass: the YAML front matter becomes the template's identity, page, parties and fields.
#pragma once

#include <string>
#include <vector>

#include "templates/body.h"
#include "templates/fault.h"
#include "templates/template.h"

namespace qianda::templates::compiler {

struct FrontMatter {
  PageSetup page;
  double fontSize = 10.5;
};

// Fills `form` (all but the body); `firstLine` is the source line of the YAML's first line.
FrontMatter readFrontMatter(const std::string& yaml, std::size_t firstLine, const std::string& file, Template& form,
                            std::vector<Diagnostic>& diagnostics);

}  // namespace qianda::templates::compiler
