#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include "signing/keys/signing_key.h"
#include "signing/keys/x509.h"
#include "tests/support/pki.h"

namespace qianda::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

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

// What the first version of the script left: no SM2, no timestamps, no responders, no CRL numbers, an unnumbered mark.
void makeOld(const fs::path& folder) {
  ASSERT_EQ(make(folder).status, 0);
  for (const char* name : {"employer-seal-rsa2048", "worker-rsa2048", "tsa", "ocsp", "employer-seal-sm2", "worker-sm2",
                           "sm2-ocsp", "sm2-root", "sm2-issuing", "sm2-root-cross", "sm2-chain"}) {
    for (const char* end : {".pem", ".p12", ".crl"}) fs::remove(folder / (std::string(name) + end));
  }
  for (const char* name : {"sm2_root", "sm2_issuing", "root/crlnumber", "issuing/crlnumber"}) {
    fs::remove_all(folder / "private" / name);
  }
  core::writeFile(folder / "complete", "p256\n");
}

void expectWhole(const fs::path& folder) {
  for (const char* name : {"employer-seal", "worker", "court-seal", "employer-seal-rsa2048", "tsa", "ocsp"}) {
    EXPECT_EQ(run({"openssl", "verify", "-CAfile", folder / "root.pem", "-untrusted", folder / "issuing.pem",
                   folder / (std::string(name) + ".pem")})
                  .status,
              0)
        << name;
  }
  for (const char* name : {"employer-seal", "worker", "tsa", "worker-sm2", "sm2-ocsp"}) {
    EXPECT_EQ(run({"openssl", "pkcs12", "-in", folder / (std::string(name) + ".p12"), "-noout", "-passin",
                   "file:" + (folder / "passphrase").string()})
                  .status,
              0)
        << name;
  }
}

TEST(DevelopmentPki, AFolderOfTheFirstVersionIsExtendedAndKeepsWhatItHas) {
  const TempFolder folder;
  makeOld(folder / "pki");
  const auto before = contentOf(folder / "pki");
  ASSERT_EQ(make(folder / "pki").status, 0);
  auto after = contentOf(folder / "pki");
  for (const auto& [path, content] : before) {
    if (!path.ends_with(".crl") && !path.ends_with("complete") && path.find("index.txt") == path.npos) {
      EXPECT_EQ(after[path], content) << path;
    }
  }
  EXPECT_EQ(after[folder / "pki/complete"], "p256 2\n");
  expectWhole(folder / "pki");
  // The revoked one is still revoked in the CRL made anew.
  EXPECT_THAT(run({"openssl", "crl", "-in", folder / "pki/issuing.crl", "-noout", "-text"}).out,
              HasSubstr("Key Compromise"));
}

TEST(DevelopmentPki, SurvivesBeingKilledAnywhere) {
  const TempFolder folder;
  makeOld(folder / "old");
  const std::string root = core::readFile(folder / "old/root.pem");
  for (int hundredths = 5; hundredths <= 125; hundredths += 24) {
    const std::string seconds = std::to_string(hundredths / 100.0);
    for (const char* name : {"new", "old"}) {
      run({"timeout", "-s", "KILL", seconds, QIANDA_SOURCE_DIR "/certs/make_development_pki.sh", folder / name});
    }
  }
  for (const char* name : {"new", "old"}) {
    ASSERT_EQ(make(folder / name).status, 0);
    expectWhole(folder / name);
  }
  EXPECT_EQ(core::readFile(folder / "old/root.pem"), root);
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
  EXPECT_GT(secrets, 18);
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

TEST(DevelopmentPki, TheTimestampAuthorityAndTheRespondersHaveTheirOnePurpose) {
  const Pki pki = developmentPki();
  const auto text = [&](const char* name) {
    return run({"openssl", "x509", "-in", pki / (std::string(name) + ".pem"), "-noout", "-text"}).out;
  };
  EXPECT_THAT(text("tsa"), AllOf(HasSubstr("Extended Key Usage: critical\n                Time Stamping\n"),
                                 HasSubstr("NIST CURVE: P-256"), HasSubstr("CA:FALSE")));
  for (const char* name : {"ocsp", "sm2-ocsp"}) {
    EXPECT_THAT(text(name), AllOf(HasSubstr("OCSP Signing"), HasSubstr("OCSP No Check"))) << name;
  }
  EXPECT_THAT(text("employer-seal-rsa2048"), HasSubstr("Public-Key: (2048 bit)"));
  const auto purpose = [&](const char* name, const char* use) {
    return run({"openssl", "verify", "-purpose", use, "-CAfile", pki / "root.pem", "-untrusted", pki / "issuing.pem",
                pki / (std::string(name) + ".pem")})
        .status;
  };
  EXPECT_EQ(purpose("tsa", "timestampsign"), 0);
  EXPECT_NE(purpose("worker", "timestampsign"), 0);
  EXPECT_EQ(purpose("ocsp", "ocsphelper"), 0);
}

// openssl verify hands the SM2 user id to the certificate it is asked about alone, so a path is judged step by step.
TEST(DevelopmentPki, Sm2SignersAreTrustedThroughEitherRoot) {
  const Pki pki = developmentPki();
  const auto issued = [&](const char* subject, const char* issuer, const char* id = "1234567812345678") {
    return run({"openssl", "verify", "-partial_chain", "-trusted", pki / (std::string(issuer) + ".pem"), "-vfyopt",
                std::string("distid:") + id, pki / (std::string(subject) + ".pem")})
               .status == 0;
  };
  for (const char* leaf : {"employer-seal-sm2", "worker-sm2", "sm2-ocsp"}) EXPECT_TRUE(issued(leaf, "sm2-issuing"));
  EXPECT_FALSE(issued("worker-sm2", "sm2-issuing", "8765432187654321"));
  EXPECT_FALSE(issued("worker-sm2", "sm2-root"));
  EXPECT_TRUE(issued("sm2-issuing", "sm2-root"));
  EXPECT_TRUE(issued("sm2-issuing", "sm2-root-cross"));
  // The cross certificate bears the P-256 root's ECDSA signature, which takes no user id.
  const auto crossed = [&](const char* root) {
    return run({"openssl", "verify", "-CAfile", pki / root, pki / "sm2-root-cross.pem"}).status == 0;
  };
  EXPECT_TRUE(crossed("root.pem"));
  EXPECT_FALSE(crossed("not-trusted-root.pem"));
}

TEST(DevelopmentPki, OurLoaderReadsTheSm2SignersWithTheCrossCertificateInTheChain) {
  using namespace signing;
  const Pki pki = developmentPki();
  for (const char* name : {"employer-seal-sm2", "worker-sm2", "sm2-ocsp"}) {
    const Credential credential = loadPkcs12(pki / (std::string(name) + ".p12"), pki.passphrase());
    EXPECT_EQ(credential.key->name(), "SM2");
    ASSERT_EQ(credential.chain.size(), 3u);
    const auto is = [&](std::size_t at, const char* file) {
      return credential.chain.at(at) == readPemCertificates(core::readFile(pki / file)).at(0);
    };
    EXPECT_TRUE(is(0, "sm2-issuing.pem") && is(1, "sm2-root-cross.pem") && is(2, "root.pem")) << name;
    X509Handle below = parseCertificate(credential.certificate);
    for (const core::Bytes& der : credential.chain) {
      const X509Handle issuer = parseCertificate(der);
      EXPECT_EQ(X509_verify(below.get(), X509_get0_pubkey(issuer.get())), 1);
      EXPECT_EQ(X509_check_issued(issuer.get(), below.get()), X509_V_OK);
      below = parseCertificate(der);
    }
  }
}

TEST(DevelopmentPki, EveryCertificateNamesNoAddress) {
  const Pki pki = developmentPki();
  int seen = 0;
  for (const auto& entry : fs::directory_iterator(pki.folder)) {
    if (entry.path().extension() != ".pem") continue;
    ++seen;
    EXPECT_THAT(run({"openssl", "x509", "-in", entry.path(), "-noout", "-text"}).out, Not(HasSubstr("URI:")));
  }
  EXPECT_GT(seen, 18);
}

TEST(DevelopmentPki, MisuseIsNamed) {
  EXPECT_EQ(run({QIANDA_SOURCE_DIR "/certs/make_development_pki.sh"}).status, 2);
  const TempFolder folder;
  EXPECT_EQ(make(folder / "pki", "dsa").status, 2);
  EXPECT_FALSE(fs::exists(folder / "pki"));
}

}  // namespace
}  // namespace qianda::test
