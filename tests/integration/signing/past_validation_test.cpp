// Past signature validation (ETSI EN 319 102-1 5.5, 5.6): what timestamps prove about certificates that were revoked or
// have expired since, what they do not prove, and that every INDETERMINATE says why.
#include <gtest/gtest.h>

#include "core/error.h"
#include "signing/ca/local_revocation.h"
#include "signing/keys/x509.h"
#include "signing/pades/long_term.h"
#include "signing/pades/revision_writer.h"
#include "signing/trust/timestamp_authority.h"
#include "tests/support/authority.h"
#include "tests/support/plain_pdf.h"

namespace qianda::signing {
namespace {

using std::chrono::days;
using std::chrono::hours;

// A company with a seal certificate, a timestamp authority and an authority above both, whose clock the test turns.
class PastValidation : public testing::Test {
 protected:
  PastValidation()
      : authority_(std::make_shared<Authority>(ca_.folder, test::kPassphrase, ca_.clock())), revocation_(authority_) {
    time_ = std::make_unique<LocalTimestampAuthority>(identity("tsa", "示例时间戳"));
    tsaSerial_ = serial_;
    makeSigner();
  }

  Pkcs12 identity(const std::string& profile, const std::string& name) {
    const std::string file = ca_.file(profile + ".p12");
    std::filesystem::remove(file);
    const IssuedCertificate issued = issueWithKey(*authority_, "p256", test::orderOf(profile, name), file, "secret");
    serial_ = serialHex(parseCertificate(issued.certificate).get());
    return openPkcs12(file, "secret");
  }
  void makeSigner() {
    identity("company-seal", "示例公司");
    signerSerial_ = serial_;
  }
  std::string sign(bool stamped) {
    CadesOptions options;
    if (stamped) options.time = time_.get();
    const CadesSigner signer(loadPkcs12(ca_.file("company-seal.p12"), "secret"), options);
    RevisionRequest request;
    request.signedAt = core::now();
    return signPdf(test::plainPdf(), request, signer);
  }
  std::string raised(const std::string& pdf, Level level) {
    const TrustAnchors anchors{{authority_->rootCertificate()}};
    return pdf + extend(pdf, level, {time_.get(), &revocation_, &anchors}, core::now());
  }
  // The signature's verdict `later` than now, with the authority's own answers of that time or the file's alone.
  SignatureVerdict judge(const std::string& pdf, std::chrono::seconds later, bool asks = true) {
    ca_.now = core::now() + later;
    VerifierOptions options;
    options.revocation = asks ? &revocation_ : nullptr;
    options.requireRevocation = true;
    const FileVerdict file = Verifier({{authority_->rootCertificate()}}, options).verify(pdf, ca_.now);
    for (const TimestampVerdict& one : file.timestamps) {
      EXPECT_EQ(one.subIndication.empty(), one.indication == Indication::kTotalPassed) << one.reason;
      EXPECT_EQ(one.reason.empty(), one.indication == Indication::kTotalPassed);
    }
    EXPECT_EQ(file.signatures.size(), 1u) << file.reason;
    return file.signatures.at(0);
  }
  void expectPassed(const SignatureVerdict& verdict) {
    EXPECT_EQ(verdict.indication, Indication::kTotalPassed) << verdict.subIndication << ": " << verdict.reason;
  }
  void expectDoubt(const SignatureVerdict& verdict, const std::string& subIndication, const std::string& words) {
    EXPECT_EQ(verdict.indication, Indication::kIndeterminate) << verdict.reason;
    EXPECT_EQ(verdict.subIndication, subIndication) << verdict.reason;
    EXPECT_NE(verdict.reason.find(words), std::string::npos) << verdict.reason;
  }

  test::TestAuthority ca_;
  std::shared_ptr<Authority> authority_;
  LocalRevocation revocation_;
  std::unique_ptr<LocalTimestampAuthority> time_;
  std::string serial_, signerSerial_, tsaSerial_;
};

TEST_F(PastValidation, ATimestampProvesASignatureOlderThanTheRevocation) {
  const std::string bare = sign(false), stamped = sign(true);
  expectPassed(judge(bare, hours(1)));
  expectPassed(judge(stamped, hours(1)));
  ca_.now = core::now() + hours(2);
  authority_->revoke(signerSerial_, RevocationReason::kKeyCompromise);
  expectDoubt(judge(bare, hours(3)), "REVOKED_NO_POE", "keyCompromise");
  const SignatureVerdict verdict = judge(stamped, hours(3));
  expectPassed(verdict);
  EXPECT_EQ(verdict.revocation, "revoked");
}

TEST_F(PastValidation, ARevocationBeforeTheTimestampCounts) {
  ca_.now = core::now() - hours(2);
  authority_->revoke(signerSerial_, RevocationReason::kSuperseded);
  expectDoubt(judge(sign(true), hours(1)), "REVOKED_NO_POE", "superseded");
}

TEST_F(PastValidation, ATimestampCarriesASignatureOverTheEndOfItsCertificate) {
  const std::string bare = sign(false), kept = raised(sign(true), Level::kLT);
  expectDoubt(judge(bare, days(1200)), "OUT_OF_BOUNDS_NO_POE", "expired");
  expectPassed(judge(kept, days(1200)));
  // With the file alone nothing says that the timestamp's certificate was not revoked since.
  expectDoubt(judge(kept, days(1200), false), "OUT_OF_BOUNDS_NO_POE", "its timestamp: no revocation data");
  // The timestamp's certificate ends too: only a later timestamp would carry on.
  expectDoubt(judge(kept, days(2000)), "OUT_OF_BOUNDS_NO_POE", "expired");
}

TEST_F(PastValidation, AnswersOutOfDateAreNoneWithoutATime) {
  const std::string bare = sign(false), archived = raised(sign(true), Level::kLTA);
  expectDoubt(judge(bare, hours(1), false), "TRY_LATER", "no revocation data");
  expectPassed(judge(archived, hours(1), false));
  EXPECT_EQ(judge(archived, hours(1), false).level, "PAdES-BASELINE-LTA");
}

TEST_F(PastValidation, ARevokedTimestampAuthorityProvesNothing) {
  const std::string stamped = sign(true);
  ca_.now = core::now() + hours(1);
  authority_->revoke(tsaSerial_, RevocationReason::kKeyCompromise);
  const SignatureVerdict verdict = judge(stamped, hours(2));
  expectDoubt(verdict, "REVOKED_NO_POE", "its timestamp");
  EXPECT_EQ(verdict.bestSignatureTime, "");
}

TEST_F(PastValidation, ASignatureOlderThanItsCertificateFails) {
  ca_.now = core::now() + days(1);
  makeSigner();
  const std::string stamped = sign(true);
  const SignatureVerdict verdict = judge(stamped, days(2));
  EXPECT_EQ(verdict.indication, Indication::kTotalFailed) << verdict.reason;
  EXPECT_EQ(verdict.subIndication, "NOT_YET_VALID");
}

TEST_F(PastValidation, AStrangersTimestampIsNotShownAsGood) {
  // The signature itself is broken: its timestamp is still judged for what it is.
  std::string pdf = sign(true);
  pdf[pdf.find("20 20 60 60 re")] = '3';
  ca_.now = core::now() + hours(1);
  const FileVerdict verdict = Verifier(TrustAnchors{}).verify(pdf, ca_.now);
  EXPECT_EQ(verdict.subIndication, "HASH_FAILURE");
  ASSERT_EQ(verdict.timestamps.size(), 1u);
  EXPECT_EQ(verdict.timestamps[0].indication, Indication::kIndeterminate);
  EXPECT_EQ(verdict.timestamps[0].subIndication, "NO_CERTIFICATE_CHAIN_FOUND");
}

}  // namespace
}  // namespace qianda::signing
