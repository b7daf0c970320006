// A text file as UTF-8 chunks, whatever it was saved as: UTF-8 with or without a byte order mark, or GB18030. The whole
// file decides: well-formed UTF-8 is UTF-8; else well-formed GB18030 is that; UTF-16 is refused by name. A file that is
// UTF-8 but for a few octets is refused as damaged, not read as GB18030, which would silently give other characters.
// Streams: two passes, a fixed buffer. One thread; throws kNotFound or kSystem where the file cannot be read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qianda::templates {

enum class TextEncoding { kUtf8, kGb18030 };

struct EncodingFault {
  std::uint64_t line = 0;   // 1-based, 0 where the whole file is meant
  std::uint64_t octet = 0;  // 1-based position in the file
  std::string zh, en;       // whole sentences
};

// Follows UTF-8 over chunks.
class Utf8Scanner {
 public:
  void feed(std::string_view chunk);
  void finish();
  std::uint64_t invalid() const { return invalid_; }            // ill-formed sequences
  std::uint64_t firstInvalid() const { return firstInvalid_; }  // 0-based offset of the first
  std::uint64_t sequences() const { return sequences_; }        // well-formed ones of more than one octet

 private:
  void start(unsigned char octet);
  void refuse();

  std::uint64_t offset_ = 0, sequenceStart_ = 0, invalid_ = 0, firstInvalid_ = 0, sequences_ = 0;
  int needed_ = 0;
  unsigned char low_ = 0x80, high_ = 0xBF;  // bounds of the next continuation octet
};

class Gb18030Decoder {
 public:
  Gb18030Decoder();
  ~Gb18030Decoder();
  // Appends UTF-8; false at the first illegal or unassigned sequence, whose offset is then in `invalidAt`.
  bool decode(std::string_view chunk, bool isLast, std::string& out);
  std::uint64_t invalidAt() const { return invalidAt_; }

 private:
  struct Converters;
  std::unique_ptr<Converters> converters_;
  std::uint64_t offset_ = 0, invalidAt_ = 0;
};

class TextFile {
 public:
  // Decides the encoding; where that fails, `fault()` says why and there is no text.
  explicit TextFile(const std::filesystem::path& path);
  ~TextFile();
  const std::optional<EncodingFault>& fault() const { return fault_; }
  TextEncoding encoding() const { return encoding_; }
  // Valid until the next call; empty at the end.
  std::string_view nextChunk();

 private:
  std::string_view readOctets();
  void rewind(std::uint64_t offset);
  void decide();
  void refuse(std::uint64_t offset, const std::string& name);

  std::filesystem::path path_;
  std::ifstream stream_;
  std::vector<char> buffer_;
  std::string decoded_;
  std::unique_ptr<Gb18030Decoder> decoder_;
  TextEncoding encoding_ = TextEncoding::kUtf8;
  std::optional<EncodingFault> fault_;
};

}  // namespace qianda::templates
