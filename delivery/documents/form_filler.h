// Fills one form of the court from texts and tables by field name, through templates::RecordReader; tables go in as
// they are, cell by cell, so that no separator inside a cell splits it. Faults name the field. One use, one thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "templates/fault.h"
#include "templates/record_reader.h"

namespace qianda::delivery {

using TableRows = std::vector<std::vector<std::string>>;

struct FormContents {
  std::map<std::string, std::string, std::less<>> texts;
  std::map<std::string, TableRows, std::less<>> tables;
};

templates::Record fillForm(std::string_view templateId, const FormContents& contents,
                           std::vector<templates::Fault>& faults);

templates::Fault blockingFault(std::string field, std::string value, std::string rule, std::string zh, std::string en);

}  // namespace qianda::delivery
