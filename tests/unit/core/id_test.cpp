#include "core/id.h"

#include <gtest/gtest.h>

namespace qianda::core {

TEST(DocumentId, TextRoundTrips) {
  const DocumentId id = DocumentId::random();
  EXPECT_EQ(id.text().size(), 26u);
  EXPECT_EQ(DocumentId::parse(id.text()), id);
}

TEST(DocumentId, OfAMomentSortsByTimeAndIsRandomBehindIt) {
  const Instant moment{std::chrono::milliseconds(0x0123456789AB)};
  const DocumentId one = DocumentId::at(moment), other = DocumentId::at(moment);
  EXPECT_TRUE(std::equal(one.octets.begin(), one.octets.begin() + 6, other.octets.begin()));
  EXPECT_EQ(one.octets[0], 0x01);
  EXPECT_EQ(one.octets[5], 0xAB);
  EXPECT_NE(one, other);
  EXPECT_LT(one, DocumentId::at(moment + std::chrono::milliseconds(1)));
}

TEST(DocumentId, AllOnesIsTheLargest) {
  DocumentId id;
  id.octets.fill(0xFF);
  EXPECT_EQ(id.text(), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
  EXPECT_EQ(DocumentId::parse("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"), id);
}

TEST(DocumentId, RefusesWhatIsNotOne) {
  EXPECT_FALSE(DocumentId::parse("8ZZZZZZZZZZZZZZZZZZZZZZZZZ"));  // 129 bits
  EXPECT_FALSE(DocumentId::parse("0000000000000000000000000I"));  // no I in the alphabet
  EXPECT_FALSE(DocumentId::parse("0000"));
}

}  // namespace qianda::core
