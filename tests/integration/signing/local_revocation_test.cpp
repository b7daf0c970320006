#include "signing/ca/local_revocation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "signing/keys/x509.h"
#include "tests/support/authority.h"
#include "tests/support/pki.h"

namespace qianda::signing {
namespace {

using test::run;
using testing::AllOf;
using testing::HasSubstr;

class LocalRevocationOfPki : public testing::Test {
 protected:
  core::Bytes certificate(const std::string& name) const {
    return readPemCertificates(core::readFile(pki_ / (name + ".pem"))).at(0);
  }
  std::string write(const std::string& name, const core::Bytes& bytes) const {
    core::writeFile(folder_ / name, core::textOf(bytes));
    return folder_ / name;
  }
  // What openssl makes of our answer.
  std::string judge(const std::string& name, const std::string& issuer) const {
    const auto answer = LocalRevocation(pki_.folder).findOcsp(certificate(name), certificate(issuer));
    if (!answer) return "none";
    const test::Output judged =
        run({"openssl", "ocsp", "-no_nonce", "-respin", write("answer", *answer), "-CAfile", pki_ / "root.pem",
             "-issuer", pki_ / (issuer + ".pem"), "-cert", pki_ / (name + ".pem")});
    return judged.out + judged.err;
  }
  std::string crlFor(const std::string& name, const std::string& issuer) const {
    const auto crl = LocalRevocation(pki_.folder).findCrl(certificate(name), certificate(issuer));
    if (!crl) return "none";
    return run({"openssl", "crl", "-inform", "DER", "-in", write("crl", *crl), "-noout", "-issuer"}).out;
  }

  const test::Pki pki_ = test::developmentPki();
  const test::TempFolder folder_;
};

TEST_F(LocalRevocationOfPki, AnswersWithTheStateOfItsList) {
  EXPECT_THAT(judge("employer-seal", "issuing"), AllOf(HasSubstr(": good"), HasSubstr("Response verify OK")));
  EXPECT_THAT(judge("tsa", "issuing"), HasSubstr(": good"));
  EXPECT_THAT(judge("revoked", "issuing"), AllOf(HasSubstr(": revoked"), HasSubstr("Reason: keyCompromise"),
                                                 HasSubstr("Revocation Time"), HasSubstr("Response verify OK")));
  EXPECT_EQ(judge("issuing", "root"), "none") << "the root has a list only";
  EXPECT_EQ(judge("not-trusted", "not-trusted-root"), "none");
  EXPECT_EQ(judge("not-trusted", "issuing"), "none") << "not this issuer's";
}

TEST_F(LocalRevocationOfPki, FindsEachIssuersListByNameAndKey) {
  EXPECT_THAT(crlFor("worker", "issuing"), HasSubstr("Qianda Development Issuing CA"));
  EXPECT_THAT(crlFor("issuing", "root"), HasSubstr("Qianda Development Root CA"));
  EXPECT_THAT(crlFor("sm2-root-cross", "root"), HasSubstr("Qianda Development Root CA"));
  EXPECT_THAT(crlFor("worker-sm2", "sm2-issuing"), HasSubstr("Qianda Development SM2 Issuing CA"));
  EXPECT_THAT(crlFor("sm2-issuing", "sm2-root"), HasSubstr("Qianda Development SM2 Root CA"));
  EXPECT_THAT(crlFor("sm2-issuing", "sm2-root-cross"), HasSubstr("Qianda Development SM2 Root CA"))
      << "the same key under the cross certificate";
  EXPECT_EQ(crlFor("not-trusted", "not-trusted-root"), "none");
  // Another PKI of the same names: other keys.
  const test::Pki other = test::developmentPki("p384");
  const auto theirs = [&](const char* name) { return readPemCertificates(core::readFile(other / name)).at(0); };
  EXPECT_FALSE(LocalRevocation(pki_.folder).findCrl(theirs("worker.pem"), theirs("issuing.pem")));
  EXPECT_FALSE(LocalRevocation(pki_.folder).findOcsp(theirs("worker.pem"), theirs("issuing.pem")));
  EXPECT_FALSE(LocalRevocation(pki_.folder).findOcsp(core::Bytes{0x30, 0}, core::Bytes{}));
}

TEST_F(LocalRevocationOfPki, AnswersForSm2SignersToo) {
  const LocalRevocation source(pki_.folder);
  const auto answer = source.findOcsp(certificate("worker-sm2"), certificate("sm2-issuing"));
  ASSERT_TRUE(answer);
  const std::string text = run({"openssl", "ocsp", "-respin", write("answer", *answer), "-noverify", "-resp_text"}).out;
  EXPECT_THAT(text, AllOf(HasSubstr("Cert Status: good"), HasSubstr("SM2-with-SM3"), HasSubstr("SM2 OCSP")));
}

TEST_F(LocalRevocationOfPki, RefusesAListThatIsNotItsCas) {
  std::filesystem::copy(pki_.folder, folder_ / "pki", std::filesystem::copy_options::recursive);
  for (const char* name : {"issuing.crl", "sm2-issuing.crl"}) {
    const std::string honest = core::readFile(folder_ / "pki" / name);
    core::Bytes der = crlFromFile(honest);
    der[der.size() - 10] ^= 1;
    core::writeFile(folder_ / "pki" / name, core::textOf(der));
    try {
      LocalRevocation source(folder_ / "pki");
      ADD_FAILURE() << name;
    } catch (const core::Error& error) {
      EXPECT_EQ(error.code(), core::ErrorCode::kCorrupt);
      EXPECT_THAT(error.what(), HasSubstr(name));
    }
    core::writeFile(folder_ / "pki" / name, honest);
  }
  EXPECT_NO_THROW(LocalRevocation(folder_ / "pki"));
}

TEST(LocalRevocationOfAuthority, KnowsAtOnceWhatWasRevoked) {
  test::TestAuthority ca;
  const auto authority = std::make_shared<Authority>(ca.folder, test::kPassphrase, ca.clock());
  const LocalRevocation source(authority);
  const core::Bytes certificate = authority->issue(ca.request(test::kP256), test::orderOf("person")).certificate;
  const std::string serial = serialHex(parseCertificate(certificate).get());
  const auto state = [&] {
    const auto crl = source.findCrl(certificate, authority->issuingCertificate());
    const auto answer = source.findOcsp(certificate, authority->issuingCertificate());
    ca.write("answer", *answer);
    const std::string text = run({"openssl", "ocsp", "-respin", ca.file("answer"), "-noverify", "-resp_text"}).out;
    return std::pair(statusIn(findCrl(*crl).get(), serial).state, text.find("Cert Status: revoked") != text.npos);
  };
  EXPECT_EQ(state(), std::pair(CertificateState::kGood, false));
  authority->revoke(serial, RevocationReason::kSuperseded);
  EXPECT_EQ(state(), std::pair(CertificateState::kRevoked, true));
  EXPECT_TRUE(source.findCrl(authority->issuingCertificate(), authority->rootCertificate()));
  EXPECT_FALSE(source.findOcsp(authority->issuingCertificate(), authority->rootCertificate()));
  ca.now += std::chrono::days(400);
  std::filesystem::remove(ca.folder / "private/root.p12");
  try {
    source.findCrl(authority->issuingCertificate(), authority->rootCertificate());
    ADD_FAILURE() << "a list that is over was handed out";
  } catch (const core::Error& error) {
    EXPECT_EQ(error.code(), core::ErrorCode::kUnavailable);
  }
}

}  // namespace
}  // namespace qianda::signing
