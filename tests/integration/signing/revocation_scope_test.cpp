// Lists and answers made by openssl that say less than they seem to: of another scope, only a part, without an end.
#include <gtest/gtest.h>

#include "signing/ca/crl.h"
#include "signing/keys/x509.h"
#include "signing/verify/trust.h"
#include "tests/support/tsa.h"

namespace qianda::signing {
namespace {

using std::chrono::days;
using std::chrono::hours;

class RevocationScope : public testing::Test {
 protected:
  RevocationScope() {
    test::makeTimestampIdentity(folder_.path());
    subject_ = certificate("tsa.pem");
    issuer_ = certificate("root.pem");
    core::writeFile(folder_ / "index", "");
    core::writeFile(folder_ / "number", "01\n");
    core::writeFile(folder_ / "rand", "");
  }
  X509Handle certificate(const char* name) const {
    return parseCertificate(readPemCertificates(core::readFile(folder_ / name)).at(0));
  }
  void run(const std::vector<std::string>& arguments) const {
    const test::Output made = test::run(arguments);
    if (made.status != 0) throw std::runtime_error(made.err);
  }
  // The root's list, with these extensions in OpenSSL's syntax.
  core::Bytes list(const std::string& extensions, const std::string& sections = "") const {
    core::writeFile(folder_ / "config", "[ca]\ndefault_ca=c\n[c]\ndatabase=" + (folder_ / "index").string() +
                                            "\ncrlnumber=" + (folder_ / "number").string() +
                                            "\ndefault_md=sha256\ndefault_crl_days=7\ncrl_extensions=e\n[e]\n" +
                                            extensions + "\n" + sections);
    run({"openssl", "ca", "-gencrl", "-config", folder_ / "config", "-keyfile", folder_ / "root.key", "-cert",
         folder_ / "root.pem", "-out", folder_ / "crl"});
    return crlFromFile(core::readFile(folder_ / "crl"));
  }
  RevocationVerdict judge(const verify::Evidence& evidence, core::Instant at = core::now()) const {
    return verify::judgeRevocation(subject_.get(), issuer_.get(), evidence, at);
  }

  const test::TempFolder folder_;
  X509Handle subject_, issuer_;
};

TEST_F(RevocationScope, AListThatLeavesTheCertificateOutSaysNothing) {
  const std::string point = "issuingDistributionPoint=critical,@s";
  const struct {
    std::string extensions, sections;
    const char* status;
  } rows[] = {{"", "", "good"},
              {point, "[s]\nonlyuser=TRUE\n", "good"},
              {point, "[s]\nonlyCA=TRUE\n", "none"},
              {point, "[s]\nonlyAA=TRUE\n", "none"},
              {point, "[s]\nindirectCRL=TRUE\n", "none"},
              {point, "[s]\nonlysomereasons=keyCompromise\n", "none"},
              {"2.5.29.27=critical,DER:020101", "", "none"},
              {"2.25.1234=critical,ASN1:NULL", "", "none"},
              {"2.25.1234=ASN1:NULL", "", "good"}};
  for (const auto& row : rows) {
    verify::Evidence evidence;
    evidence.addCrl(list(row.extensions, row.sections), "DSS");
    EXPECT_EQ(judge(evidence).status, row.status) << row.extensions << row.sections;
    EXPECT_EQ(evidence.crls().size(), 1u);
  }
}

TEST_F(RevocationScope, AListCountsUntilItsEndAndNotPastTheCertificates) {
  verify::Evidence evidence;
  evidence.addCrl(list(""), "DSS");
  EXPECT_EQ(judge(evidence, core::now() + days(6)).status, "good");
  EXPECT_EQ(judge(evidence, core::now() + days(8)).status, "stale");
  // The certificate lives for two days; a list made later may have forgotten it.
  run({"openssl", "ca", "-gencrl", "-config", folder_ / "config", "-keyfile", folder_ / "root.key", "-cert",
       folder_ / "root.pem", "-crl_lastupdate", "20991231235959Z", "-crl_nextupdate", "21001231235959Z", "-out",
       folder_ / "late"});
  verify::Evidence late;
  late.addCrl(crlFromFile(core::readFile(folder_ / "late")), "DSS");
  EXPECT_EQ(judge(late).status, "none");
}

TEST_F(RevocationScope, AnAnswerWithoutAnEndCountsForADay) {
  const std::string serial = test::run({"openssl", "x509", "-in", folder_ / "tsa.pem", "-noout", "-serial"}).out;
  core::writeFile(folder_ / "index",
                  "V\t991231235959Z\t\t" + serial.substr(7, serial.size() - 8) + "\tunknown\t/CN=x\n");
  run({"openssl", "ocsp", "-index", folder_ / "index", "-CA", folder_ / "root.pem", "-rsigner", folder_ / "root.pem",
       "-rkey", folder_ / "root.key", "-issuer", folder_ / "root.pem", "-cert", folder_ / "tsa.pem", "-respout",
       folder_ / "answer"});
  verify::Evidence evidence;
  evidence.addOcsp(core::viewOf(core::readFile(folder_ / "answer")), "DSS");
  EXPECT_EQ(judge(evidence).status, "good");
  EXPECT_EQ(judge(evidence).nextUpdate, "");
  EXPECT_EQ(judge(evidence, core::now() + hours(23)).status, "good");
  EXPECT_EQ(judge(evidence, core::now() + hours(30)).status, "stale");
}

}  // namespace
}  // namespace qianda::signing
