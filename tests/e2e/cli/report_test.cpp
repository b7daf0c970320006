// `qianda verify --report`: what the PDF and the HTML say, as pdftotext and a reader of the source find it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"
#include "tests/support/signed_pdf.h"

namespace qianda::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// The first word of a program's output that follows '='.
std::string afterEquals(const std::string& line) {
  std::string value = line.substr(line.find('=') + 1);
  value.erase(0, value.find_first_not_of(' '));
  while (!value.empty() && static_cast<unsigned char>(value.back()) <= ' ') value.pop_back();
  return value;
}

std::string lowered(std::string text) {
  std::erase(text, ':');
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

class VerifyReport : public ::testing::Test {
 protected:
  std::string file(const std::string& name) const { return folder_ / name; }
  std::string contract() const {
    EXPECT_EQ(qianda({"template", "preview", "labour-general", "--out", file("contract.pdf")}).status, 0);
    return file("contract.pdf");
  }
  std::string archived() const {
    const Output made = qianda({"sign", contract(), "--key", pki_ / "employer-seal.p12", "--field", "employer",
                                "--seal", "company", "--level", "B-T", "--out", file("sealed.pdf")});
    const Output more = qianda({"sign", file("sealed.pdf"), "--key", pki_ / "worker.p12", "--field", "worker",
                                "--level", "B-LTA", "--out", file("archived.pdf")});
    EXPECT_EQ(made.status + more.status, 0) << made.err << more.err;
    return file("archived.pdf");
  }
  // Every octet of white space taken out: a cell breaks its lines where it likes.
  std::string pdfReport(std::vector<std::string> files, int status) const {
    const std::string out = file("report.pdf");
    files.insert(files.begin(), {"verify", "--trust", pki_ / "root.pem", "--report", out});
    const Output verified = qianda(files);
    EXPECT_EQ(verified.status, status) << verified.err;
    EXPECT_EQ(run({"qpdf", "--check", out}).status, 0);
    return squashed(run({"pdftotext", "-raw", out, "-"}).out);
  }
  std::string htmlReport(std::vector<std::string> files) const {
    files.insert(files.begin(), {"verify", "--trust", pki_ / "root.pem", "--report", file("report.html")});
    qianda(files);
    return core::readFile(file("report.html"));
  }

  const Pki pki_ = developmentPki();
  TempFolder folder_;
};

TEST_F(VerifyReport, OfAGoodFileSaysEverythingThatWasChecked) {
  const std::string name = archived();
  const std::string said = pdfReport({name}, 0);
  const auto certificate = [&](const char* what, const std::string& of) {
    return lowered(afterEquals(run({"openssl", "x509", "-in", pki_ / of, "-noout", what}).out));
  };
  const auto fingerprint =
      lowered(afterEquals(run({"openssl", "x509", "-in", pki_ / "root.pem", "-noout", "-fingerprint", "-sha256"}).out));
  const std::string digest = afterEquals(run({"openssl", "dgst", "-sha256", name}).out);
  for (const std::string& part : {std::string("电子签名验证报告"),
                                  std::string("Electronic signature verification report"),
                                  std::string("archived.pdf"),
                                  digest,
                                  fingerprint,
                                  certificate("-serial", "employer-seal.pem"),
                                  certificate("-serial", "worker.pem"),
                                  std::string("☑验证通过 TOTAL_PASSED"),
                                  std::string("珠海示例科技有限公司"),
                                  std::string("示例劳动者"),
                                  std::string("ecdsa-with-SHA256"),
                                  std::string("PAdES-BASELINE-LTA"),
                                  std::string("归档级"),
                                  std::string("签名时间戳 signature worker"),
                                  std::string("文档时间戳 document Timestamp1"),
                                  std::string("未吊销 not revoked"),
                                  std::string("OCSP（DSS）"),
                                  std::string("CRL（DSS）"),
                                  std::string("签署了域 worker the field worker was signed"),
                                  std::string("增加了域 Timestamp1"),
                                  std::string("《中华人民共和国电子签名法》第十三条"),
                                  std::string("（一）电子签名制作数据用于电子签名时，属于电子签名人专有"),
                                  std::string("（二）签署时电子签名制作数据仅由电子签名人控制"),
                                  std::string("（三）签署后对电子签名的任何改动能够被发现"),
                                  std::string("（四）签署后对数据电文内容和形式的任何改动能够被发现"),
                                  std::string("☑符合 met"),
                                  std::string("验证时间 Verified at"),
                                  std::string("信任锚 Trust anchors"),
                                  std::string("CN=Qianda Development Root CA")}) {
    EXPECT_THAT(said, HasSubstr(squashed(part)));
  }
  for (const char* part : {"TOTAL_FAILED/", "验证未通过TOTAL", "不符合", "不允许"})
    EXPECT_THAT(said, Not(HasSubstr(part)));
  const std::string html = htmlReport({name});
  for (const std::string& part :
       {digest, fingerprint, std::string("☑ 验证通过 TOTAL_PASSED"), std::string("PAdES-BASELINE-LTA")})
    EXPECT_THAT(html, HasSubstr(part));
}

TEST_F(VerifyReport, OfATamperedFileSaysWhyInBothLanguages) {
  const std::string pdf = core::readFile(archived());
  core::writeFile(file("content.pdf"), withSpoiltOctet(pdf, pdf.size() / 3));
  core::writeFile(file("page.pdf"), withSwappedPage(pdf));
  const std::string content = pdfReport({file("content.pdf")}, 1);
  for (const char* part : {"×验证未通过 TOTAL_FAILED / HASH_FAILURE", "被签署的内容在签署后发生了变化",
                           "what was signed has been changed since", "文件内容与签署时不一致",
                           "the document's octets are not those that were signed", "×不符合 not met"}) {
    EXPECT_THAT(content, HasSubstr(squashed(part)));
  }
  EXPECT_THAT(content, Not(HasSubstr("结论Verdict：☑")));
  const std::string page = pdfReport({file("page.pdf")}, 1);
  for (const char* part : {"×验证未通过 TOTAL_FAILED / FORMAT_FAILURE", "签署后发生了不被允许的改动",
                           "changed after signing: page object", "×不允许 forbidden", "有不被允许的改动"}) {
    EXPECT_THAT(page, HasSubstr(squashed(part)));
  }
}

TEST_F(VerifyReport, OfSeveralFilesListsEachAlsoTheUnreadable) {
  const std::string said = pdfReport({archived(), file("missing.pdf"), file("contract.pdf")}, 1);
  for (const char* part : {"文件 File 1　archived.pdf", "文件 File 2　missing.pdf", "文件 File 3　contract.pdf",
                           "NO_SIGNATURE_FOUND", "文件中没有签名", "？无法确定 INDETERMINATE"}) {
    EXPECT_THAT(said, HasSubstr(squashed(part)));
  }
}

TEST_F(VerifyReport, ShowsHostileNamesAsTextAndNothingElse) {
  const std::string subject = "<script>alert(1)&\"\u202Efdp.exe\u0627";
  const Output made =
      run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8",
           "-days", "2", "-subj", "/CN=" + subject, "-keyout", file("key.pem"), "-out", file("crt.pem")});
  ASSERT_EQ(made.status, 0) << made.err;
  core::writeFile(file("pass"), "secret\n");
  ASSERT_EQ(run({"openssl", "pkcs12", "-export", "-inkey", file("key.pem"), "-in", file("crt.pem"), "-passout",
                 "pass:secret", "-out", file("hostile.p12")})
                .status,
            0);
  const std::string out = file("<img src=x>{{qr}}|**.pdf");
  const Output signedOne = qianda({"sign", contract(), "--key", file("hostile.p12"), "--pass-file", file("pass"),
                                   "--field", "<b>{{#if x}}", "--out", out});
  ASSERT_EQ(signedOne.status, 0) << signedOne.err;
  const std::string html = htmlReport({out});
  for (const char* tag : {"<script", "<img", "<b>", "\u202E"}) EXPECT_THAT(html, Not(HasSubstr(tag)));
  for (const char* part : {"&lt;script&gt;alert(1)&amp;&quot;[U+202E]fdp.exe\u0627", "&lt;img src=x&gt;{{qr}}|**.pdf",
                           "&lt;b&gt;{{#if x}}"}) {
    EXPECT_THAT(html, HasSubstr(part));
  }
  const std::string said = pdfReport({out}, 1);
  for (const char* part : {"<script>alert(1)&\"[U+202E]fdp.exe[U+0627]", "<imgsrc=x>{{qr}}|**.pdf", "<b>{{#ifx}}",
                           "NO_CERTIFICATE_CHAIN_FOUND", "证书不能追溯到受信任的根证书"}) {
    EXPECT_THAT(said, HasSubstr(part));
  }
}

TEST_F(VerifyReport, IsNoContractAndTakesTwoFormats) {
  EXPECT_THAT(qianda({"template", "list"}).out, Not(HasSubstr("verification-report")));
  const Output other = qianda({"verify", contract(), "--report", file("report.txt")});
  EXPECT_EQ(other.status, 2);
  EXPECT_FALSE(std::filesystem::exists(file("report.txt")));
}

}  // namespace
}  // namespace qianda::test
