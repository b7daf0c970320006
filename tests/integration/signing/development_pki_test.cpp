#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/pki.h"

namespace qianda::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Output make(const fs::path& folder, const std::string& kind = "p256") {
  return run({QIANDA_SOURCE_DIR "/certs/make_development_pki.sh", folder, "--kind", kind});
}

std::map<std::string, std::string> contentOf(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[entry.path()] = core::readFile(entry.path());
  }
  return files;
}

TEST(DevelopmentPki, IsMadeOnceAndLeftAlone) {
  const TempFolder folder;
  ASSERT_EQ(make(folder / "pki").status, 0);
  const auto before = contentOf(folder / "pki");
  ASSERT_EQ(make(folder / "pki").status, 0);
  EXPECT_EQ(contentOf(folder / "pki"), before);
  const Output other = make(folder / "pki", "rsa2048");
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.err, HasSubstr("holds a p256 PKI"));
  EXPECT_EQ(contentOf(folder / "pki"), before);
}

TEST(DevelopmentPki, AnInterruptedRunIsDoneAnew) {
  const TempFolder folder;
  ASSERT_EQ(make(folder / "pki").status, 0);
  fs::remove(folder / "pki" / "complete");
  fs::remove(folder / "pki" / "worker.p12");
  fs::create_directory(folder / "pki" / ".new.AAAAAA");
  ASSERT_EQ(make(folder / "pki").status, 0);
  EXPECT_TRUE(fs::exists(folder / "pki" / "worker.p12"));
  EXPECT_FALSE(fs::exists(folder / "pki" / ".new.AAAAAA"));
  EXPECT_EQ(run({"openssl", "verify", "-CAfile", folder / "pki/root.pem", "-untrusted", folder / "pki/issuing.pem",
                 folder / "pki/employer-seal.pem"})
                .status,
            0);
}

TEST(DevelopmentPki, SurvivesBeingKilledAnywhere) {
  const TempFolder folder;
  for (int hundredths = 2; hundredths <= 34; hundredths += 4) {
    const std::string seconds = (hundredths < 10 ? "0.0" : "0.") + std::to_string(hundredths);
    run({"timeout", "-s", "KILL", seconds, QIANDA_SOURCE_DIR "/certs/make_development_pki.sh", folder / "pki"});
  }
  ASSERT_EQ(make(folder / "pki").status, 0);
  for (const char* name : {"employer-seal", "worker", "court-seal"}) {
    EXPECT_EQ(run({"openssl", "verify", "-CAfile", folder / "pki/root.pem", "-untrusted", folder / "pki/issuing.pem",
                   folder / ("pki/" + std::string(name) + ".pem")})
                  .status,
              0);
    EXPECT_EQ(run({"openssl", "pkcs12", "-in", folder / ("pki/" + std::string(name) + ".p12"), "-noout", "-passin",
                   "file:" + (folder / "pki/passphrase").string()})
                  .status,
              0);
  }
}

TEST(DevelopmentPki, SecretsAreForTheOwnerAlone) {
  const TempFolder folder;
  ASSERT_EQ(make(folder / "pki").status, 0);
  int secrets = 0;
  for (const auto& [path, content] : contentOf(folder / "pki")) {
    const bool secret = path.ends_with(".p12") || path.ends_with("passphrase") || path.find("/private/") != path.npos;
    const auto others = fs::status(path).permissions() & (fs::perms::group_all | fs::perms::others_all);
    EXPECT_TRUE(!secret || others == fs::perms::none) << path;
    EXPECT_TRUE(secret || content.find("PRIVATE KEY") == std::string::npos) << path;
    secrets += secret;
  }
  EXPECT_GT(secrets, 9);
}

TEST(DevelopmentPki, RevokedExpiredAndStrangersFailWhereTheOthersPass) {
  const Pki pki = developmentPki();
  const auto verify = [&](const char* name) {
    const Output judged =
        run({"openssl", "verify", "-CAfile", pki / "root.pem", "-untrusted", pki / "issuing.pem", "-crl_check_all",
             "-CRLfile", pki / "issuing.crl", "-CRLfile", pki / "root.crl", pki / (std::string(name) + ".pem")});
    return judged.status == 0 ? "OK" : judged.err;
  };
  for (const char* good : {"employer-seal", "worker", "court-seal"}) EXPECT_EQ(verify(good), "OK") << good;
  EXPECT_THAT(verify("expired"), HasSubstr("certificate has expired"));
  EXPECT_THAT(verify("revoked"), HasSubstr("certificate revoked"));
  EXPECT_THAT(verify("not-trusted"), HasSubstr("unable to get local issuer certificate"));
}

TEST(DevelopmentPki, MisuseIsNamed) {
  EXPECT_EQ(run({QIANDA_SOURCE_DIR "/certs/make_development_pki.sh"}).status, 2);
  const TempFolder folder;
  EXPECT_EQ(make(folder / "pki", "dsa").status, 2);
  EXPECT_FALSE(fs::exists(folder / "pki"));
}

}  // namespace
}  // namespace qianda::test
