// The page of electronic service in a real browser of a phone's size: who has the link sees court, case and documents,
// opens them and is on file as having read them; what it says of a link that opens nothing.
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery/service/electronic.h"
#include "tests/support/browser.h"
#include "tests/support/court_house.h"
#include "tests/support/evidence_service.h"
#include "tests/support/http_service.h"
#include "tests/support/page_audit.h"

namespace qianda::server {
namespace {

using test::Browser;
using testing::HasSubstr;
using testing::Not;

class ServedPageTest : public test::OnBothDatabases {
 protected:
  void SetUp() override {
    Services& services = service.services();
    services.database = &*database;
    services.documents = &court.sealing.documents;
    services.clock = court.service.services.clock;
    const Json step = court.issueAccept(court.createCase("示劳人仲案字〔2026〕1号"), "electronic");
    const Json& worker = step.find("records")->items().at(0);
    record = worker.find("id")->text();
    attempt = worker.find("attempt")->text();
    database->write([&](storage::Transaction& t) { secret = delivery::drawServiceLink(t, attempt, services.clock()); });
  }
  std::string link(const std::string& of) const { return service.url("/served/#" + of); }
  std::vector<std::string> evidenceKinds() {
    const Json whole = court.well("GET", "/service-records/" + record);
    std::vector<std::string> kinds;
    for (const Json& one : whole.find("attempts")->items().at(0).find("evidence")->items()) {
      kinds.push_back(one.find("kind")->text());
    }
    return kinds;
  }
  static void awaitWords(Browser& browser, const std::string& selector, const std::string& words) {
    ASSERT_TRUE(test::comesTrue([&] { return browser.text(selector).find(words) != std::string::npos; }))
        << words << " is not in: " << browser.text(selector) << "\n"
        << browser.faults();
  }
  static void check(Browser& browser) { EXPECT_EQ(browser.run(test::kPageAudit).text(), "") << browser.text("main"); }

  test::CourtHouse court{*database};
  test::HttpService service{routes()};
  std::string record, attempt, secret;
};
INSTANTIATE_TEST_SUITE_P(Databases, ServedPageTest, test::bothDatabases(), test::databaseName);

TEST_P(ServedPageTest, OpensTheDocumentsAndFilesThatTheyWereRead) {
  Browser browser(Browser::Kind::kPhone);
  browser.open(link(secret));
  awaitWords(browser, "#list", "受理通知书");
  for (const char* words : {"示例市劳动人事争议仲裁委员会", "示劳人仲案字〔2026〕1号", test::kCourtApplicant.c_str()}) {
    EXPECT_THAT(browser.text("#facts"), HasSubstr(words));
  }
  EXPECT_EQ(browser.text(".error"), "");
  check(browser);
  EXPECT_EQ(evidenceKinds(), std::vector<std::string>{}) << "who looks at the list has read nothing";

  browser.run(
      "window.saved = []; const real = URL.createObjectURL; URL.createObjectURL = (blob) => { "
      "window.saved.push(blob.size); return real.call(URL, blob); }");
  browser.click("#list button");
  ASSERT_TRUE(test::comesTrue([&] { return browser.run("return window.saved.length").integer() == 1; }))
      << browser.text("main") << browser.faults();
  const Json documents = court.well("GET", "/service-records/" + record);
  EXPECT_EQ(browser.run("return window.saved[0]").integer(),
            documents.find("documents")->items().at(0).find("size")->integer());
  EXPECT_EQ(evidenceKinds(), std::vector<std::string>{"read"});
  // Again, and another one: still read once.
  ASSERT_TRUE(test::comesTrue(
      [&] { return !browser.run("return document.querySelector('#list button').disabled").boolean(); }));
  browser.run("const all = document.querySelectorAll('#list button'); all[all.length - 1].click()");
  ASSERT_TRUE(test::comesTrue([&] { return browser.run("return window.saved.length").integer() == 2; }));
  EXPECT_EQ(evidenceKinds(), std::vector<std::string>{"read"});
  EXPECT_EQ(browser.faults(), "");
  EXPECT_THAT(service.lines(), Not(HasSubstr(secret))) << "no log has the secret";
}

TEST_P(ServedPageTest, SpeaksEnglish) {
  Browser browser(Browser::Kind::kPhone);
  browser.open(link(secret));
  awaitWords(browser, "#list", "打开");
  EXPECT_THAT(browser.text("main"), Not(HasSubstr("Documents served")));
  browser.click("#language");
  EXPECT_THAT(browser.text("h1"), HasSubstr("Documents served electronically"));
  EXPECT_THAT(browser.text("#facts"), HasSubstr("Recipient"));
  EXPECT_THAT(browser.text("#list"), HasSubstr("Open "));
  EXPECT_THAT(browser.text("main"), Not(HasSubstr("打开")));
  check(browser);
}

TEST_P(ServedPageTest, ALinkThatOpensNothingSaysSo) {
  std::string wrong = secret;
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  for (const std::string& one : {wrong, std::string("short"), std::string()}) {
    Browser browser(Browser::Kind::kPhone);
    browser.open(link(one));
    awaitWords(browser, ".error", "此链接已失效或不完整");
    EXPECT_FALSE(browser.isSeen("#served"));
    check(browser);
    browser.click("#language");
    EXPECT_THAT(browser.text(".error"), HasSubstr("opens nothing"));
  }
  EXPECT_EQ(evidenceKinds(), std::vector<std::string>{});
}

TEST_P(ServedPageTest, LoadsNothingFromElsewhere) {
  const test::Output page = test::run({"curl", "-si", service.url("/served/")});
  EXPECT_THAT(page.out, HasSubstr("default-src 'none'; script-src 'self'; style-src 'self'"));
  EXPECT_THAT(page.out, HasSubstr("Referrer-Policy: no-referrer"));
  EXPECT_THAT(page.out, HasSubstr("Cache-Control: no-store"));
  EXPECT_THAT(page.out, Not(HasSubstr("http://")));
  EXPECT_THAT(page.out, Not(HasSubstr("https://")));
  EXPECT_FALSE(std::regex_search(page.out, std::regex("<script(?![^>]*src=)|<style| style=| onclick=")));
  const std::string script = test::run({"curl", "-s", service.url("/sign/served.js")}).out;
  EXPECT_THAT(script, HasSubstr("secret"));
  const std::regex later(R"(\?\.[A-Za-z_(\[]|\?\?|catch \{|\.\.\.[a-z]+ \}|\.replaceAll\(|\.flat\(|\.finally\()");
  EXPECT_FALSE(std::regex_search(script, later)) << "ES2017: old phones";
}

}  // namespace
}  // namespace qianda::server
