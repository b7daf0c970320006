// Third pass: what one tag means. Resolves names to field, choice, column and party indices and remembers which fields
// were used.
#pragma once

#include <string>
#include <vector>

#include "templates/body.h"
#include "templates/compiler/source_scanner.h"
#include "templates/template.h"

namespace qianda::templates::compiler {

class TagResolver {
 public:
  TagResolver(const Template& form, const std::string& file, std::vector<Diagnostic>& diagnostics);

  // Appends what the tag stands for (a choice becomes one box and label per option).
  void resolve(const Tag& tag, bool bold, std::vector<Inline>& out);
  Expression condition(const Tag& tag, std::string_view source);
  void report(const Place& place, std::string message);
  // Fields that no tag and no condition reads.
  std::vector<std::string> unusedFields() const;

 private:
  std::size_t party(const Tag& tag, std::string_view name);
  std::size_t field(const Tag& tag, std::string_view name);
  void resolveBox(const Tag& tag, std::string_view inside, Inline base, std::vector<Inline>& out);
  void resolveField(const Tag& tag, Inline base, std::vector<Inline>& out);
  bool applyFilter(const Tag& tag, const FieldSpec& spec, std::string_view filter, Inline& target);

  const Template& form_;
  const std::string& file_;
  std::vector<Diagnostic>& diagnostics_;
  std::vector<bool> used_;
};

}  // namespace qianda::templates::compiler
