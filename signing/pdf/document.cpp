#include "signing/pdf/document.h"

#include <algorithm>

#include "signing/pdf/filters.h"
#include "signing/pdf/limits.h"
#include "signing/pdf/parser.h"

namespace qianda::signing::pdf {
namespace {

const Object kNull;
constexpr int kMostReferences = 32;  // followed one after another

void addEntry(std::uint32_t number, const XrefEntry& entry, std::map<std::uint32_t, XrefEntry>& entries,
              XrefSection& section) {
  const auto [place, isNew] = entries.emplace(number, entry);
  if (!isNew && !(place->second == entry)) section.isAmbiguous = true;
}

}  // namespace

std::variant<Document, OpenError> Document::open(std::string_view file) {
  if (file.size() > kLargestFile) return OpenError{"the file is larger than this program reads"};
  if (file.substr(0, 1024).find("%PDF-") == std::string_view::npos) return OpenError{"the file is not a PDF"};
  Document document(file);
  if (const std::optional<std::string> problem = document.readSections()) {
    document.sections_.clear();
    document.entries_.clear();
    document.objects_.clear();
    document.objectStreams_.clear();
    if (!document.reconstruct()) return OpenError{"the cross-reference is damaged: " + *problem};
  }
  return document;
}

const Object& Document::object(std::uint32_t number) {
  if (const auto found = objects_.find(number); found != objects_.end()) return found->second;
  const auto entry = entries_.find(number);
  if (entry == entries_.end() || entry->second.kind == XrefEntry::Kind::kFree) return kNull;
  if (!reading_.insert(number).second) return kNull;  // it needs itself
  Object read = entry->second.kind == XrefEntry::Kind::kInFile ? readInFile(number, entry->second)
                                                               : readInStream(number, entry->second);
  reading_.erase(number);
  return objects_.emplace(number, std::move(read)).first->second;
}

const Object& Document::resolve(const Object& object) {
  const Object* current = &object;
  for (int i = 0; i < kMostReferences; ++i) {
    if (!current->is(Object::Type::kReference)) return *current;
    current = &this->object(current->reference.number);
  }
  return kNull;
}

bool Document::spend(std::size_t octets) {
  searchBudget_ -= std::min(searchBudget_, octets);
  return searchBudget_ > 0;
}

Object Document::readInFile(std::uint32_t number, const XrefEntry& entry) {
  if (entry.offset >= file_.size()) return {};
  Parser parser(file_, static_cast<std::size_t>(entry.offset));
  std::optional<Parser::Indirect> read = parser.indirect();
  if (!read || read->reference != Reference{number, entry.generation}) return {};
  if (read->object.is(Object::Type::kStream)) delimitStream(read->object);
  return std::move(read->object);
}

void Document::delimitStream(Object& stream) {
  const Object& length = get(stream, "Length");
  if (length.is(Object::Type::kInteger) && length.integer >= 0 &&
      static_cast<std::uint64_t>(length.integer) <= file_.size() - stream.dataBegin) {
    const std::size_t end = stream.dataBegin + static_cast<std::size_t>(length.integer);
    Parser parser(file_, end);
    parser.skipSpace();
    if (file_.substr(parser.position(), 9) == "endstream") {
      stream.dataEnd = end;
      return;
    }
  }
  stream.dataEnd = stream.dataBegin;
  if (searchBudget_ == 0) return;
  const std::size_t found = file_.find("endstream", stream.dataBegin);
  spend((found == std::string_view::npos ? file_.size() : found) - stream.dataBegin);
  if (found != std::string_view::npos) stream.dataEnd = found;
}

std::string_view Document::rawStream(const Object& stream) {
  if (!stream.is(Object::Type::kStream) || stream.dataEnd < stream.dataBegin || stream.dataEnd > file_.size())
    return {};
  return file_.substr(stream.dataBegin, stream.dataEnd - stream.dataBegin);
}

Document::ObjectStream* Document::objectStream(std::uint32_t number) {
  if (const auto found = objectStreams_.find(number); found != objectStreams_.end()) return &found->second;
  const auto entry = entries_.find(number);
  if (entry == entries_.end() || entry->second.kind != XrefEntry::Kind::kInFile) return nullptr;
  const Object& stream = object(number);
  if (!stream.is(Object::Type::kStream)) return nullptr;
  ObjectStream result;
  const Object& count = get(stream, "N");
  const Object& first = get(stream, "First");
  std::optional<std::string> text = decodeStream(stream, rawStream(stream));
  if (text && count.is(Object::Type::kInteger) && first.is(Object::Type::kInteger) && first.integer >= 0 &&
      count.integer >= 0 && static_cast<std::uint64_t>(count.integer) <= kMostObjectsInStream) {
    result.text = std::move(*text);
    Parser parser(result.text);
    for (std::int64_t i = 0; i < count.integer; ++i) {
      parser.skipSpace();
      const auto object = parser.takeUnsigned();
      parser.skipSpace();
      const auto offset = parser.takeUnsigned();
      if (!object || !offset || *object > kLargestObjectNumber || *offset > result.text.size()) break;
      result.offsets.emplace_back(static_cast<std::uint32_t>(*object),
                                  static_cast<std::size_t>(first.integer) + static_cast<std::size_t>(*offset));
    }
  }
  return &objectStreams_.emplace(number, std::move(result)).first->second;
}

Object Document::readInStream(std::uint32_t number, const XrefEntry& entry) {
  ObjectStream* stream = objectStream(static_cast<std::uint32_t>(entry.offset));
  if (!stream) return {};
  // Both the number and the index must fit: a stream may hold the same number twice.
  if (entry.generation >= stream->offsets.size()) return {};
  const auto& [held, offset] = stream->offsets[entry.generation];
  if (held != number || offset >= stream->text.size()) return {};
  Parser parser(stream->text, offset);
  return parser.object().value_or(Object{});
}

std::optional<std::size_t> findStartXref(std::string_view file) {
  const std::size_t at = file.rfind("startxref");
  if (at == std::string_view::npos) return std::nullopt;
  Parser parser(file, at + 9);
  parser.skipSpace();
  const std::optional<std::uint64_t> offset = parser.takeUnsigned();
  if (!offset || *offset >= file.size()) return std::nullopt;
  return static_cast<std::size_t>(*offset);
}

std::optional<std::string> Document::readSections() {
  std::optional<std::size_t> next = findStartXref(file_);
  if (!next) return "there is no startxref";
  std::set<std::size_t> seen;
  while (next) {
    if (!seen.insert(*next).second) return "the chain of revisions is a loop";
    if (seen.size() > kMostRevisions) return "there are too many revisions";
    XrefSection section;
    section.offset = *next;
    if (auto problem = readAnySection(*next, section)) return problem;
    const Object& previous = section.trailer["Prev"];
    next.reset();
    if (previous.isNumber()) {
      if (previous.number() < 0 || previous.number() >= static_cast<double>(file_.size()))
        return "/Prev is out of bounds";
      next = static_cast<std::size_t>(previous.number());
    }
    sections_.push_back(std::move(section));
  }
  if (!trailer()["Root"].is(Object::Type::kReference)) return "the trailer names no catalog";
  if (!catalog().is(Object::Type::kDictionary)) return "the catalog cannot be read";
  return std::nullopt;
}

std::optional<std::string> Document::readAnySection(std::size_t offset, XrefSection& section) {
  Parser parser(file_, offset);
  parser.skipSpace();
  Entries entries;
  if (!parser.take("xref")) {
    if (auto problem = readXrefStream(offset, section, entries)) return problem;
  } else if (auto problem = readTable(parser.position(), section, entries)) {
    return problem;
  }
  // A hybrid file keeps what old readers must not see in a stream of its own: free or absent in the table (7.5.8.4).
  const Object& hidden = section.trailer["XRefStm"];
  if (!section.isStream && hidden.is(Object::Type::kInteger) && hidden.integer > 0 &&
      static_cast<std::uint64_t>(hidden.integer) < file_.size()) {
    XrefSection more;
    Entries behind;
    if (auto problem = readXrefStream(static_cast<std::size_t>(hidden.integer), more, behind)) return problem;
    section.isAmbiguous = section.isAmbiguous || more.isAmbiguous;
    for (const auto& [number, entry] : behind) {
      XrefEntry& known = entries.emplace(number, entry).first->second;
      if (known.kind == XrefEntry::Kind::kFree) known = entry;
      if (!(known == entry) && entry.kind != XrefEntry::Kind::kFree) section.isAmbiguous = true;
    }
  }
  entries_.merge(entries);  // newer sections come first and win
  return std::nullopt;
}

std::optional<std::string> Document::readTable(std::size_t offset, XrefSection& section, Entries& entries) {
  Parser parser(file_, offset);
  for (;;) {
    parser.skipSpace();
    if (parser.take("trailer")) break;
    const auto first = parser.takeUnsigned();
    parser.skipSpace();
    const auto count = parser.takeUnsigned();
    if (!first || !count || *first + *count > kLargestObjectNumber + 1ull)
      return "a subsection of the table is malformed";
    for (std::uint64_t i = 0; i < *count; ++i) {
      parser.skipSpace();
      const auto position = parser.takeUnsigned();
      parser.skipSpace();
      const auto generation = parser.takeUnsigned();
      parser.skipSpace();
      const bool used = parser.take("n");
      if (!position || !generation || (!used && !parser.take("f"))) return "an entry of the table is malformed";
      XrefEntry entry;
      entry.kind = used && *position != 0 ? XrefEntry::Kind::kInFile : XrefEntry::Kind::kFree;
      entry.offset = *position;
      entry.generation = static_cast<std::uint32_t>(*generation);
      addEntry(static_cast<std::uint32_t>(*first + i), entry, entries, section);
    }
  }
  std::optional<Object> trailer = parser.object();
  if (!trailer || !trailer->is(Object::Type::kDictionary)) return "the trailer is malformed";
  section.trailer = std::move(*trailer);
  return std::nullopt;
}

std::optional<std::string> Document::readXrefStream(std::size_t offset, XrefSection& section, Entries& entries) {
  Parser parser(file_, offset);
  std::optional<Parser::Indirect> read = parser.indirect();
  if (!read || !read->object.is(Object::Type::kStream) || !read->object["Type"].isName("XRef")) {
    return "startxref or /Prev points to neither a table nor a stream";
  }
  Object& stream = read->object;
  delimitStream(stream);
  section.isStream = true;
  section.trailer = stream;
  section.trailer.type = Object::Type::kDictionary;
  const Object& widths = stream["W"];
  if (!widths.is(Object::Type::kArray) || widths.array->size() < 3) return "the cross-reference stream has no /W";
  std::size_t width[3];
  for (std::size_t i = 0; i < 3; ++i) {
    const Object& one = (*widths.array)[i];
    if (!one.is(Object::Type::kInteger) || one.integer < 0 || one.integer > 8)
      return "the cross-reference stream's /W is malformed";
    width[i] = static_cast<std::size_t>(one.integer);
  }
  const std::optional<std::string> data = decodeStream(stream, rawStream(stream));
  const std::size_t row = width[0] + width[1] + width[2];
  if (!data || row == 0) return "the cross-reference stream cannot be decoded";
  std::vector<std::int64_t> index;
  if (const Object& given = stream["Index"]; given.is(Object::Type::kArray)) {
    for (const Object& one : *given.array) index.push_back(one.is(Object::Type::kInteger) ? one.integer : -1);
  } else {
    index = {0, stream["Size"].is(Object::Type::kInteger) ? stream["Size"].integer : 0};
  }
  std::size_t at = 0;
  for (std::size_t pair = 0; pair + 1 < index.size(); pair += 2) {
    if (index[pair] < 0 || index[pair + 1] < 0) return "the cross-reference stream's /Index is malformed";
    for (std::int64_t i = 0; i < index[pair + 1] && at + row <= data->size(); ++i, at += row) {
      const std::uint64_t number = static_cast<std::uint64_t>(index[pair] + i);
      if (number > kLargestObjectNumber) return "an object number is too large";
      std::uint64_t fields[3] = {width[0] ? 0u : 1u, 0, 0};
      std::size_t octet = at;
      for (std::size_t field = 0; field < 3; ++field) {
        for (std::size_t k = 0; k < width[field]; ++k) {
          fields[field] = fields[field] << 8 | static_cast<unsigned char>((*data)[octet++]);
        }
      }
      XrefEntry entry;
      entry.kind = fields[0] == 1   ? XrefEntry::Kind::kInFile
                   : fields[0] == 2 ? XrefEntry::Kind::kInStream
                                    : XrefEntry::Kind::kFree;
      entry.offset = fields[1];
      entry.generation = static_cast<std::uint32_t>(fields[2]);
      addEntry(static_cast<std::uint32_t>(number), entry, entries, section);
    }
  }
  return std::nullopt;
}

// Finds "N G obj" by scanning; the last one of a number counts, and the last dictionary with a /Root is the trailer.
bool Document::reconstruct() {
  reconstructed_ = true;
  Object trailer;
  for (std::size_t at = file_.find("obj"); at != std::string_view::npos; at = file_.find("obj", at + 3)) {
    if (at >= 3 && file_.substr(at - 3, 3) == "end") continue;
    std::size_t start = at;
    const auto back = [&](auto matches) {
      const std::size_t before = start;
      while (start > 0 && matches(static_cast<unsigned char>(file_[start - 1]))) --start;
      return before != start;
    };
    const auto digit = [](unsigned char c) { return c >= '0' && c <= '9'; };
    back(isWhiteSpace);
    if (!back(digit) || !back(isWhiteSpace) || !back(digit)) continue;
    Parser parser(file_, start);
    const std::optional<Parser::Indirect> read = parser.indirect();
    if (!spend(parser.position() - start)) return false;
    if (!read) continue;
    entries_[read->reference.number] = {XrefEntry::Kind::kInFile, start, read->reference.generation};
    if (read->object["Type"].isName("Catalog") && trailer.is(Object::Type::kNull)) {
      Dictionary dictionary;
      Object root;
      root.type = Object::Type::kReference;
      root.reference = read->reference;
      dictionary.emplace_back("Root", root);
      trailer.type = Object::Type::kDictionary;
      trailer.dictionary = std::make_shared<const Dictionary>(std::move(dictionary));
    }
  }
  for (std::size_t at = file_.rfind("trailer"); at != std::string_view::npos && at > 0;
       at = file_.rfind("trailer", at - 1)) {
    Parser parser(file_, at + 7);
    std::optional<Object> found = parser.object();
    if (found && (*found)["Root"].is(Object::Type::kReference)) {
      trailer = std::move(*found);
      break;
    }
  }
  if (!trailer.is(Object::Type::kDictionary)) return false;
  XrefSection section;
  section.trailer = std::move(trailer);
  sections_.push_back(std::move(section));
  return catalog().is(Object::Type::kDictionary);
}

}  // namespace qianda::signing::pdf
