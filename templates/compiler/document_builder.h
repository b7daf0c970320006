// Fourth pass: the Markdown tree (cmark-gfm) and the resolved tags become the body's blocks.
#pragma once

#include <vector>

#include "templates/body.h"
#include "templates/compiler/source_scanner.h"
#include "templates/compiler/tag_resolver.h"

namespace qianda::templates::compiler {

std::vector<Block> buildDocument(const ScannedSource& source, double fontSize, TagResolver& tags);

}  // namespace qianda::templates::compiler
