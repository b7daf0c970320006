// The octets of a segment file: one file header, then groups of records, header and groups each filled up with zeros to
// a whole block of 4096, so that no committed octet is ever written again. Records of a group are back to back. All
// integers are little-endian; checksums are CRC-32 (ISO 3309, as in gzip). A record names everything its catalogue row
// says, so that a segment can be read without the catalogue. The format is written down in docs/storage.md; change
// kSegmentVersion with it.
//
//   file header (24):   magic "QDSEG\r\n\x1A" (8) | version u32 | segment number u64 | CRC-32 of the 20 octets before
//   record header (104): magic "QREC" | type u32 | payload length u64 | prefix SHA-256 (32) | document id (16) |
//                        batch id (16) | row u64 | created ms u64 | CRC-32 of payload | CRC-32 of the 100 octets before
//   payload:            the prefix, or the document's tail
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/id.h"
#include "storage/document_store.h"

namespace qianda::storage {

constexpr std::uint32_t kSegmentVersion = 1;
constexpr std::size_t kFileHeaderOctets = 24;
constexpr std::size_t kRecordHeaderOctets = 104;

// Of an erased record the payload is zeros, whichever it was.
enum class RecordType : std::uint32_t { kDocument = 1, kPrefix = 2, kErased = 3 };

struct RecordHeader {
  RecordType type = RecordType::kDocument;
  std::uint64_t length = 0;
  Sha256 prefix{};      // of the document's prefix, or of the prefix itself
  core::DocumentId id;  // the rest is zero for a prefix
  core::DocumentId batch;
  std::uint64_t row = 0;
  std::int64_t createdMs = 0;
  std::uint32_t payloadChecksum = 0;
};

using FileHeaderOctets = std::array<char, kFileHeaderOctets>;
using RecordHeaderOctets = std::array<char, kRecordHeaderOctets>;

std::uint32_t checksum(std::string_view octets);

FileHeaderOctets encodeFileHeader(std::uint64_t number);
// Empty when it is the header of segment `number`, else what is wrong with it.
std::string fileHeaderProblem(std::string_view octets, std::uint64_t number);

RecordHeaderOctets encode(const RecordHeader& header);
// Nothing when the magic, the type or the checksum is wrong.
std::optional<RecordHeader> decodeRecordHeader(std::string_view octets);

}  // namespace qianda::storage
