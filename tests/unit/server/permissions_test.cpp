#include "server/accounts/permissions.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace qianda::server
