// The ceremony's rules as data: the steps in their order, the texts people agree to with their versions (a version is
// never changed, only followed by another), and the limits. Constant data and plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace qianda::contracts {

// In this order; each is one evidence event or several (docs/ceremony.md).
enum class Step { kNotice, kIdentity, kCode, kFace, kReading, kStrokes, kWillingness, kSigning, kDone };
std::string_view nameOf(Step step);

struct CeremonyText {
  std::string version, zh, en;
};
// 人社厅发〔2021〕54号 6: what the worker is told before anything else.
const CeremonyText& preSigningNotice();
const CeremonyText& willingnessText();
// What is typed to declare the will to sign.
inline constexpr std::string_view kConfirmation = "我已阅读并同意签署";

struct CeremonyRules {
  bool needsFace = false;
  bool needsCodeForWillingness = false;  // else the typed confirmation
  std::chrono::milliseconds readingPerPage{1000};
  std::chrono::milliseconds codeLifetime = std::chrono::minutes(5);
  std::int64_t codeTries = 5;
  std::chrono::milliseconds resendAfter = std::chrono::seconds(60);
  std::int64_t codesAnHour = 5;   // to one party
  std::int64_t codesADay = 20;    // to one phone
  std::int64_t claimsAnHour = 5;  // wrong statements of who one is
  std::int64_t mostStrokes = 100, mostPoints = 5000, fewestPoints = 8;
  std::size_t largestStrokes = 512 * 1024;                              // octets of JSON
  std::chrono::milliseconds accessLifetime = std::chrono::minutes(30);  // to one's own contracts
};

}  // namespace qianda::contracts
