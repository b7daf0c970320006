// The JSON objects of audit entries and events, under the names the rooms of contracts use.
#pragma once

#include "core/json_text.h"

namespace qianda::contracts {

using core::Detail;
using core::jsonOf;
using core::jsonText;

}  // namespace qianda::contracts
