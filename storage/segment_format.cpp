#include "storage/segment_format.h"

#include <algorithm>

#include <libdeflate.h>

namespace qianda::storage {
namespace {

constexpr std::string_view kFileMagic("QDSEG\r\n\x1A", 8);
constexpr std::string_view kRecordMagic = "QREC";

class Writer {
 public:
  explicit Writer(char* at) : begin_(at), at_(at) {}
  void text(std::string_view octets) { at_ = std::copy(octets.begin(), octets.end(), at_); }
  void octets(const auto& array) { at_ = std::copy(array.begin(), array.end(), at_); }
  void number(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) *at_++ = static_cast<char>(value >> (8 * i) & 0xFF);
  }
  void seal() { number(checksum({begin_, static_cast<std::size_t>(at_ - begin_)}), 4); }

 private:
  char* begin_;
  char* at_;
};

class Reader {
 public:
  explicit Reader(std::string_view octets) : rest_(octets) {}
  std::string_view text(std::size_t size) {
    const std::string_view part = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return part;
  }
  void octets(auto& array) {
    const std::string_view part = text(array.size());
    std::copy(part.begin(), part.end(), array.begin());
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value |= std::uint64_t{static_cast<unsigned char>(rest_[i])} << (8 * i);
    }
    rest_.remove_prefix(size);
    return value;
  }

 private:
  std::string_view rest_;
};

bool isSealed(std::string_view octets) {
  const std::size_t body = octets.size() - 4;
  return Reader(octets.substr(body)).number(4) == checksum(octets.substr(0, body));
}

}  // namespace

std::uint32_t checksum(std::string_view octets) { return libdeflate_crc32(0, octets.data(), octets.size()); }

FileHeaderOctets encodeFileHeader(std::uint64_t number) {
  FileHeaderOctets octets{};
  Writer out(octets.data());
  out.text(kFileMagic);
  out.number(kSegmentVersion, 4);
  out.number(number, 8);
  out.seal();
  return octets;
}

std::string fileHeaderProblem(std::string_view octets, std::uint64_t number) {
  if (octets.size() != kFileHeaderOctets) return "file header truncated";
  Reader in(octets);
  if (in.text(kFileMagic.size()) != kFileMagic) return "not a segment file";
  if (!isSealed(octets)) return "file header checksum differs";
  const std::uint64_t version = in.number(4);
  if (version != kSegmentVersion) return "segment format version " + std::to_string(version) + " is not known";
  const std::uint64_t found = in.number(8);
  if (found != number) return "the file is segment " + std::to_string(found);
  return {};
}

RecordHeaderOctets encode(const RecordHeader& header) {
  RecordHeaderOctets octets{};
  Writer out(octets.data());
  out.text(kRecordMagic);
  out.number(static_cast<std::uint32_t>(header.type), 4);
  out.number(header.length, 8);
  out.octets(header.prefix);
  out.octets(header.id.octets);
  out.octets(header.batch.octets);
  out.number(header.row, 8);
  out.number(static_cast<std::uint64_t>(header.createdMs), 8);
  out.number(header.payloadChecksum, 4);
  out.seal();
  return octets;
}

std::optional<RecordHeader> decodeRecordHeader(std::string_view octets) {
  if (octets.size() != kRecordHeaderOctets || !isSealed(octets)) return std::nullopt;
  Reader in(octets);
  if (in.text(kRecordMagic.size()) != kRecordMagic) return std::nullopt;
  const std::uint64_t type = in.number(4);
  if (type < static_cast<std::uint32_t>(RecordType::kDocument) ||
      type > static_cast<std::uint32_t>(RecordType::kErased)) {
    return std::nullopt;
  }
  RecordHeader header;
  header.type = static_cast<RecordType>(type);
  header.length = in.number(8);
  in.octets(header.prefix);
  in.octets(header.id.octets);
  in.octets(header.batch.octets);
  header.row = in.number(8);
  header.createdMs = static_cast<std::int64_t>(in.number(8));
  header.payloadChecksum = static_cast<std::uint32_t>(in.number(4));
  return header;
}

}  // namespace qianda::storage
