// docs/court-documents.md has a row for every kind and every step, exactly as the tables say.
#include <gtest/gtest.h>

#include "core/file.h"
#include "delivery/documents/step_sets.h"

namespace qianda::delivery {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out.empty() ? "–" : out;
}
std::string joined(const std::vector<std::string_view>& words) {
  return joined(std::vector<std::string>(words.begin(), words.end()));
}

// `name` for a demanded value, `name`? for one that may be left out.
std::string valuesOf(const DocumentKind& kind) {
  std::vector<std::string> words;
  for (const templates::FieldSpec* spec : enteredValues(kind)) {
    const bool isDemanded = spec->required && !spec->defaultText && !spec->condition;
    if (spec->name == "issued_on" || spec->name == "court_phone" || spec->name == "court_address") continue;
    words.push_back("`" + spec->name + "`" + (isDemanded ? "" : "?"));
  }
  return joined(words);
}

std::string rowOf(const DocumentKind& kind) {
  std::vector<std::string> notes;
  if (kind.isConcluding) notes.push_back("concluding");
  if (kind.lightService == LightService::kForbidden) notes.push_back("no light service");
  if (kind.lightService == LightService::kNoDefault) notes.push_back("light service supports no default");
  if (!kind.allowsPublicNotice) notes.push_back("never 公告, never 留置");
  if (!kind.isAddressed) notes.push_back("same words for all");
  if (kind.servedAs != kind.name) notes.push_back("served as `" + std::string(kind.servedAs) + "`");
  for (const std::string_view key : kind.serviceStarts) notes.push_back("starts `" + std::string(key) + "`");
  return "| `" + std::string(kind.name) + "` | " + std::string(kind.titleZh) + " | " + joined(kind.recipients) + " | " +
         valuesOf(kind) + " | " + joined(notes) + " |";
}

std::string rowOf(const StepSet& step) {
  std::vector<std::string> documents;
  for (const StepDocument& document : step.documents) {
    const char* when = document.condition == StepCondition::kNoConfirmedAddress ? " if no confirmed address"
                       : document.condition == StepCondition::kPanelIsSet       ? " if set and not told"
                                                                                : "";
    std::string roles;
    for (const std::string_view role : document.roles) roles += (roles.empty() ? "" : " + ") + std::string(role);
    documents.push_back("`" + std::string(document.kind) + "` → " + roles + when);
  }
  const std::string event = step.event.empty() ? "–" : "`" + std::string(step.event) + "`";
  return "| `" + std::string(step.name) + "` | " + std::string(step.titleZh) + " | " + joined(documents) + " | " +
         joined(step.states) + " | " + event + " |";
}

}  // namespace

TEST(CourtDocumentsGuide, HasARowForEveryKindAndEveryStep) {
  const std::string guide = core::readFile(QIANDA_SOURCE_DIR "/docs/court-documents.md", 1 << 20);
  for (const DocumentKind& kind : documentKinds()) {
    EXPECT_NE(guide.find(rowOf(kind) + "\n"), std::string::npos) << rowOf(kind);
  }
  for (const StepSet& step : stepSets()) {
    EXPECT_NE(guide.find(rowOf(step) + "\n"), std::string::npos) << rowOf(step);
  }
}

}  // namespace qianda::delivery
