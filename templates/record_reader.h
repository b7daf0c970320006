// From the cells of one row to a Record: each field is typed, its condition judged, its default applied. Fields are
// visited so that a condition (or the kind of an identity document) is known before the fields that depend on it; where
// it depends on a faulty cell, the field is typed but not demanded; a value where the condition does not hold is left
// out, with a warning that names it. Immutable and shared by threads; the Template must outlive it.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "templates/fault.h"
#include "templates/field_value.h"
#include "templates/template.h"

namespace qianda::templates {

struct FieldCell {
  std::string_view text;
  std::size_t column = 0;   // 1-based, 0 if the roster has no such column
  bool isReported = false;  // its absence is a fault of the header already
};

class RecordReader {
 public:
  // Throws kInvalidInput if a bound or default is not of its field's type, or conditions depend on each other in a
  // circle.
  explicit RecordReader(const Template& form);
  // `cells` is indexed like the fields. Appends every fault of the row, in the order of the columns.
  Record read(std::uint64_t row, const std::vector<FieldCell>& cells, std::vector<Fault>& faults) const;

 private:
  void orderFields(const Template& form);

  const Template* form_;
  std::vector<FieldReader> readers_;
  std::vector<std::size_t> order_;
  std::vector<std::vector<std::size_t>> conditionFields_;
  std::vector<std::size_t> idTypes_;  // the field that names the kind of document, or npos
};

// The label people know the field by, in Chinese or English, or its name.
std::string_view labelZh(const FieldSpec& spec);
std::string_view labelEn(const FieldSpec& spec);

}  // namespace qianda::templates
