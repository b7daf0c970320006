// How a typed value reads in the document: 2026年1月31日, 8,500.00, 捌仟伍佰元整 ...
#pragma once

#include <string>

#include "templates/body.h"
#include "templates/field.h"

namespace qianda::templates {

// Appends UTF-8; nothing for an absent value.
void appendValueText(const FieldSpec& spec, const Value& value, FieldFormat::Part part, std::string& out);

}  // namespace qianda::templates
