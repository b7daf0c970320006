// What a case file itself says to the fields of the court's forms, by field name: names, dates of its events, tables of
// parties and panel. A person's identity number is shown with its middle covered, except to that person on its own
// address form; phones appear there alone. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "delivery/cases/case_file.h"

namespace qianda::delivery {

struct CaseView {
  const CaseFile& file;
  const CaseParty& recipient;
  core::Date day;  // of the document: agents whose authority holds then
};

struct CaseValue {
  std::string_view name;
  std::string (*text)(const CaseView& view) = nullptr;                            // "" when the case does not say
  std::vector<std::vector<std::string>> (*rows)(const CaseView& view) = nullptr;  // of a list, instead of text
  bool mayBeSaidAnew = false;  // an entered value goes before the case's
};

bool holdsOn(const CaseAgent& agent, core::Date day);

const CaseValue* findCaseValue(std::string_view name);

// "林示例", "林示例、何示例", "林示例等12人" of ten or more.
std::string partyNames(const CaseFile& file, std::string_view role);
std::string_view standingZh(std::string_view role);
// All but the first three and last four characters covered; a unified social credit code is public and stays.
std::string coveredIdentity(const CaseParty& party);

}  // namespace qianda::delivery
