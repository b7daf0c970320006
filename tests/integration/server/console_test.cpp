// HR's console in a real browser: a first login with password and second factor, a roster whose faults are told by row,
// a batch followed to its end, envelopes reminded of and withdrawn.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contracts/ceremony/development_providers.h"
#include "contracts/seals/granted_seals.h"
#include "templates/sample_roster.h"
#include "tests/support/browser.h"
#include "tests/support/envelope_house.h"
#include "tests/support/evidence_service.h"
#include "tests/support/http_service.h"
#include "tests/support/page_audit.h"
#include "tests/support/sealing.h"
#include "tests/support/service.h"

namespace qianda::server {
namespace {

using test::Browser;
using testing::HasSubstr;
using testing::Not;

class ConsoleTest : public test::OnBothDatabases {
 protected:
  void SetUp() override {
    Services& services = service.services();
    sealing.attach(services);
    services.accounts = &accounts.accounts;
    services.ceremony = &ceremony;
    services.publicUrl = service.url("");
    services.clock = core::now;
    services.authenticate = [this](const Request& request) {
      return authenticate(accounts.accounts, service.url(""), request);
    };
    organisation = accounts.createOrganisation("enterprise");
    hr = accounts.createUser(organisation, "hr", "示例人事");
    secret = drawTotpSecret();
    const contracts::Actor keeper{organisation, "user:keeper", "", ""}, approver{organisation, "user:approver", "", ""};
    const std::string seal = sealing.makeSeal(keeper, "示例公章");
    const std::string grant = sealing.propose(keeper, seal, "user:" + hr.id, 100);
    database->write([&](storage::Transaction& t) {
      contracts::approveGrant(t, approver, grant, core::now());
      t.execute("UPDATE users SET totp_secret = $1, totp_confirmed = 1 WHERE id = $2", {toBase32(secret), hr.id});
    });
  }

  static void await(Browser& browser, const std::string& selector) {
    ASSERT_TRUE(test::comesTrue([&] { return browser.isSeen(selector); }))
        << selector << " is not seen, but: " << browser.text("main") << "\n"
        << browser.faults();
  }
  static void awaitWords(Browser& browser, const std::string& selector, const std::string& words) {
    ASSERT_TRUE(test::comesTrue([&] { return browser.text(selector).find(words) != std::string::npos; }))
        << words << " is not in: " << browser.text(selector) << "\n"
        << browser.text("main");
  }
  static void tap(Browser& browser, const std::string& selector) {
    browser.run("document.querySelector('" + selector + "').scrollIntoView({block: 'center'})");
    browser.click(selector);
  }
  static void check(Browser& browser) { EXPECT_EQ(browser.run(test::kPageAudit).text(), ""); }
  void logIn(Browser& browser) {
    browser.open(service.url("/console"));
    await(browser, "#login");
    check(browser);
    browser.type("#login-name", hr.login);
    browser.type("#password", "wrong password");
    tap(browser, "#login .primary");
    awaitWords(browser, "#login .error", "不正确");
    browser.type("#password", hr.password);
    tap(browser, "#login .primary");
    await(browser, "#factor");
    browser.type("#factor-code", totpCode(secret, core::now() - std::chrono::hours(1)));
    tap(browser, "#factor .primary");
    awaitWords(browser, "#factor .error", "不正确");
    browser.type("#factor-code", totpCode(secret, accounts.accounts.clock()));
    tap(browser, "#factor .primary");
    await(browser, "#change");
    browser.type("#new-password", "correct horse battery staple");
    tap(browser, "#change .primary");
    await(browser, "#batch");
  }
  std::string roster(std::uint64_t rows) const {
    std::ostringstream out;
    templates::writeSampleRoster(*sealing.desk.form("labour-general"), rows, 1, core::chinaDate(core::now()), out);
    return out.str();
  }
  std::int64_t count(const std::string& what) {
    return database->looked<std::int64_t>(
        [&](storage::Transaction& t) { return t.findRow("SELECT COUNT(*) FROM " + what)->number(0); });
  }
  void runBatch() {
    const auto leases = storage::leaseWork(*database, {"batch"}, core::now(), std::chrono::minutes(10), 1);
    ASSERT_EQ(leases.size(), 1u);
    const std::atomic<bool> stopping = false;
    EXPECT_TRUE(contracts::runAcceptedBatch(sealing.desk.house(), leases[0], stopping).isFinished);
  }

  test::TestService accounts{*database};
  test::Sealing sealing{*database};
  test::EnvelopeHouse house{*database};
  contracts::DevelopmentIdentity register_;
  contracts::DevelopmentMessages messages{house.ca.temp / "messages.jsonl"};
  contracts::DevelopmentSms sms{messages};
  contracts::CeremonyServices ceremony{house.services, sms, register_, nullptr, {}};
  test::HttpService service{routes()};
  std::string organisation;
  test::Member hr;
  core::Bytes secret;
};
INSTANTIATE_TEST_SUITE_P(Sqlite, ConsoleTest, testing::Values(test::DatabaseKind::kSqlite), test::databaseName);

TEST_P(ConsoleTest, ARosterIsCheckedMadeFollowedAndItsEnvelopesManaged) {
  Browser browser;
  logIn(browser);
  check(browser);
  awaitWords(browser, "#seal", "示例公章");
  browser.run(
      "const one = document.getElementById('template'); one.value = 'labour-general'; "
      "one.dispatchEvent(new Event('change'))");
  const test::TempFolder folder;
  const std::string good = roster(3);
  std::string bad = good;
  const std::size_t id = bad.find(",000000");
  ASSERT_NE(id, std::string::npos);
  bad[id + 18] = bad[id + 18] == '1' ? '2' : '1';  // another check digit
  core::writeFile(folder / "bad.csv", bad);
  core::writeFile(folder / "good.csv", good);

  tap(browser, "#check");
  awaitWords(browser, "#batch .error", "请选择名单");
  browser.choose("#roster", folder / "bad.csv");
  tap(browser, "#check");
  awaitWords(browser, "#verdict", "处错误");
  EXPECT_THAT(browser.text("#faults tbody tr"), HasSubstr("1"));
  EXPECT_FALSE(browser.isSeen("#begin")) << "a faulty roster cannot be begun";
  check(browser);
  EXPECT_EQ(count("batches"), 0);

  browser.choose("#roster", folder / "good.csv");
  tap(browser, "#check");
  awaitWords(browser, "#begin", "签发 3 份");
  browser.run("const one = document.getElementById('begin'); one.click(); one.click()");
  await(browser, "#following");
  EXPECT_EQ(count("batches"), 1) << "two taps are one batch";
  runBatch();
  awaitWords(browser, "#following-words", "3 / 3");
  await(browser, "#zip");
  EXPECT_EQ(count("envelopes"), 3);
  house.work();

  tap(browser, "#to-list");
  await(browser, ".envelope");
  check(browser);
  EXPECT_EQ(browser.run("return document.querySelectorAll('.envelope').length").integer(), 3);
  EXPECT_THAT(browser.text(".envelope"), HasSubstr("已发送"));
  const auto invited = house.notices.sent.size();
  EXPECT_GT(invited, 0u);
  for (const contracts::Notice& notice : house.notices.sent) {
    if (notice.link.empty()) continue;
    EXPECT_THAT(browser.run("return document.documentElement.outerHTML").text(),
                Not(HasSubstr(notice.link.substr(notice.link.find('#') + 1))));
  }
  tap(browser, ".envelope .buttons button:nth-child(2)");  // withdraw
  await(browser, ".envelope form");
  tap(browser, ".envelope form button");
  EXPECT_EQ(count("envelopes WHERE state = 'revoked'"), 0) << "not without a reason";
  browser.type(".envelope form input", "工资填错");
  tap(browser, ".envelope form button");
  awaitWords(browser, ".envelope", "已撤回");
  EXPECT_EQ(count("envelopes WHERE state = 'revoked'"), 1);
  // The session outlives the page, and ends when told to.
  browser.open(service.url("/verify"));
  browser.open(service.url("/console"));
  await(browser, "#batch");
  tap(browser, "#log-out");
  await(browser, "#login");
  browser.open(service.url("/verify"));
  browser.open(service.url("/console"));
  await(browser, "#login");
  EXPECT_FALSE(browser.isSeen("#work"));
}

}  // namespace
}  // namespace qianda::server
