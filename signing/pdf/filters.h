// Decodes the streams that the file's own structure is kept in: FlateDecode with PNG predictors (ISO 32000-1 7.4.4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "signing/pdf/object.h"

namespace qianda::signing::pdf {

// nullopt: another filter, broken data, or more than limits.h allows. `stream` has a resolved dictionary.
std::optional<std::string> decodeStream(const Object& stream, std::string_view raw);

}  // namespace qianda::signing::pdf
