#include "signing/seal/seal_appearance.h"

#include <array>
#include <cmath>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace qianda::signing {
namespace {

using core::Error;
using testing::AllOf;
using testing::HasSubstr;

// A reader of the few operators a seal may use: where its points lie, in hundredths of a point.
struct Drawing {
  std::vector<std::string> operators;
  double low = 0, high = 0;

  explicit Drawing(const std::string& content) {
    std::vector<std::array<double, 6>> saved;
    std::array<double, 6> matrix{100, 0, 0, 100, 0, 0};
    std::vector<double> numbers;
    std::istringstream words(content);
    for (std::string word; words >> word;) {
      char* end = nullptr;
      const double value = std::strtod(word.c_str(), &end);
      if (*end == '\0') {
        numbers.push_back(value);
        continue;
      }
      if (word == "q") saved.push_back(matrix);
      if (word == "Q") matrix = saved.back(), saved.pop_back();
      if (word == "cm") matrix = product(numbers, matrix);
      if (word == "m" || word == "l" || word == "c") add(numbers, matrix);
      operators.push_back(word);
      numbers.clear();
    }
    EXPECT_TRUE(saved.empty() && numbers.empty());
  }

 private:
  static std::array<double, 6> product(const std::vector<double>& n, const std::array<double, 6>& m) {
    return {n.at(0) * m[0] + n.at(1) * m[2],        n.at(0) * m[1] + n.at(1) * m[3],
            n.at(2) * m[0] + n.at(3) * m[2],        n.at(2) * m[1] + n.at(3) * m[3],
            n.at(4) * m[0] + n.at(5) * m[2] + m[4], n.at(4) * m[1] + n.at(5) * m[3] + m[5]};
  }
  void add(const std::vector<double>& points, const std::array<double, 6>& m) {
    for (std::size_t i = 0; i + 1 < points.size(); i += 2) {
      for (std::size_t axis : {0, 1}) {
        const double value = points[i] * m[axis] + points[i + 1] * m[axis + 2] + m[axis + 4];
        low = std::min(low, value);
        high = std::max(high, value);
      }
    }
  }
};

std::string errorOf(const std::string& name) {
  try {
    drawSeal({SealKind::kCompany, name, true});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), core::ErrorCode::kInvalidInput);
    return error.what();
  }
  ADD_FAILURE() << "accepted: " << name;
  return {};
}

std::string repeated(const std::string& text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

TEST(SealAppearance, IsMadeOfPathsAloneInsideItsSquare) {
  for (const SealKind kind :
       {SealKind::kCompany, SealKind::kContract, SealKind::kPersonnel, SealKind::kUnion, SealKind::kAuthority}) {
    for (int length : {1, 2, 4, 9, 16, 28, 40}) {
      const SealAppearance seal = drawSeal({kind, repeated("鑫", length), true});
      const Drawing drawing(seal.content);
      EXPECT_THAT(drawing.operators, testing::Each(testing::AnyOf("q", "Q", "cm", "re", "W", "n", "rg", "RG", "w", "m",
                                                                  "l", "c", "f", "s")));
      EXPECT_EQ(drawing.operators.front(), "q");
      EXPECT_EQ(drawing.operators.back(), "Q");
      EXPECT_GE(drawing.low, 0) << length;
      EXPECT_LE(drawing.high, std::lround(seal.sizeMm * 72 / 25.4 * 100)) << length;
      EXPECT_LT(seal.content.size(), 3'000u + 3'000u * static_cast<std::size_t>(length + 5)) << "鑫 is three 金";
    }
  }
}

TEST(SealAppearance, HasTheSizesOfItsKind) {
  EXPECT_EQ(drawSeal({SealKind::kCompany, "甲", true}).sizeMm, 40);
  EXPECT_EQ(drawSeal({SealKind::kContract, "甲", true}).sizeMm, 40);
  EXPECT_EQ(drawSeal({SealKind::kPersonnel, "甲", true}).sizeMm, 40);
  EXPECT_EQ(drawSeal({SealKind::kUnion, "甲", true}).sizeMm, 42);
  EXPECT_EQ(drawSeal({SealKind::kAuthority, "甲", true}).sizeMm, 42);
}

TEST(SealAppearance, TheSameDesignGivesTheSameOctets) {
  const SealDesign design{SealKind::kContract, "珠海示例科技有限公司", true};
  EXPECT_EQ(drawSeal(design).content, drawSeal(design).content);
  EXPECT_NE(drawSeal(design).content, drawSeal({SealKind::kContract, "珠海示例科技有限公司", false}).content);
}

TEST(SealAppearance, DrawsRareCharactersWithTheFallbackFonts) {
  EXPECT_NO_THROW(drawSeal({SealKind::kCompany, "㼆䶮𠮷𬭸𪜀ABC（珠海）有限公司", true}));
}

TEST(SealAppearance, RefusesWhatItCannotDraw) {
  EXPECT_THAT(errorOf(""), HasSubstr("needs a name"));
  EXPECT_THAT(errorOf(" \u3000"), HasSubstr("needs a name"));
  EXPECT_THAT(errorOf(repeated("字", 41)), AllOf(HasSubstr("41"), HasSubstr("40")));
  EXPECT_THAT(errorOf("甲\U0001F9FF公司"), HasSubstr("U+1F9FF"));
  EXPECT_THAT(errorOf("\xE7\x8F"), HasSubstr("UTF-8"));
}

}  // namespace
}  // namespace qianda::signing
