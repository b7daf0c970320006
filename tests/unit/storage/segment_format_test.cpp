#include "storage/segment_format.h"

#include <gtest/gtest.h>

#include "core/bytes.h"

namespace qianda::storage {
namespace {

std::string_view textOf(const auto& octets) { return {octets.data(), octets.size()}; }
std::string hexOf(std::string_view octets) { return core::toHex(core::viewOf(octets)); }

RecordHeader sample() {
  RecordHeader header;
  header.length = 0x0102030405060708;
  header.prefix.fill(0xAA);
  header.id.octets.fill(0xBB);
  header.batch.octets.fill(0xCC);
  header.row = 7;
  header.createdMs = 9;
  header.payloadChecksum = 0x11223344;
  return header;
}

}  // namespace

TEST(SegmentFormat, ChecksumIsTheUsualCrc32) { EXPECT_EQ(checksum("123456789"), 0xCBF43926u); }

TEST(SegmentFormat, FileHeaderIsAsDocumented) {
  const FileHeaderOctets header = encodeFileHeader(258);
  EXPECT_EQ(hexOf(textOf(header).substr(0, 20)),
            "51445345470d0a1a"
            "01000000"
            "0201000000000000");
  EXPECT_EQ(fileHeaderProblem(textOf(header), 258), "");
}

TEST(SegmentFormat, FileHeaderNamesWhatIsWrong) {
  FileHeaderOctets header = encodeFileHeader(1);
  EXPECT_EQ(fileHeaderProblem(textOf(header), 2), "the file is segment 1");
  EXPECT_EQ(fileHeaderProblem(textOf(header).substr(1), 1), "file header truncated");
  header[13] ^= 1;
  EXPECT_EQ(fileHeaderProblem(textOf(header), 1), "file header checksum differs");
  header[0] ^= 1;
  EXPECT_EQ(fileHeaderProblem(textOf(header), 1), "not a segment file");
}

TEST(SegmentFormat, RecordHeaderIsAsDocumented) {
  const RecordHeaderOctets octets = encode(sample());
  EXPECT_EQ(hexOf(textOf(octets).substr(0, 16)),
            "51524543"
            "01000000"
            "0807060504030201");
  EXPECT_EQ(hexOf(textOf(octets).substr(80, 20)),
            "0700000000000000"
            "0900000000000000"
            "44332211");
}

TEST(SegmentFormat, RecordHeaderRoundTrips) {
  const auto decoded = decodeRecordHeader(textOf(encode(sample())));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->length, sample().length);
  EXPECT_EQ(decoded->prefix, sample().prefix);
  EXPECT_EQ(decoded->id, sample().id);
  EXPECT_EQ(decoded->batch, sample().batch);
  EXPECT_EQ(decoded->row, sample().row);
  EXPECT_EQ(decoded->createdMs, sample().createdMs);
  EXPECT_EQ(decoded->payloadChecksum, sample().payloadChecksum);
}

TEST(SegmentFormat, AnyFlippedBitOfARecordHeaderIsFound) {
  RecordHeaderOctets octets = encode(sample());
  for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
    octets[bit / 8] = static_cast<char>(octets[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(decodeRecordHeader(textOf(octets))) << bit;
    octets[bit / 8] = static_cast<char>(octets[bit / 8] ^ 1 << bit % 8);
  }
}

TEST(SegmentFormat, AnUnknownRecordTypeIsNoRecord) {
  RecordHeader header = sample();
  header.type = static_cast<RecordType>(4);
  EXPECT_FALSE(decodeRecordHeader(textOf(encode(header))));
}

}  // namespace qianda::storage
