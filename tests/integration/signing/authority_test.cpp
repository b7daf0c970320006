#include "tests/support/authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "signing/keys/signing_key.h"
#include "signing/keys/x509.h"

namespace qianda::signing {
namespace {

using namespace std::chrono_literals;
using test::kP256;
using test::orderOf;
using test::Output;
using test::run;
using test::TestAuthority;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string serialOf(const core::Bytes& certificate) { return serialHex(parseCertificate(certificate).get()); }

class AuthorityJudged : public testing::TestWithParam<const char*> {
 protected:
  Output verify(const core::Bytes& certificate, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"openssl",
                                       "verify",
                                       "-x509_strict",
                                       "-CAfile",
                                       ca_.folder / "root.pem",
                                       "-untrusted",
                                       ca_.folder / "issuing.pem"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(ca_.write("leaf.der", certificate));
    return run(arguments);
  }
  // An exchange of openssl's request and our answer, judged by openssl; the answer may be spoiled on the way.
  Output askOcsp(Authority& authority, const core::Bytes& certificate, const std::vector<std::string>& more = {},
                 const std::function<void(core::Bytes&)>& spoil = {}) {
    const std::string leaf = ca_.write("leaf.der", certificate), request = ca_.file("ask"), answer = ca_.file("answer");
    std::vector<std::string> ask{"openssl", "ocsp", "-nonce", "-issuer", ca_.folder / "issuing.pem",
                                 "-reqout", request};
    ask.insert(ask.end(), more.begin(), more.end());
    ask.insert(ask.end(), {"-cert", leaf});
    EXPECT_EQ(run(ask).status, 0);
    core::Bytes octets = authority.answerOcsp(core::viewOf(core::readFile(request)));
    if (spoil) spoil(octets);
    ca_.write("answer", octets);
    // Given a certificate, openssl forgets the request it read: once for the nonce, once for the status.
    const std::string root = ca_.folder / "root.pem", issuing = ca_.folder / "issuing.pem";
    Output judged =
        run({"openssl", "ocsp", "-reqin", request, "-respin", answer, "-verify_other", issuing, "-CAfile", root});
    std::vector<std::string> judge{"openssl", "ocsp", "-no_nonce", "-issuer", issuing};
    judge.insert(judge.end(), more.begin(), more.end());
    judge.insert(judge.end(), {"-respin", answer, "-CAfile", root, "-cert", leaf});
    const Output status = run(judge);
    return {std::max(judged.status, status.status), judged.out + status.out, judged.err + status.err};
  }

  TestAuthority ca_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Kinds, AuthorityJudged, testing::Values("p256", "rsa2048", "rsa3072"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(AuthorityJudged, OpensslAcceptsEveryProfileForItsPurpose) {
  Authority authority = ca_.open();
  for (const CertificateProfile& profile : certificateProfiles()) {
    const std::string name(profile.name);
    const IssuedCertificate issued = authority.issue(ca_.request(kP256), orderOf(name));
    std::vector<std::string> purpose;
    if (name == "tsa") purpose = {"-purpose", "timestampsign"};
    if (name == "ocsp") purpose = {"-purpose", "ocsphelper"};
    const Output judged = verify(issued.certificate, purpose);
    EXPECT_EQ(judged.status, 0) << name << judged.err;
    EXPECT_EQ(issued.chain.size(), 2u);
    const std::string text = run({"openssl", "x509", "-in", ca_.file("leaf.der"), "-noout", "-text"}).out;
    EXPECT_THAT(text, AllOf(HasSubstr("CN = \\E7"), HasSubstr("CA:FALSE"), Not(HasSubstr("URI:"))));
    EXPECT_EQ(text.find("OCSP No Check") != text.npos, profile.isNoCheck);
  }
  // A person's certificate is no timestamp authority's.
  EXPECT_NE(
      verify(authority.issue(ca_.request(kP256), orderOf("person")).certificate, {"-purpose", "timestampsign"}).status,
      0);
}

TEST_P(AuthorityJudged, ARevokedCertificateIsReportedSoWithReasonAndTime) {
  Authority authority = ca_.open();
  const core::Bytes good = authority.issue(ca_.request(kP256), orderOf("person")).certificate;
  const core::Bytes bad = authority.issue(ca_.request(kP256), orderOf("company-seal", "某公司")).certificate;
  ca_.now = std::chrono::sys_days(core::chinaDate(ca_.now)) - 1h;
  authority.revoke(serialOf(bad), RevocationReason::kKeyCompromise);
  ca_.now = core::now();

  EXPECT_THAT(askOcsp(authority, good).out, AllOf(HasSubstr(": good"), Not(HasSubstr("revoked"))));
  const std::string out = askOcsp(authority, bad).out;
  EXPECT_THAT(out, AllOf(HasSubstr(": revoked"), HasSubstr("Reason: keyCompromise"), HasSubstr("Revocation Time: "),
                         HasSubstr(" 23:00:00 ")));
  EXPECT_THAT(askOcsp(authority, bad, {"-sha256"}).out, HasSubstr(": revoked"));
  EXPECT_THAT(askOcsp(authority, bad).err, HasSubstr("Response verify OK"));

  ca_.write("crl.der", authority.makeCrl());
  ASSERT_EQ(run({"openssl", "crl", "-in", ca_.file("crl.der"), "-inform", "DER", "-out", ca_.file("crl.pem"), "-CAfile",
                 ca_.folder / "issuing.pem"})
                .err,
            "verify OK\n");
  const std::vector<std::string> checked{"-crl_check", "-CRLfile", ca_.file("crl.pem")};
  EXPECT_EQ(verify(good, checked).status, 0);
  EXPECT_THAT(verify(bad, checked).err, HasSubstr("certificate revoked"));
}

TEST_P(AuthorityJudged, ATamperedAnswerIsRefused) {
  Authority authority = ca_.open();
  const core::Bytes certificate = authority.issue(ca_.request(kP256), orderOf("person")).certificate;
  const Output honest = askOcsp(authority, certificate);
  ASSERT_EQ(honest.err, "Response verify OK\nResponse verify OK\n");
  // "good" is [0] IMPLICIT NULL behind the serial number; 0x81 would be no state at all, so the times are altered.
  const Output altered = askOcsp(authority, certificate, {}, [](core::Bytes& octets) {
    const std::string text(core::textOf(octets));
    const std::size_t at = text.find(
        "\x18\x0f"
        "20");
    ASSERT_NE(at, text.npos);
    octets[at + 5] = octets[at + 5] == '9' ? '8' : '9';
  });
  EXPECT_THAT(altered.err, HasSubstr("Response Verify Failure"));
  // Another request's answer does not carry this one's nonce.
  core::Bytes earlier;
  askOcsp(authority, certificate, {}, [&](core::Bytes& octets) { earlier = octets; });
  const Output replayed = askOcsp(authority, certificate, {}, [&](core::Bytes& octets) { octets = earlier; });
  EXPECT_THAT(replayed.out + replayed.err, HasSubstr("Nonce Verify error"));
}

TEST_P(AuthorityJudged, StrangersAreUnknown) {
  Authority authority = ca_.open();
  TestAuthority other;
  const core::Bytes foreign = other.open().issue(other.request(kP256), orderOf("person")).certificate;
  // The other authority's serial number under our issuer's name: never issued here.
  EXPECT_THAT(askOcsp(authority, foreign).out, HasSubstr(": unknown"));
  // A request about the other issuer.
  const std::string request = ca_.file("ask");
  ASSERT_EQ(run({"openssl", "ocsp", "-issuer", other.folder / "issuing.pem", "-cert", other.write("leaf.der", foreign),
                 "-reqout", request})
                .status,
            0);
  ca_.write("answer", authority.answerOcsp(core::viewOf(core::readFile(request))));
  const Output judged = run({"openssl", "ocsp", "-issuer", other.folder / "issuing.pem", "-respin", ca_.file("answer"),
                             "-noverify", "-cert", other.file("leaf.der")});
  EXPECT_THAT(judged.out, HasSubstr(": unknown"));
}

TEST_P(AuthorityJudged, AnEventCertificateEndsWithItsCeremony) {
  Authority authority = ca_.open();
  ca_.now -= 2h;
  CertificateOrder order = orderOf("event");
  order.event = "QD-2026:0001";
  EXPECT_THAT(verify(authority.issue(ca_.request(kP256), order).certificate).err, HasSubstr("certificate has expired"));
  ca_.now += 2h;
  order.lifetime = 10min;
  const core::Bytes now = authority.issue(ca_.request(kP256), order).certificate;
  EXPECT_EQ(verify(now).status, 0);
  EXPECT_EQ(eventOf(parseCertificate(now).get()), "QD-2026:0001");
  const auto later = std::chrono::system_clock::to_time_t(ca_.now + 11min);
  EXPECT_THAT(verify(now, {"-attime", std::to_string(later)}).err, HasSubstr("certificate has expired"));
}

TEST_P(AuthorityJudged, KeyFilesOpenWithTheirOwnPassphrase) {
  Authority authority = ca_.open();
  const std::string file = ca_.file("seal.p12");
  issueWithKey(authority, GetParam(), orderOf("company-seal", "珠海示例科技有限公司"), file, "of-the-seal");
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const Output shown = run({"openssl", "pkcs12", "-in", file, "-passin", "pass:of-the-seal", "-info", "-noout"});
  EXPECT_EQ(shown.status, 0);
  EXPECT_THAT(shown.err, AllOf(HasSubstr("AES-256-CBC"), Not(HasSubstr("RC2"))));
  EXPECT_EQ(loadPkcs12(file, "of-the-seal").chain.size(), 2u);
  EXPECT_THROW(loadPkcs12(file, "another"), core::Error);
  EXPECT_THROW(issueWithKey(authority, "p256", orderOf("person"), file, "x"), core::Error) << "never overwritten";
}

TEST(AuthoritySm2, SignsWithSm3UnderTheUsualUserId) {
  TestAuthority ca("sm2");
  Authority authority = ca.open();
  const core::Bytes good = authority.issue(ca.request({"-algorithm", "SM2"}), orderOf("person")).certificate;
  const auto issued = [&](const std::string& subject, const std::filesystem::path& issuer, const char* id) {
    return run({"openssl", "verify", "-partial_chain", "-trusted", issuer, "-vfyopt", id, subject}).status == 0;
  };
  const std::string leaf = ca.write("leaf.der", good);
  EXPECT_TRUE(issued(leaf, ca.folder / "issuing.pem", test::kSm2Id));
  EXPECT_TRUE(issued(ca.folder / "issuing.pem", ca.folder / "root.pem", test::kSm2Id));
  EXPECT_FALSE(issued(leaf, ca.folder / "issuing.pem", "distid:8765432187654321"));
  EXPECT_FALSE(issued(leaf, ca.folder / "root.pem", test::kSm2Id));
  issueWithKey(authority, "sm2", orderOf("company-seal", "某公司"), ca.file("seal.p12"), "x");
  EXPECT_EQ(loadPkcs12(ca.file("seal.p12"), "x").key->name(), "SM2");
}

// openssl crl and openssl ocsp check SM2 signatures without a user id, so the raw signature is judged by pkeyutl.
class Sm2Signature {
 public:
  Sm2Signature(const TestAuthority& ca, const core::Bytes& der) : ca_(ca) { cut(der); }
  bool verifies(const std::string& certificate) const {
    const Output key = run({"openssl", "x509", "-in", certificate, "-noout", "-pubkey"});
    ca_.write("key.pub", core::viewOf(key.out));
    return run({"openssl", "pkeyutl", "-verify", "-pubin", "-inkey", ca_.file("key.pub"), "-rawin", "-in",
                ca_.file("tbs"), "-sigfile", ca_.file("signature"), "-digest", "sm3", "-pkeyopt", test::kSm2Id})
               .status == 0;
  }

 private:
  // SEQUENCE { tbs, algorithm, BIT STRING }: the first and the last element of the outer one.
  void cut(const core::Bytes& der) {
    const unsigned char* cursor = der.data();
    long size = 0;
    int tag = 0, kind = 0;
    ASN1_get_object(&cursor, &size, &tag, &kind, static_cast<long>(der.size()));
    for (int element = 0; element < 3; ++element) {
      const unsigned char* start = cursor;
      ASN1_get_object(&cursor, &size, &tag, &kind, der.data() + der.size() - cursor);
      if (element == 0) ca_.write("tbs", {start, cursor + size});
      if (element == 2) ca_.write("signature", {cursor + 1, cursor + size});
      cursor += size;
    }
  }
  const TestAuthority& ca_;
};

TEST(AuthoritySm2, PkeyutlAcceptsItsListsAndAnswers) {
  TestAuthority ca("sm2");
  Authority authority = ca.open();
  const core::Bytes bad = authority.issue(ca.request({"-algorithm", "SM2"}), orderOf("person")).certificate;
  authority.revoke(serialOf(bad), RevocationReason::kSuperseded);
  core::Bytes crl = authority.makeCrl();
  EXPECT_TRUE(Sm2Signature(ca, crl).verifies(ca.folder / "issuing.pem"));
  EXPECT_FALSE(Sm2Signature(ca, crl).verifies(ca.folder / "root.pem"));
  const X509Handle issuing = parseCertificate(authority.issuingCertificate());
  const X509Handle root = parseCertificate(authority.rootCertificate());
  EXPECT_TRUE(isCrlSignedBy(crl, X509_get0_pubkey(issuing.get())));
  EXPECT_FALSE(isCrlSignedBy(crl, X509_get0_pubkey(root.get())));
  EXPECT_TRUE(isCrlSignedBy(authority.rootCrl(), X509_get0_pubkey(root.get())));
  crl[crl.size() - 5] ^= 1;
  EXPECT_FALSE(isCrlSignedBy(crl, X509_get0_pubkey(issuing.get())));

  ca.write("answer", authority.answerOcsp(makeOcspRequest(bad, authority.issuingCertificate())));
  const std::string text = run({"openssl", "ocsp", "-respin", ca.file("answer"), "-noverify", "-resp_text"}).out;
  EXPECT_THAT(text, AllOf(HasSubstr("Cert Status: revoked"), HasSubstr("superseded"), HasSubstr("SM2-with-SM3")));
  // The basic response is the octet string within the answer; its first certificate is the responder's.
  const std::string answer = core::readFile(ca.file("answer"));
  const unsigned char* cursor = reinterpret_cast<const unsigned char*>(answer.data());
  const std::size_t at = answer.find(std::string("\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x01", 11));
  ASSERT_NE(at, answer.npos);
  const unsigned char* octets = cursor + at + 11;
  long size = 0;
  int tag = 0, kind = 0;
  ASN1_get_object(&octets, &size, &tag, &kind, static_cast<long>(answer.size()));
  const std::string shown = text.substr(text.find("-----BEGIN"));
  ca.write("responder.pem", core::viewOf(shown));
  EXPECT_TRUE(Sm2Signature(ca, {octets, octets + size}).verifies(ca.file("responder.pem")));
}

}  // namespace
}  // namespace qianda::signing
