// Writes the objects of a document's tail behind a frozen prefix and remembers where they stand, for the
// cross-reference table (ISO 32000-1 7.3.10, 7.5.4). Numbers start behind the prefix's. Appends to a string it does not
// own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace qianda::templates::pdf {

class TailWriter {
 public:
  // `prefixOctets`: where the tail starts in the file; `firstObject`: the number behind the prefix's last.
  TailWriter(std::size_t prefixOctets, std::uint32_t firstObject)
      : prefixOctets_(prefixOctets), firstObject_(firstObject) {}

  // Starts a document; numbers below `nextFree` are used by their names, allocate() hands out the rest.
  void begin(std::string& out, std::uint32_t nextFree);
  std::uint32_t allocate() { return next_++; }
  void beginObject(std::uint32_t number);
  void endObject();
  // A stream whose dictionary holds `entries` and the length, which endStream() fills in.
  void beginStream(std::uint32_t number, std::string_view entries);
  void endStream();
  // Table, trailer and end; `prefixLines` are the prefix's lines of the table.
  void finish(std::string_view prefixLines, std::string_view trailerEntries);

 private:
  std::size_t prefixOctets_;
  std::uint32_t firstObject_;
  std::string* out_ = nullptr;
  std::uint32_t next_ = 0;
  std::vector<std::size_t> offsets_;  // of object firstObject_ + i in the file
  std::size_t lengthAt_ = 0, streamAt_ = 0;
};

}  // namespace qianda::templates::pdf
