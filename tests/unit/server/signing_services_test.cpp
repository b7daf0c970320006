#include "server/signing_services.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/signing_key.h"
#include "signing/pades/revision_writer.h"
#include "signing/trust/timestamp_protocol.h"
#include "signing/verify/verifier.h"
#include "tests/support/error_of.h"
#include "tests/support/plain_pdf.h"
#include "tests/support/process.h"

namespace qianda::server {
namespace {

namespace fs = std::filesystem;

SigningSettings settingsIn(const test::TempFolder& folder) {
  SigningSettings settings;
  settings.dataFolder = folder / "data";
  return settings;
}

signing::Credential sealOf(const SigningServices& services, const std::string& file) {
  signing::CertificateOrder order;
  order.profile = "company-seal";
  order.subject = {"示例公司", "示例公司"};
  signing::issueWithKey(services.issuer(), "p256", order, file, "secret");
  return signing::loadPkcs12(file, "secret");
}

TEST(SigningServices, MakesADevelopmentPkiOnTheFirstStartAndFindsItOnTheNext) {
  const test::TempFolder folder;
  core::Bytes root;
  {
    const SigningServices first(settingsIn(folder));
    EXPECT_TRUE(first.isDevelopment());
    EXPECT_THAT(first.describe(), testing::HasSubstr("DEVELOPMENT"));
    ASSERT_EQ(first.anchors().certificates.size(), 1u);
    root = first.anchors().certificates.front();
  }
  const SigningServices second(settingsIn(folder));
  EXPECT_EQ(second.anchors().certificates.front(), root);
  for (const auto& entry : fs::recursive_directory_iterator(folder / "data")) {
    const bool isSecret = entry.path().extension() == ".p12" || entry.path().filename() == "passphrase";
    if (isSecret) {
      EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write) << entry.path();
    }
  }
}

TEST(SigningServices, ASealOfTheDevelopmentPkiSignsAtTheLevelAndVerifies) {
  const test::TempFolder folder;
  SigningSettings settings = settingsIn(folder);
  settings.level = "B-LT";
  const SigningServices services(settings);
  const signing::Credential seal = sealOf(services, (folder / "seal.p12").string());
  const signing::CadesSigner signer(seal, {.time = services.time()});
  signing::RevisionRequest request;
  request.signedAt = core::now();
  std::string pdf = signing::signPdf(test::plainPdf(), request, signer);
  pdf += signing::extend(pdf, services.level(), services.longTerm(), core::now());
  const signing::Verifier verifier(services.anchors());
  EXPECT_EQ(verifier.verify(pdf, core::now()).indication, signing::Indication::kTotalPassed);
  pdf[pdf.size() / 4] ^= 1;
  EXPECT_NE(verifier.verify(pdf, core::now()).indication, signing::Indication::kTotalPassed);
}

TEST(SigningServices, UsesTheAuthorityThatIsConfigured) {
  const test::TempFolder folder;
  signing::AuthorityPlan plan;
  plan.organisation = "示例电子认证";
  plan.keepsPassphrase = true;
  signing::Authority::create(folder / "ca", plan, "only-for-this-test");
  SigningSettings settings = settingsIn(folder);
  settings.authorityFolder = (folder / "ca").string();
  const SigningServices services(settings);
  EXPECT_FALSE(services.isDevelopment());
  EXPECT_FALSE(fs::exists(folder / "data"));
}

TEST(SigningServices, RefusesWhatContradictsItselfOrDoesNotReachTheLevel) {
  const test::TempFolder folder;
  SigningSettings settings = settingsIn(folder);
  settings.issuerCommand = {"/bin/true"};
  EXPECT_THAT(test::messageOf([&] { SigningServices{settings}; }, core::ErrorCode::kUsage),
              testing::HasSubstr("needs a timestamp authority"));
  settings.authorityFolder = "ca";
  EXPECT_THAT(test::messageOf([&] { SigningServices{settings}; }, core::ErrorCode::kUsage),
              testing::HasSubstr("both set"));
}

}  // namespace
}  // namespace qianda::server
