// Public verification: PEERS pains 39 (a public verify page is wanted) and 40 (the page and its addresses broke after
// upgrades), opportunity 10 (the hash computed in the browser). The addresses here are in print: they never change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/http/json.h"
#include "tests/support/browser.h"
#include "tests/support/evidence_service.h"

namespace qianda::server {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string textOf(const HttpAnswer& answer) { return std::string(core::textOf(answer.body)); }

class VerificationTest : public testing::Test {
 protected:
  HttpAnswer upload(const std::string& octets, const std::string& type = "application/pdf") {
    return service.ask("POST", "/api/v1/verification", "", octets, type);
  }
  test::EvidenceService service;
};

TEST_F(VerificationTest, AFileIsJudgedAndKnownByItsOctets) {
  std::string pdf;
  service.addEnvelope("ORG", &pdf);
  const HttpAnswer answer = upload(pdf);
  ASSERT_EQ(answer.status, 200) << textOf(answer);
  const Json json = parseJson(textOf(answer));
  EXPECT_EQ(json.find("indication")->text(), "TOTAL_PASSED") << textOf(answer);
  EXPECT_EQ(json.find("sha256")->text(),
            core::toHex(signing::digestOf(signing::DigestAlgorithm::kSha256, core::viewOf(pdf))));
  EXPECT_EQ(json.find("known")->find("state")->text(), "draft");
  EXPECT_EQ(json.find("known")->find("revision")->integer(), 1);
  EXPECT_THAT(json.find("summary")->find("zh")->text(), HasSubstr("验证通过"));
  for (const char* secret : {"示例劳动者", "000000199001010015", "13900000000"})
    EXPECT_THAT(textOf(answer), Not(HasSubstr(secret)));
  // The tampered twin.
  std::string changed = pdf;
  changed[pdf.find("60 60 re")] = '7';
  const Json twin = parseJson(textOf(upload(changed)));
  EXPECT_EQ(twin.find("indication")->text(), "TOTAL_FAILED");
  EXPECT_TRUE(twin.find("known")->isNull());
}

TEST_F(VerificationTest, FormsAreTakenAndOtherThingsRefused) {
  std::string pdf;
  service.addEnvelope("ORG", &pdf);
  const std::string form =
      "--B\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--B\r\n"
      "Content-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: "
      "application/pdf\r\n\r\n" +
      pdf + "\r\n--B--\r\n";
  const HttpAnswer answer = upload(form, "multipart/form-data; boundary=B");
  ASSERT_EQ(answer.status, 200) << textOf(answer);
  EXPECT_EQ(parseJson(textOf(answer)).find("indication")->text(), "TOTAL_PASSED");
  EXPECT_EQ(upload("--B--\r\n", "multipart/form-data; boundary=B").status, 400);
  EXPECT_EQ(upload("{}", "application/json").status, 415);
  EXPECT_EQ(parseJson(textOf(upload("no PDF"))).find("indication")->text(), "TOTAL_FAILED");
  const test::TempFolder folder;
  core::writeFile(folder / "large", std::string((32u << 20) + 1, 'x'));
  const test::Output refused =
      test::run({"curl", "-s", "-o", (folder / "answer").string(), "-w", "%{http_code}", "--data-binary",
                 "@" + (folder / "large").string(), service.url() + "/api/v1/verification"});
  EXPECT_EQ(refused.out, "413") << refused.err;
}

TEST_F(VerificationTest, TheAddressOfTheCodeAnswersInEitherCaseAndMasksPersons) {
  const std::string id = service.addEnvelope();
  std::string lower = id;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string& path : {"/V/" + id, "/v/" + lower, "/V/" + lower, "/v/" + id}) {
    const HttpAnswer answer = service.ask("GET", path, "");
    ASSERT_EQ(answer.status, 200) << path;
    EXPECT_THAT(answer.contentType, HasSubstr("text/html"));
    EXPECT_THAT(textOf(answer), HasSubstr("示****"));
    EXPECT_THAT(textOf(answer), HasSubstr("示例科技有限公司"));
    for (const char* secret : {"示例劳动者", "000000199001010015", "13900000000"})
      EXPECT_THAT(textOf(answer), Not(HasSubstr(secret)));
  }
  const Json json = parseJson(textOf(service.ask("GET", "/api/v1/verification/" + lower, "")));
  EXPECT_EQ(json.find("id")->text(), id);
  EXPECT_EQ(json.find("sha256")->text().size(), 64u);
  EXPECT_EQ(service.ask("GET", "/V/00000000000000000000000000", "").status, 404);
  EXPECT_EQ(service.ask("GET", "/V/short", "").status, 404);
  EXPECT_EQ(service.ask("GET", "/api/v1/verification/00000000000000000000000000", "").status, 404);
}

TEST_F(VerificationTest, TheCodeOnAPaperCopyLeadsToWhatItAgreesWith) {
  const std::string id = service.addEnvelope(), code = "ABCD0123EFGH4567", sha256(64, 'a');
  service.services().database->write([&](storage::Transaction& transaction) {
    transaction.execute(
        "INSERT INTO paper_copies (code, envelope, sha256, made_for, made_ms) VALUES ($1, $2, $3, 'x', 0)",
        {code, id, sha256});
  });
  const HttpAnswer answer = service.ask("GET", "/V/P/" + code, "");
  ASSERT_EQ(answer.status, 200) << textOf(answer);
  EXPECT_THAT(textOf(answer), HasSubstr("本打印件与数据电文原件一致"));
  EXPECT_THAT(textOf(answer), HasSubstr(sha256));
  EXPECT_THAT(textOf(answer), HasSubstr(id));
  const HttpAnswer twin = service.ask("GET", "/V/P/ABCD0123EFGH4568", "");
  EXPECT_EQ(twin.status, 404);
  EXPECT_THAT(textOf(twin), Not(HasSubstr("一致")));
}

TEST_F(VerificationTest, ThePageLoadsNothingFromElsewhereAndAllowsNoInlineScript) {
  const test::Output page = test::run({"curl", "-si", service.url() + "/verify"});
  EXPECT_THAT(page.out, HasSubstr("default-src 'none'; script-src 'self'"));
  EXPECT_THAT(page.out, HasSubstr("X-Content-Type-Options: nosniff"));
  EXPECT_THAT(page.out, Not(HasSubstr("<script>")));
  for (const char* path : {"/verify", "/verify.js", "/verify.css"}) {
    const HttpAnswer answer = service.ask("GET", path, "");
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(textOf(answer), Not(HasSubstr("http")));
  }
}

TEST_F(VerificationTest, AnAddressThatAsksTooOftenWaits) {
  int refused = 0;
  for (int i = 0; i < 30; ++i) refused += upload("x").status == 429;
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, 30);
}

TEST_F(VerificationTest, InABrowserTheTwoHashesStandSideBySide) {
  std::string pdf;
  const std::string id = service.addEnvelope("ORG", &pdf);
  core::writeFile(service.folder() / "contract.pdf", pdf);
  test::Browser browser;
  browser.open(service.url() + "/V/" + id);
  EXPECT_THAT(browser.text("#document"), HasSubstr("示****"));
  EXPECT_THAT(browser.text("h1"), HasSubstr("电子合同验证"));
  browser.choose("#file", service.folder() / "contract.pdf");
  ASSERT_TRUE(test::comesTrue([&] { return browser.text("#verdict").find("验证通过") != std::string::npos; }))
      << browser.text("#verdict");
  const std::string hash = core::toHex(signing::digestOf(signing::DigestAlgorithm::kSha256, core::viewOf(pdf)));
  EXPECT_EQ(browser.text("#local"), hash) << "by WebCrypto";
  EXPECT_EQ(browser.text("#remote"), hash);
  EXPECT_EQ(browser.text("#same"), "一致");
  EXPECT_THAT(browser.text("#known"), HasSubstr("草稿"));
  browser.click("#language");
  EXPECT_THAT(browser.text("h1"), HasSubstr("Verify an electronic contract"));
  EXPECT_THAT(browser.text("h1"), Not(HasSubstr("电子")));
  core::writeFile(service.folder() / "other.pdf", "%PDF-1.7\nnothing");
  browser.choose("#file", service.folder() / "other.pdf");
  EXPECT_TRUE(test::comesTrue([&] { return browser.text("#verdict").find("not valid") != std::string::npos; }));
  EXPECT_EQ(browser.faults(), "") << "nothing on the console: no policy broken, no script failed";
}

}  // namespace
}  // namespace qianda::server
