// A PDF file as its cross-reference sections describe it (ISO 32000-1 7.5): tables, streams, hybrids, object streams,
// linearised files, any number of revisions. Reads lazily, copies nothing of the file, which must outlive the document.
// Belongs to one thread. Bad structure is an OpenError or a null object, never a crash.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "signing/pdf/object.h"

namespace qianda::signing::pdf {

struct XrefEntry {
  enum class Kind : std::uint8_t { kFree, kInFile, kInStream };
  Kind kind = Kind::kFree;
  std::uint64_t offset = 0;      // in the file, or the number of the object stream
  std::uint32_t generation = 0;  // or the index within the object stream
  bool operator==(const XrefEntry&) const = default;
};

struct XrefSection {
  std::size_t offset = 0;  // of "xref" or of the stream object
  bool isStream = false;
  bool isAmbiguous = false;  // it names an object twice, in different ways: readers differ in which they take
  Object trailer;            // dictionary
};

struct OpenError {
  std::string reason;  // one English sentence
};

class Document {
 public:
  static std::variant<Document, OpenError> open(std::string_view file);

  std::string_view file() const { return file_; }
  // Newest first.
  const std::vector<XrefSection>& sections() const { return sections_; }
  const Object& trailer() const { return sections_.front().trailer; }
  // The cross-reference was unusable and objects were found by scanning: good for looking, not for appending.
  bool isReconstructed() const { return reconstructed_; }
  bool isEncrypted() const { return !trailer()["Encrypt"].is(Object::Type::kNull); }
  const std::map<std::uint32_t, XrefEntry>& entries() const { return entries_; }
  std::uint32_t largestNumber() const { return entries_.empty() ? 0 : entries_.rbegin()->first; }

  // The object of that number, or null. Valid as long as the document.
  const Object& object(std::uint32_t number);
  // Follows references (to a bounded depth).
  const Object& resolve(const Object& object);
  const Object& get(const Object& dictionary, std::string_view key) { return resolve(dictionary[key]); }
  const Object& catalog() { return resolve(trailer()["Root"]); }
  // A stream's raw octets; empty when they are out of bounds or the stream is not of this file.
  std::string_view rawStream(const Object& stream);

 private:
  explicit Document(std::string_view file) : file_(file), searchBudget_(16 * file.size() + (1u << 20)) {}
  std::optional<std::string> readSections();
  using Entries = std::map<std::uint32_t, XrefEntry>;
  std::optional<std::string> readTable(std::size_t offset, XrefSection& section, Entries& entries);
  std::optional<std::string> readXrefStream(std::size_t offset, XrefSection& section, Entries& entries);
  std::optional<std::string> readAnySection(std::size_t offset, XrefSection& section);
  bool reconstruct();
  Object readInFile(std::uint32_t number, const XrefEntry& entry);
  Object readInStream(std::uint32_t number, const XrefEntry& entry);
  void delimitStream(Object& stream);
  bool spend(std::size_t octets);  // of the search budget; false when it is used up

  struct ObjectStream {
    std::string text;
    std::vector<std::pair<std::uint32_t, std::size_t>> offsets;  // by index: object number, offset in text
  };
  ObjectStream* objectStream(std::uint32_t number);

  std::string_view file_;
  std::vector<XrefSection> sections_;
  std::map<std::uint32_t, XrefEntry> entries_;
  bool reconstructed_ = false;
  std::unordered_map<std::uint32_t, Object> objects_;
  std::unordered_map<std::uint32_t, ObjectStream> objectStreams_;
  std::set<std::uint32_t> reading_;
  std::size_t searchBudget_;  // octets that mending may scan, so that damage cannot cost quadratic time
};

// Where the last "startxref" of the text points, if it names a number.
std::optional<std::size_t> findStartXref(std::string_view file);

}  // namespace qianda::signing::pdf
