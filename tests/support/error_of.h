// What the core::Error says that `action` throws: errorOf() as a value ("accepted" when it throws none), messageOf()
// with the expectation that there is one of that code.
#pragma once

#include <string>

#include <gtest/gtest.h>

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

template <typename Action>
std::string messageOf(Action action, core::ErrorCode code) {
  try {
    action();
  } catch (const core::Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

}  // namespace qianda::test
