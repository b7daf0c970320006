#include "core/id.h"

#include <gtest/gtest.h>

namespace qianda::core {

TEST(DocumentId, TextRoundTrips) {
  const DocumentId id = DocumentId::random();
  EXPECT_EQ(id.text().size(), 26u);
  EXPECT_EQ(DocumentId::parse(id.text()), id);
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
