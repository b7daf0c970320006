// The changes of one incremental update (ISO 32000-1 7.5.6), collected and then written as the octets to append: new
// and changed objects, a cross-reference section of the kind of the last one (table or stream), trailer. Earlier octets
// are never touched. Values are PDF syntax. Belongs to one thread; the document must outlive it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "signing/pdf/document.h"

namespace qianda::signing {

class Update {
 public:
  // Throws kInvalidInput (damaged cross-reference) or kUnsupported (encrypted).
  explicit Update(pdf::Document& document);

  pdf::Document& document() { return document_; }
  std::uint32_t reserve() { return next_++; }
  std::uint32_t add(std::string object);
  void put(std::uint32_t number, std::string object);
  // A stream of these octets; `entries` stand in its dictionary before /Length.
  std::uint32_t addStream(std::string_view entries, std::string_view octets);

  // The entry of an existing dictionary object, added or replaced.
  void setEntry(const pdf::Reference& dictionary, const std::string& key, const std::string& value);
  // One element more in the array that `owner` has under `key`, wherever that array is kept.
  void appendTo(const pdf::Reference& owner, const std::string& key, const std::string& element);
  void replaceIn(const pdf::Reference& owner, const std::string& key, const pdf::Reference& old,
                 const std::string& element);
  // A field of the interactive form, which is made where there is none; and the flags that signatures ask for.
  void addField(std::uint32_t field);
  void markSigned();
  pdf::Reference catalog() const { return document_.trailer()["Root"].reference; }

  struct Appended {
    std::string octets;
    std::map<std::uint32_t, std::size_t> bodies;  // object number -> where its body begins in octets
  };
  Appended finish();

 private:
  struct Change {
    std::uint32_t generation = 0;
    std::map<std::string, std::string> entries;
    std::map<std::string, std::vector<std::string>> grown;  // direct arrays of a dictionary
    std::vector<std::string> elements;                      // of an array object
    std::vector<std::pair<pdf::Reference, std::string>> replaced;
  };
  Change& changeOf(const pdf::Reference& reference);
  std::string textOf(std::uint32_t number, const Change& change);
  std::string grownArray(const pdf::Object& array, const std::vector<std::string>& elements, const Change& change);
  void writeForm();
  std::string trailerEntries() const;
  void writeXrefTable(const std::map<std::uint32_t, std::size_t>& offsets, std::string& out) const;
  void writeXrefStream(std::map<std::uint32_t, std::size_t> offsets, std::size_t xref, std::string& out);

  pdf::Document& document_;
  std::uint32_t next_ = 0;
  std::map<std::uint32_t, std::string> added_;
  std::map<std::uint32_t, Change> changes_;
  std::vector<std::string> fields_;
  bool signed_ = false;
};

std::string referenceText(std::uint32_t number);
std::string referenceText(const pdf::Reference& reference);
// Points with two decimals.
std::string numberText(double value);

}  // namespace qianda::signing
