// From a compiled template to finished PDF octets, in three parts by how often they change:
//   FrozenTemplate  once per template and set of seals: the prefix shared by all its documents;
//   FieldFonts      once per batch: the glyphs that values need beyond the prefix's fonts;
//   Composer        one per thread, once per document: the tail (layout, field fonts, metadata, cross-reference table).
// A document is `prefix() ++ Composition::tail`: PDF 1.7, PDF/A-2u in structure, one revision, classic xref table.
// The signature dictionary is given as text by the caller, who patches and signs it afterwards.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/id.h"
#include "core/time.h"
#include "templates/fault.h"
#include "templates/field.h"
#include "templates/template.h"

namespace qianda::templates {

// The look of a party's seal: PDF operators in a square of `sizePt` points, needing no resources.
struct PartySeal {
  std::string party;
  std::string content;
  double sizePt = 0;
};

struct FreezeOptions {
  std::vector<PartySeal> seals;                                   // parties who seal when the document is made
  bool isSigned = false;                                          // a signature dictionary will be given to compose()
  std::string verificationAddress = "HTTPS://QIANDA.EXAMPLE/V/";  // the document's id is appended
};

class FieldFonts;

class FrozenTemplate {
 public:
  FrozenTemplate(std::shared_ptr<const Template> form, FreezeOptions options);
  ~FrozenTemplate();
  const Template& form() const;
  const std::string& prefix() const;
  // Characters of the record's values that no font has: one fault per field and character, with its code point.
  void checkGlyphs(const Record& record, std::vector<Fault>& faults) const;

 private:
  friend class Composer;
  friend class FieldFonts;
  struct State;
  std::unique_ptr<const State> state_;
};

// The characters that a batch's values use. One per thread while a roster is read, then merged.
class CharacterSet {
 public:
  CharacterSet() : seen_(0x110000) {}
  void add(const Record& record);
  void add(std::string_view utf8);
  void merge(const CharacterSet& other);
  std::vector<char32_t> characters() const;  // ascending

 private:
  std::vector<bool> seen_;
};

// What the documents' field fonts are sliced from, cut once. Immutable, thread-safe.
class FieldFonts {
 public:
  FieldFonts(std::shared_ptr<const FrozenTemplate> frozen, const CharacterSet& characters);
  ~FieldFonts();

 private:
  friend class Composer;
  struct State;
  std::unique_ptr<const State> state_;
};

struct DocumentDetails {
  core::DocumentId id;
  core::Instant createdAt;
  std::string_view signatureDictionary;  // "<< /Type/Sig ... >>", empty when the template was not frozen as signed
};

struct Composition {
  std::string tail;
  std::size_t dictionaryOffset = 0;  // of the signature dictionary in the tail
  std::uint32_t pages = 0;
};

// What the parts of one composition cost, in seconds, summed over calls (qianda bench template).
struct ComposeCost {
  double layout = 0, emission = 0, fonts = 0, qr = 0, closing = 0;
};

class Composer {
 public:
  // `fonts` must know every character of the records that are composed.
  Composer(std::shared_ptr<const FrozenTemplate> frozen, std::shared_ptr<const FieldFonts> fonts);
  ~Composer();
  // Reuses the memory of `out`. Throws kInvalidInput for a character no font has (checkGlyphs finds them beforehand).
  void compose(const Record& record, const DocumentDetails& details, Composition& out, ComposeCost* cost = nullptr);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianda::templates
