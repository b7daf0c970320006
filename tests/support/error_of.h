// The message of the core::Error that `action` throws, or "accepted".
#pragma once

#include <string>

#include "core/error.h"

namespace qianda::test {

template <typename Action>
std::string errorOf(Action action, core::ErrorCode code = core::ErrorCode::kInvalidInput) {
  try {
    action();
  } catch (const core::Error& error) {
    return error.code() == code ? error.what() : std::string("another code: ") + error.what();
  }
  return "accepted";
}

}  // namespace qianda::test
