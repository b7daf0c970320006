// The documents an arbitration court issues (仲裁文书) as a table: what each is called, the form it is printed from,
// whom it goes to, and what the law of service asks of it. 调解仲裁法 29, 30, 32, 35, 42-50; 办案规则 20, 60; 民诉法
// 95; docs/court-documents.md is this table for people. Immutable; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "templates/template.h"

namespace qianda::delivery {

// What 简易处理 allows: telephone, SMS, fax and e-mail serve everything but 调解书 and 裁决书, and a hearing told that
// way and never confirmed supports no default (办案规则 60).
enum class LightService { kAllowed, kNoDefault, kForbidden };

struct DocumentKind {
  std::string_view name;  // "hearing_notice"
  std::string_view titleZh, titleEn;
  std::string_view templateId;               // getCourtTemplate
  std::vector<std::string_view> recipients;  // roles of CaseParty; empty: no document of a step
  bool isConcluding = false;                 // 结案类
  bool isMediationStatement = false;  // 调解书: the party itself or its designated recipient, never 留置 or 公告
  LightService lightService = LightService::kAllowed;
  bool allowsPublicNotice = true;
  bool isAddressed = true;    // names its recipient; otherwise every party's copy has the same words
  std::string_view servedAs;  // "document" of the case's "served" event: its own name, or what it brings along
  // Keys of the deadlines of the clock (clock.h) that its service starts for the recipient.
  std::vector<std::string_view> serviceStarts;
};

const std::vector<DocumentKind>& documentKinds();
const DocumentKind* findDocumentKind(std::string_view name);
const DocumentKind& getDocumentKind(std::string_view name);  // throws kNotFound

// The values its form asks for that the case file cannot give or whose day, hour or place may be said anew: to be
// entered by the clerk. Their types, labels and conditions are the form's.
std::vector<const templates::FieldSpec*> enteredValues(const DocumentKind& kind);

std::string_view nameOf(LightService service);

}  // namespace qianda::delivery
