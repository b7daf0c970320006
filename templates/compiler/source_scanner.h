// First pass over a template source: splits off the YAML front matter and replaces every {{tag}} by a mask of
// private-use characters, so that Markdown never interprets what stands inside a tag and every tag keeps its exact line
// and column.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "templates/fault.h"

namespace qianda::templates::compiler {

struct Place {
  std::size_t line = 1, column = 1;  // 1-based; columns count code points
};

struct Tag {
  std::string text;  // between the braces, trimmed
  Place place;       // of the first brace
};

struct ScannedSource {
  std::string frontMatter;
  std::size_t frontMatterLine = 2;       // source line of its first line
  std::string markdown;                  // masked
  std::vector<std::size_t> sourceLines;  // masked line (0-based) -> source line (1-based)
  std::vector<Tag> tags;
};

ScannedSource scanSource(std::string_view source, const std::string& file, std::vector<Diagnostic>& diagnostics);

// A piece of masked text: literal text, or a tag.
struct MaskedPiece {
  std::string text;
  std::size_t tag = static_cast<std::size_t>(-1);  // index into ScannedSource::tags, or -1 for text
};
std::vector<MaskedPiece> splitMasked(std::string_view masked);

}  // namespace qianda::templates::compiler
