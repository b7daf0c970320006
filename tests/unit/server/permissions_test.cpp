#include "server/accounts/permissions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"

namespace qianda::server {
namespace {

TEST(Permissions, EveryRoleNamesAKindAndPermissionsThatExist) {
  std::set<std::string> known, used{"account:write"};  // every user's, in no table
  for (const Permission& permission : permissions()) EXPECT_TRUE(known.insert(permission.name).second);
  const std::set<std::string> kinds(organisationKinds().begin(), organisationKinds().end());
  for (const Role& role : roles()) {
    EXPECT_TRUE(kinds.contains(role.kind)) << role.kind;
    for (const std::string& name : role.permissions) {
      EXPECT_TRUE(known.contains(name)) << role.kind << "/" << role.name << " names " << name;
      used.insert(name);
    }
  }
  EXPECT_EQ(used, known) << "a permission nobody has";
}

TEST(Permissions, TheFirstRoleOfAKindMayCreateUsers) {
  for (const std::string& kind : organisationKinds()) {
    EXPECT_TRUE(firstRole(kind).permissions.contains("users:write")) << kind;
  }
}

TEST(Permissions, NobodyBothProposesAndApprovesGrantsOfSeals) {
  for (const Role& role : roles()) {
    EXPECT_FALSE(role.permissions.contains("seals:grant") && role.permissions.contains("seals:approve")) << role.name;
  }
}

TEST(Permissions, RolesOfSealsAndOfTheOperatorNeedASecondFactor) {
  for (const Role& role : roles()) {
    if (role.kind == "operator" || role.permissions.contains("seals:grant") ||
        role.permissions.contains("seals:approve")) {
      EXPECT_TRUE(role.needsSecondFactor) << role.kind << "/" << role.name;
    }
  }
}

TEST(Permissions, ARoleOfAnotherKindIsNotFound) {
  EXPECT_NE(findRole("enterprise", "hr"), nullptr);
  EXPECT_EQ(findRole("bureau", "hr"), nullptr);
}

TEST(Permissions, AreInTheManualAsTheyAreInTheCode) {
  const std::string manual = core::readFile(QIANDA_SOURCE_DIR "/docs/accounts.md");
  std::size_t rows = 0;
  for (const Role& role : roles()) {
    std::string names;
    for (const std::string& name : role.permissions) names += (names.empty() ? "`" : ", `") + name + "`";
    EXPECT_THAT(manual, testing::HasSubstr("| " + role.kind + " | " + role.name + " | " +
                                           (role.needsSecondFactor ? "yes" : "") + " | " + names + " |\n"));
  }
  for (const std::string& kind : organisationKinds()) {
    for (std::size_t at = 0; (at = manual.find("\n| " + kind + " | ", at)) != std::string::npos; ++at) ++rows;
  }
  EXPECT_EQ(rows, roles().size()) << "a role that is no more";
  for (const Permission& permission : permissions()) {
    EXPECT_THAT(manual, testing::HasSubstr("| `" + permission.name + "` | " + permission.meaning + " |\n"));
  }
}

}  // namespace
}  // namespace qianda::server
