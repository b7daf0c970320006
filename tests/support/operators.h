// A reader of the few operators a drawing may use: which they are and where their points lie, in hundredths of a point.
#pragma once

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qianda::test {

struct Drawing {
  std::vector<std::string> operators;
  double left = 1e9, right = -1e9, bottom = 1e9, top = -1e9;

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
    EXPECT_EQ(operators.front(), "q");
    EXPECT_EQ(operators.back(), "Q");
    // Paths and graphics state alone: nothing that would need a resource.
    EXPECT_THAT(operators, testing::Each(testing::AnyOf("q", "Q", "cm", "re", "W", "n", "rg", "RG", "w", "J", "m", "l",
                                                        "c", "f", "s", "S")));
  }

  // Within a rectangle of millimetres from the origin.
  bool isWithin(double width, double height) const {
    constexpr double kUnits = 7200 / 25.4, kRounding = 1;
    return left >= -kRounding && bottom >= -kRounding && right <= width * kUnits + kRounding &&
           top <= height * kUnits + kRounding;
  }

 private:
  static std::array<double, 6> product(const std::vector<double>& n, const std::array<double, 6>& m) {
    return {n.at(0) * m[0] + n.at(1) * m[2],        n.at(0) * m[1] + n.at(1) * m[3],
            n.at(2) * m[0] + n.at(3) * m[2],        n.at(2) * m[1] + n.at(3) * m[3],
            n.at(4) * m[0] + n.at(5) * m[2] + m[4], n.at(4) * m[1] + n.at(5) * m[3] + m[5]};
  }
  void add(const std::vector<double>& points, const std::array<double, 6>& m) {
    for (std::size_t i = 0; i + 1 < points.size(); i += 2) {
      const double x = points[i] * m[0] + points[i + 1] * m[2] + m[4];
      const double y = points[i] * m[1] + points[i + 1] * m[3] + m[5];
      left = std::min(left, x), right = std::max(right, x);
      bottom = std::min(bottom, y), top = std::max(top, y);
    }
  }
};

}  // namespace qianda::test
