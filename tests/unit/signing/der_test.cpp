#include "signing/asn1/der.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace qianda::signing::der {
namespace {

std::string hex(const core::Bytes& bytes) { return core::toHex(bytes); }

TEST(Der, WritesIntegersInTheFewestOctetsAndNeverNegative) {
  EXPECT_EQ(hex(integer(0)), "020100");
  EXPECT_EQ(hex(integer(127)), "02017f");
  EXPECT_EQ(hex(integer(128)), "02020080");
  EXPECT_EQ(hex(integer(256)), "02020100");
  EXPECT_EQ(hex(integer(UINT64_MAX)), "020900ffffffffffffffff");
}

TEST(Der, WritesObjectIdentifiers) {
  EXPECT_EQ(hex(objectIdentifier("1.2.840.113549.1.7.2")), "06092a864886f70d010702");
  EXPECT_EQ(hex(objectIdentifier("2.16.840.1.101.3.4.2.1")), "0609608648016503040201");
  EXPECT_EQ(hex(objectIdentifier("2.999.3")), "0603883703");  // X.690 8.19.5
  EXPECT_EQ(hex(objectIdentifier("0.9.0")), "06020900");
  for (const char* wrong : {"", "1", "1.", ".1", "1..2", "3.1", "1.40", "1.2.x", "1.-2", "1.2 "}) {
    EXPECT_THROW(objectIdentifier(wrong), core::Error) << wrong;
  }
}

TEST(Der, LengthsChangeFormAt128And256And65536) {
  for (const auto& [length, header] : {std::pair<std::size_t, const char*>{127, "047f"},
                                       {128, "048180"},
                                       {255, "0481ff"},
                                       {256, "04820100"},
                                       {65535, "0482ffff"},
                                       {65536, "0483010000"}}) {
    const core::Bytes bytes = octetString(core::Bytes(length));
    EXPECT_EQ(hex(bytes).substr(0, 2 * headerSize(length)), header);
    EXPECT_EQ(bytes.size(), elementSize(length));
  }
}

TEST(Der, SetOfIsSortedByEncoding) {
  EXPECT_EQ(hex(setOf({integer(300), integer(2), octetString({}), integer(1)})), "310c0201010201020202012c0400");
  EXPECT_EQ(hex(setOf({integer(2), integer(1)}, contextTag(0))), "a006020101020102");
}

TEST(Der, ContextTags) {
  EXPECT_EQ(contextTag(0), 0xA0);
  EXPECT_EQ(contextTag(4), 0xA4);
  EXPECT_EQ(contextTag(1, false), 0x81);
}

}  // namespace
}  // namespace qianda::signing::der
