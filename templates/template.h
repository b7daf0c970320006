// A compiled template: immutable, shared by threads. Compilation turns one Markdown source with a YAML front matter
// into fields, parties and a body (docs/template-language.md), or into every diagnostic at once.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "templates/fault.h"
#include "templates/field.h"

namespace qianda::templates {

// Which law rules apply (templates/law): the front matter's `law:`.
enum class LawProfile { kGeneral, kDispatch, kPartTime, kPlatformContract, kPlatformAgreement, kAnnex, kNone };

struct Party {
  std::string name;  // "employer": used by {{seal:employer}}, and the signature field's name in the PDF
  std::string labelZh, labelEn;
};

struct Body;  // templates/body.h, the compiled document

class Template {
 public:
  std::string id;       // "labour-general"
  std::string version;  // semantic version
  std::string titleZh, titleEn;
  LawProfile law = LawProfile::kNone;
  std::vector<FieldSpec> fields;
  std::vector<Party> parties;
  std::shared_ptr<const Body> body;
  std::string sourceSha256;  // hex, of the source octets

  // Index of the field, or npos.
  std::size_t findField(std::string_view name) const;
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};

struct Compilation {
  std::shared_ptr<const Template> compiled;  // null when there are diagnostics
  std::vector<Diagnostic> diagnostics;
};

Compilation compile(std::string_view source, const std::string& fileName);

// The templates that ship with the program, by id in alphabetical order; throws kSystem if one does not compile.
std::vector<std::shared_ptr<const Template>> shippedTemplates();
// By shipped id, or by path of a template file; throws kNotFound, or kInvalidInput with the diagnostics in its message.
std::shared_ptr<const Template> getTemplate(const std::string& idOrPath);

// The arbitration court's own forms (templates/court), compiled once, by id; they are not among the shipped ones, which
// employers choose from. Thread-safe; throws kSystem if one does not compile. get throws kNotFound.
const std::vector<std::shared_ptr<const Template>>& courtTemplates();
std::shared_ptr<const Template> getCourtTemplate(std::string_view id);

}  // namespace qianda::templates
