// Pages as pictures and as text, by poppler: within limits, kept for a while and no longer.
#include "server/page_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_of.h"
#include "tests/support/plain_pdf.h"

namespace qianda::server {
namespace {

using core::ErrorCode;
using testing::HasSubstr;

std::string wordsPdf(const std::string& words, const std::string& box = "[0 0 300 600]") {
  return test::pdfOf({"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                      "<</Type/Page/Parent 2 0 R/MediaBox" + box + "/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R>>",
                      test::streamOf("BT /F 20 Tf 20 300 Td (" + words + ") Tj ET"),
                      "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"});
}

std::uint32_t bigEndian(const std::string& octets, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(octets.at(at + i));
  return value;
}

class PageImagesTest : public testing::Test {
 protected:
  core::Instant now = core::now();
  PageImages images{[this] { return now; }};
};

TEST_F(PageImagesTest, APageIsAPictureOfPhoneWidthAndAText) {
  const std::string pdf = wordsPdf("Hello worker");
  const std::string picture = images.picture("a", pdf, 1);
  EXPECT_TRUE(picture.starts_with("\x89PNG")) << picture.substr(0, 8);
  EXPECT_EQ(bigEndian(picture, 16), 1080u);
  EXPECT_EQ(bigEndian(picture, 20), 2160u);
  EXPECT_THAT(images.text("a", pdf, 1), HasSubstr("Hello worker"));
}

TEST_F(PageImagesTest, WhatIsNoPageOrNoPdfIsRefused) {
  test::messageOf([&] { images.picture("a", wordsPdf("x"), 2); }, ErrorCode::kNotFound);
  test::messageOf([&] { images.text("a", wordsPdf("x"), 2); }, ErrorCode::kNotFound);
  test::messageOf([&] { images.picture("a", "no PDF", 1); }, ErrorCode::kUnavailable);
}

TEST_F(PageImagesTest, APageTooLargeForItsLimitsIsRefusedAndHarmsNothing) {
  test::messageOf([&] { images.picture("a", wordsPdf("x", "[0 0 1 14400]"), 1); }, ErrorCode::kUnavailable);
  test::messageOf([&] { images.picture("a", wordsPdf("x", "[0 0 10 1000]"), 1); }, ErrorCode::kUnavailable);
  PageImages::Limits limits;
  limits.largest = 100;
  PageImages small(limits, core::now);
  test::messageOf([&] { small.picture("a", wordsPdf("x"), 1); }, ErrorCode::kUnavailable);
  EXPECT_FALSE(images.picture("a", wordsPdf("x"), 1).empty());
}

TEST_F(PageImagesTest, WhatWasMadeIsKeptForAWhileAndDroppedWithItsSubject) {
  const std::string pdf = wordsPdf("x");
  const std::string first = images.picture("a", pdf, 1);
  EXPECT_EQ(images.picture("a", pdf, 1), first);
  EXPECT_EQ(images.made(), 1u);
  images.picture("ab", pdf, 1);
  EXPECT_EQ(images.made(), 2u) << "another's is another";
  images.forget("a");
  EXPECT_EQ(images.weight(), first.size()) << "only a's was dropped";
  images.picture("a", pdf, 1);
  EXPECT_EQ(images.made(), 3u);
  now += std::chrono::minutes(11);
  images.picture("c", pdf, 1);
  EXPECT_EQ(images.weight(), first.size()) << "the old ones are gone";
}

TEST_F(PageImagesTest, TheWeightKeptIsBounded) {
  PageImages::Limits limits;
  const std::string pdf = wordsPdf("x");
  limits.kept = images.picture("a", pdf, 1).size() * 2;
  PageImages bounded(limits, core::now);
  for (const char* subject : {"a", "b", "c", "d"}) bounded.picture(subject, pdf, 1);
  EXPECT_EQ(bounded.weight(), limits.kept);
}

}  // namespace
}  // namespace qianda::server
