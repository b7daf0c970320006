#include "templates/identity.h"

#include <algorithm>
#include <array>

namespace qianda::templates {
namespace {

constexpr std::size_t kLength = 18;
constexpr std::string_view kUsccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr std::array<unsigned, 17> kUsccWeights{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
constexpr std::array<unsigned, 17> kIdWeights{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};

bool isDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

char residentIdCheckCharacter(std::string_view text) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < kIdWeights.size(); ++i) sum += kIdWeights[i] * static_cast<unsigned>(text[i] - '0');
  return "10X98765432"[sum % 11];
}

ResidentId readResidentId(std::string_view text, core::Date today) {
  if (text.size() == 15 && isDigits(text)) return {IdFault::kOldForm, {}, false};
  if (text.size() != kLength) return {IdFault::kLength, {}, false};
  if (!isDigits(text.substr(0, 17)) || !(isDigits(text.substr(17)) || text[17] == 'X')) {
    return {IdFault::kCharacters, {}, false};
  }
  const auto birth = core::parseDate(text.substr(6, 8));
  if (!birth || *birth > today || static_cast<int>(birth->year()) < 1900) return {IdFault::kBirthDate, {}, false};
  if (residentIdCheckCharacter(text) != text[17]) return {IdFault::kCheckCharacter, *birth, false};
  return {IdFault::kNone, *birth, (text[16] - '0') % 2 == 1};
}

bool isUsccAlphabet(std::string_view text) { return text.find_first_not_of(kUsccAlphabet) == std::string_view::npos; }

char usccCheckCharacter(std::string_view text) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < kUsccWeights.size(); ++i) sum += kUsccWeights[i] * kUsccAlphabet.find(text[i]);
  return kUsccAlphabet[(31 - sum % 31) % 31];
}

bool isUscc(std::string_view text) {
  return text.size() == kLength && isUsccAlphabet(text) && usccCheckCharacter(text) == text[17];
}

std::optional<std::string> canonicalPhone(std::string_view text) {
  std::string digits;
  for (char c : text) {
    if (std::string_view(" -()").find(c) == std::string_view::npos) digits += c;
  }
  if (digits.starts_with("+852") || digits.starts_with("+853")) {
    if (digits.size() != 12 || !isDigits(std::string_view(digits).substr(1))) return std::nullopt;
    return digits.insert(4, "-");
  }
  const bool isInternational = digits.starts_with("+86") || digits.starts_with("0086");
  if (isInternational) digits.erase(0, digits[0] == '+' ? 3 : 4);
  if (digits.size() == 13 && digits.starts_with("86")) digits.erase(0, 2);
  if (digits.empty() || !isDigits(digits)) return std::nullopt;
  const bool isService = digits.size() == 10 && (digits.starts_with("400") || digits.starts_with("800"));
  if (isService || (digits[0] == '1' && digits.size() == 11 && digits[1] >= '3')) return digits;
  if (isInternational && digits[0] != '0') digits.insert(0, 1, '0');
  const std::size_t area = digits.starts_with("01") || digits.starts_with("02") ? 3 : 4;
  const std::size_t local = digits.size() - std::min(area, digits.size());
  if (digits[0] != '0' || digits.starts_with("00") || local < 7 || local > 8 || digits[area] < '2') return std::nullopt;
  return digits.insert(area, "-");
}

}  // namespace qianda::templates
