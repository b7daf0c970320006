// The worker's page in a real browser of a phone's size: the whole ceremony by tapping, typing and writing, what it
// refuses, and what it says when something is wrong. The documents are judged by pdfsig.
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contracts/ceremony/development_providers.h"
#include "server/ceremony_access.h"
#include "server/page_images.h"
#include "tests/support/browser.h"
#include "tests/support/envelope_house.h"
#include "tests/support/evidence_service.h"
#include "tests/support/http_service.h"
#include "tests/support/lawful_values.h"
#include "tests/support/page_audit.h"

namespace qianda::server {
namespace {

using test::Browser;
using testing::HasSubstr;
using testing::Not;

class LastSms : public contracts::SmsCodeProvider {
 public:
  contracts::ProviderAnswer send(const std::string&, const std::string& sent, const std::string&) override {
    const std::lock_guard lock(mutex_);
    code_ = sent;
    return {true, "test", "sms_code", "1", "sent"};
  }
  std::string code() {
    const std::lock_guard lock(mutex_);
    return code_;
  }
  std::string wrong() { return code() == "123456" ? "123457" : "123456"; }

 private:
  std::mutex mutex_;
  std::string code_;
};
class Register : public contracts::IdentityProvider {
 public:
  contracts::ProviderAnswer check(const contracts::PersonClaim&) override {
    return {true, "test", "three_factors", "1", "matches"};
  }
};

class SigningPageTest : public test::OnBothDatabases {
 protected:
  void SetUp() override {
    house.services.policy.signingAddress = service.url("/sign/#");
    ceremony.rules.readingPerPage = std::chrono::milliseconds(0);
    ceremony.rules.resendAfter = std::chrono::milliseconds(0);
    Services& services = service.services();
    services.database = &*database;
    services.documents = &house.documents;
    services.ceremony = &ceremony;
    services.pageImages = &images;
    services.verificationAddress = "HTTPS://QIANDA.EXAMPLE/V/";
    services.clock = house.services.clock;
    services.authenticate = withCeremony(services, [](const Request& request) -> Principal {
      if (bearerToken(request) != "hr") return {};
      return {Principal::Kind::kUser, "org", "hr", "hr", {"envelopes:read", "envelopes:write"}};
    });
  }

  HttpAnswer ask(const std::string& token, const std::string& method, const std::string& path, const Json& body = {}) {
    HttpRequest request;
    request.method = method;
    request.url = service.url(path);
    if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
    const std::string octets = body.isNull() ? "" : body.dump();
    if (!octets.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.body.assign(octets.begin(), octets.end());
    return client_.send(request);
  }
  // A contract the employer has sealed, waiting for the worker.
  std::string sendContract() {
    Json parties = Json::array();
    parties.push(Json::object({{"name", "employer"}, {"stage", 1}, {"seal", "seal"}}));
    parties.push(Json::object({{"name", "worker"}, {"stage", 2}}));
    const Json values = test::lawfulValues(test::kWorkerName, test::kWorkerId, test::kWorkerPhone);
    const HttpAnswer made =
        ask("hr", "POST", "/api/v1/envelopes",
            Json::object({{"template", "labour-general"}, {"values", values}, {"parties", parties}, {"send", true}}));
    if (made.status != 201) throw std::runtime_error(std::string(core::textOf(made.body)));
    house.work();
    return parseJson(core::textOf(made.body)).find("id")->text();
  }
  std::string link() const { return house.notices.sent.back().link; }
  std::string secret() const { return link().substr(link().find('#') + 1); }

  static void await(Browser& browser, const std::string& selector) {
    ASSERT_TRUE(test::comesTrue([&] { return browser.isSeen(selector); }))
        << selector << " is not seen, but: " << browser.text("main") << "\n"
        << browser.faults();
  }
  static void tap(Browser& browser, const std::string& selector) {
    browser.run("document.querySelector('" + selector + "').scrollIntoView({block: 'center'})");
    browser.click(selector);
  }
  static void awaitWords(Browser& browser, const std::string& selector, const std::string& words) {
    ASSERT_TRUE(test::comesTrue([&] { return browser.text(selector).find(words) != std::string::npos; }))
        << words << " is not in: " << browser.text(selector);
  }
  static void check(Browser& browser) { EXPECT_EQ(browser.run(test::kPageAudit).text(), "") << browser.text("h1"); }
  static std::string valueOf(Browser& browser, const std::string& id) {
    return browser.run("return document.getElementById('" + id + "').value").text();
  }
  // Only what a page can be at fault for; answers of 4xx are told there, too.
  static std::string scriptFaults(Browser& browser) {
    return std::regex_replace(browser.faults(), std::regex("[^\n]*Failed to load resource[^\n]*\n"), "");
  }

  void begin(Browser& browser) {
    browser.open(link());
    await(browser, "#notice");
    tap(browser, "#notice .primary");
    await(browser, "#identity");
  }
  static void typeWho(Browser& browser, const std::string& idNumber = test::kWorkerId) {
    browser.type("#name", test::kWorkerName);
    browser.type("#id-number", idNumber);
    browser.type("#phone", test::kWorkerPhone);
    tap(browser, "#identity .primary");
  }
  void typeCode(Browser& browser) {
    await(browser, "#code");
    browser.type("#code-digits", sms.code());
    tap(browser, "#code .primary");
  }
  // Tap by tap to the last page's end.
  static void readAll(Browser& browser) {
    await(browser, "#sheets .paper.whole");
    ASSERT_TRUE(test::comesTrue([&] {
      browser.run("const one = document.getElementById('read-on'); if (!one.disabled) one.click()");
      return browser.isSeen("#strokes");
    })) << browser.text("#read-on");
  }
  // 林示例
  static std::vector<std::vector<std::pair<double, double>>> handwriting() {
    const std::vector<std::vector<std::pair<double, double>>> corners = {
        {{0.05, 0.32}, {0.17, 0.30}},
        {{0.11, 0.14}, {0.11, 0.74}},
        {{0.11, 0.34}, {0.08, 0.45}, {0.04, 0.54}},
        {{0.12, 0.36}, {0.16, 0.46}},
        {{0.19, 0.31}, {0.33, 0.28}},
        {{0.26, 0.12}, {0.26, 0.74}},
        {{0.25, 0.33}, {0.22, 0.45}, {0.17, 0.56}},
        {{0.27, 0.33}, {0.30, 0.46}, {0.35, 0.56}},
        {{0.43, 0.22}, {0.60, 0.20}},
        {{0.39, 0.38}, {0.66, 0.35}},
        {{0.525, 0.38}, {0.525, 0.72}, {0.49, 0.67}},
        {{0.46, 0.48}, {0.44, 0.56}, {0.40, 0.64}},
        {{0.58, 0.47}, {0.62, 0.54}, {0.66, 0.62}},
        {{0.755, 0.18}, {0.735, 0.30}, {0.70, 0.42}},
        {{0.735, 0.32}, {0.735, 0.73}},
        {{0.775, 0.26}, {0.875, 0.24}},
        {{0.82, 0.27}, {0.80, 0.40}, {0.775, 0.50}},
        {{0.80, 0.40}, {0.865, 0.38}, {0.84, 0.54}, {0.775, 0.72}},
        {{0.80, 0.47}, {0.825, 0.54}},
        {{0.905, 0.30}, {0.905, 0.55}},
        {{0.955, 0.16}, {0.955, 0.72}, {0.93, 0.67}},
    };
    std::vector<std::vector<std::pair<double, double>>> strokes;
    for (const auto& stroke : corners) {
      strokes.push_back({stroke[0]});
      for (std::size_t i = 1; i < stroke.size(); ++i) {
        for (int step = 1; step <= 4; ++step) {
          strokes.back().emplace_back(stroke[i - 1].first + (stroke[i].first - stroke[i - 1].first) * step / 4,
                                      stroke[i - 1].second + (stroke[i].second - stroke[i - 1].second) * step / 4);
        }
      }
    }
    return strokes;
  }
  void toWillingness(Browser& browser) {
    begin(browser);
    typeWho(browser);
    typeCode(browser);
    await(browser, "#reading");
    readAll(browser);
    browser.write("#pad", handwriting());
    tap(browser, "#strokes .primary");
    await(browser, "#willingness");
  }
  void declareWill(Browser& browser) {
    browser.type("#confirmation", std::string(contracts::kConfirmation));
    tap(browser, "#sign");
  }
  // For the documents; set QIANDA_PHOTOGRAPHS to a folder.
  static void photograph(Browser& browser, const std::string& name) {
    if (const char* folder = std::getenv("QIANDA_PHOTOGRAPHS")) {
      browser.run("window.scrollTo(0, 0)");
      browser.photograph(std::filesystem::path(folder) / (name + ".png"));
    }
  }

  test::EnvelopeHouse house{*database};
  LastSms sms;
  Register register_;
  contracts::CeremonyServices ceremony{house.services, sms, register_, nullptr, {}};
  PageImages images{house.services.clock};
  test::HttpService service{routes()};

 private:
  HttpClient client_{[] {
    OutboundPolicy policy;
    policy.privateAddresses = true;
    policy.largestAnswer = 8u << 20;
    policy.timeout = std::chrono::seconds(60);
    return policy;
  }()};
};
// Both databases run the same statements; the ceremony itself is tested on both.
INSTANTIATE_TEST_SUITE_P(Sqlite, SigningPageTest, testing::Values(test::DatabaseKind::kSqlite), test::databaseName);

TEST_P(SigningPageTest, FromTheLinkToASignedContractByTappingAndWriting) {
  const std::string id = sendContract();
  Browser browser(Browser::Kind::kPhone);
  browser.open(link());
  await(browser, "#notice");
  EXPECT_THAT(browser.text("#notice"), HasSubstr("有限公司"));
  EXPECT_THAT(browser.text("#notice"), HasSubstr("林**"));
  EXPECT_THAT(browser.text("#notice"), Not(HasSubstr(test::kWorkerName)));
  EXPECT_THAT(browser.text("#notice-words"), HasSubstr("不向您收取任何费用"));
  check(browser);
  photograph(browser, "1-notice");
  tap(browser, "#notice .primary");

  await(browser, "#identity");
  check(browser);
  tap(browser, "#identity .primary");
  awaitWords(browser, "#identity .error", "请填写");
  typeWho(browser, "000000199206183028");
  awaitWords(browser, "#identity .error", "不一致");
  EXPECT_EQ(valueOf(browser, "name"), test::kWorkerName) << "kept";
  EXPECT_EQ(sms.code(), "") << "no code for a wrong statement";
  check(browser);
  typeWho(browser);

  await(browser, "#code");
  check(browser);
  browser.type("#code-digits", sms.wrong());
  tap(browser, "#code .primary");
  awaitWords(browser, "#code .error", "验证码不正确");
  typeCode(browser);

  await(browser, "#reading");
  await(browser, "#sheets .paper.whole");
  check(browser);
  photograph(browser, "2-reading");
  const auto pages =
      static_cast<std::size_t>(browser.run("return document.querySelectorAll('.sheet').length").integer());
  EXPECT_GT(pages, 1u);
  EXPECT_EQ(pages,
            parseJson(core::textOf(ask(secret(), "GET", "/api/v1/ceremony").body)).find("pages_read")->items().size());
  EXPECT_THAT(browser.text("#read-on"), HasSubstr("继续阅读"));
  ASSERT_TRUE(test::comesTrue([&] {
    return browser.run("return document.querySelector('.page-text').textContent").text().find("劳动合同") !=
           std::string::npos;
  }));
  tap(browser, "#text-switch");
  EXPECT_THAT(browser.text("#sheets"), HasSubstr("劳动合同"));
  check(browser);
  tap(browser, "#text-switch");
  readAll(browser);

  check(browser);
  tap(browser, "#strokes .primary");
  awaitWords(browser, "#strokes .error", "请先在框内手写");
  browser.write("#pad", handwriting());
  browser.write("#pad", {{{0.1, 0.9}, {0.5, 0.9}, {0.9, 0.9}}});
  tap(browser, "#undo");
  photograph(browser, "3-strokes");
  tap(browser, "#strokes .primary");

  await(browser, "#willingness");
  check(browser);
  browser.type("#confirmation", "我同意");
  tap(browser, "#sign");
  awaitWords(browser, "#willingness .error", "确认文字");
  EXPECT_EQ(valueOf(browser, "confirmation"), "我同意");
  EXPECT_EQ(house.partyState(id, "worker"), "identified");
  browser.type("#confirmation", std::string(contracts::kConfirmation));
  photograph(browser, "4-willingness");
  // Two taps are one signature.
  browser.run("const sign = document.getElementById('sign'); sign.click(); sign.click()");

  await(browser, "#done");
  photograph(browser, "5-done");
  check(browser);
  const std::string file = house.newestFile(id);
  EXPECT_THAT(browser.text("#done-facts"), HasSubstr(core::sha256Hex(file)));
  EXPECT_EQ(house.pdfsig(file), "2 of 2 valid");
  EXPECT_EQ(house.envelope(id).revision, 3);
  EXPECT_EQ(house.audited(id, "party.signed"), 1);
  EXPECT_EQ(house.audited(id, "party.willing"), 1);
  tap(browser, "#download");
  ASSERT_TRUE(test::comesTrue([&] { return house.audited(id, "party.copy_fetched") == 1; }));
  ASSERT_TRUE(
      test::comesTrue([&] { return !browser.run("return document.getElementById('paper').disabled").boolean(); }));
  tap(browser, "#paper");
  ASSERT_TRUE(test::comesTrue([&] { return house.audited(id, "envelope.printed") == 1; }));

  // A later visit: the same link shows the result, and the contract again.
  browser.open(service.url("/my-contracts"));
  browser.open(link());
  await(browser, "#done");
  tap(browser, "#done .secondary");
  await(browser, "#sheets .paper.whole");
  tap(browser, "#language");
  EXPECT_THAT(browser.text("#reading h1"), HasSubstr("Read the whole contract"));
  EXPECT_THAT(browser.text("#read-on"), HasSubstr("Back"));
  check(browser);
  EXPECT_EQ(scriptFaults(browser), "");
  EXPECT_THAT(service.lines(), Not(HasSubstr(secret()))) << "no log has the secret";
}

// The page is not what keeps the order: without it the service refuses the same.
TEST_P(SigningPageTest, NothingIsSignedBeforeAllWasReadAndWritten) {
  const std::string id = sendContract();
  Browser browser(Browser::Kind::kPhone);
  begin(browser);
  EXPECT_EQ(ask(secret(), "GET", "/api/v1/ceremony/pages/1").status, 409) << "nobody is identified";
  typeWho(browser);
  typeCode(browser);
  await(browser, "#reading");
  await(browser, "#sheets .paper.whole");
  Json points = Json::array();
  for (int i = 0; i < 10; ++i) points.push(Json::object({{"x", 0.1 * i}, {"y", 0.5}}));
  const Json strokes = Json::object({{"strokes", Json::array({points})}});
  const Json will = Json::object(
      {{"version", contracts::willingnessText().version}, {"confirmation", std::string(contracts::kConfirmation)}});
  EXPECT_EQ(ask(secret(), "POST", "/api/v1/ceremony/strokes", strokes).status, 409);
  EXPECT_EQ(ask(secret(), "POST", "/api/v1/ceremony/willingness", will).status, 409);
  EXPECT_FALSE(browser.isSeen("#strokes"));
  EXPECT_EQ(ask(secret(), "GET", "/api/v1/ceremony/pages/999").status, 404);
  EXPECT_EQ(ask(secret(), "GET", "/api/v1/ceremony/pages/x").status, 404);
  EXPECT_EQ(ask("", "GET", "/api/v1/ceremony/pages/1").status, 401);
  EXPECT_EQ(ask("hr", "GET", "/api/v1/ceremony/pages/1").status, 403);
  // A jump to the end does not count for the pages between.
  browser.run("window.scrollTo(0, document.documentElement.scrollHeight)");
  ASSERT_TRUE(test::comesTrue([&] { return browser.text("#read-on").find("已读") != std::string::npos; }));
  EXPECT_FALSE(browser.isSeen("#strokes"));
  readAll(browser);
  EXPECT_EQ(ask(secret(), "POST", "/api/v1/ceremony/willingness", will).status, 409) << "nothing is written";
  EXPECT_EQ(house.partyState(id, "worker"), "identified");
  EXPECT_EQ(house.envelope(id).revision, 2);
}

TEST_P(SigningPageTest, TheLeastReadingTimeIsCountedDown) {
  ceremony.rules.readingPerPage = std::chrono::hours(1);
  sendContract();
  Browser browser(Browser::Kind::kPhone);
  begin(browser);
  typeWho(browser);
  typeCode(browser);
  await(browser, "#sheets .paper.whole");
  const auto isCounting = [&] {
    browser.run("const one = document.getElementById('read-on'); if (!one.disabled) one.click()");
    return browser.text("#read-on").find("秒") != std::string::npos;
  };
  ASSERT_TRUE(test::comesTrue(isCounting)) << browser.text("#read-on");
  EXPECT_TRUE(browser.run("return document.getElementById('read-on').disabled").boolean());
  house.ahead = std::chrono::hours(24);
  ceremony.rules.readingPerPage = std::chrono::milliseconds(0);
}

TEST_P(SigningPageTest, LinksThatOpenNothingSayWhyAndWhatToDo) {
  const std::string id = sendContract();
  Browser browser(Browser::Kind::kPhone);
  const auto saysAt = [&](const std::string& address, const std::string& words) {
    browser.open(service.url("/my-contracts"));
    browser.open(address);
    await(browser, "#closed");
    EXPECT_THAT(browser.text("#closed"), HasSubstr(words));
    check(browser);
  };
  saysAt(service.url("/sign"), "链接已失效");
  saysAt(service.url("/sign/#") + std::string(52, '0'), "链接已失效");
  // Another worker's contract in an earlier stage of the same kind: the link is not theirs yet.
  const std::string early = house.draft({house.person("first", 1), house.person("second", 2)});
  house.send(early);
  std::string waiting;
  database->write([&](storage::Transaction& t) {
    waiting =
        contracts::issueLink(t, {early, "second", "sign", core::now() + std::chrono::hours(1)}, false, core::now());
  });
  saysAt(service.url("/sign/#") + waiting, "还没有轮到您");
  const std::string mine = link();
  database->write(
      [&](storage::Transaction& t) { contracts::revokeEnvelope(t, id, "wrong wage", house.hr, core::now()); });
  saysAt(mine, "已被用人单位撤回");
  const std::string expiring = sendContract(), toExpire = link();
  house.ahead = std::chrono::hours(24 * 31);
  house.work({"expire_envelope"});
  EXPECT_EQ(house.state(expiring), "expired");
  saysAt(toExpire, "链接已失效");
  house.ahead = std::chrono::milliseconds(0);
  saysAt(toExpire, "期限已过");
}

// A link read by somebody else helps them nothing: no code, no document.
TEST_P(SigningPageTest, AnotherPersonWithTheLinkGetsNoFurtherThanTheirName) {
  const std::string id = sendContract();
  Browser browser(Browser::Kind::kPhone);
  begin(browser);
  for (int i = 0; i < 5; ++i) {
    browser.type("#name", "王示例");
    browser.type("#id-number", "000000199001010015");
    browser.type("#phone", "13900000000");
    tap(browser, "#identity .primary");
    ASSERT_TRUE(test::comesTrue([&] { return house.audited(id, "party.identity_mismatch") == i + 1; }));
    awaitWords(browser, "#identity .error", "不一致");
  }
  tap(browser, "#identity .primary");
  awaitWords(browser, "#identity .error", "过于频繁");
  EXPECT_EQ(sms.code(), "");
  EXPECT_EQ(house.partyState(id, "worker"), "viewed");
}

TEST_P(SigningPageTest, AnAnswerLostOnTheWayMakesNoSecondSignature) {
  const std::string id = sendContract();
  Browser browser(Browser::Kind::kPhone);
  toWillingness(browser);
  browser.run(
      "const real = window.fetch; window.fetch = (address, how) => real(address, how).then((answer) => {"
      " if (address.indexOf('willingness') < 0) return answer; window.fetch = real; throw new TypeError('lost'); })");
  declareWill(browser);
  await(browser, "#done");
  EXPECT_EQ(house.pdfsig(house.newestFile(id)), "2 of 2 valid");
  EXPECT_EQ(house.envelope(id).revision, 3);
  // Said again, it answers the same.
  const HttpAnswer again = ask(secret(), "POST", "/api/v1/ceremony/willingness",
                               Json::object({{"version", contracts::willingnessText().version},
                                             {"confirmation", std::string(contracts::kConfirmation)}}));
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(house.envelope(id).revision, 3);
}

TEST_P(SigningPageTest, WithoutANetworkWhatWasTypedIsKept) {
  sendContract();
  Browser browser(Browser::Kind::kPhone);
  begin(browser);
  browser.run("window.real = window.fetch; window.fetch = () => Promise.reject(new TypeError('offline'))");
  typeWho(browser);
  awaitWords(browser, "#identity .error", "网络不通");
  EXPECT_EQ(valueOf(browser, "phone"), test::kWorkerPhone);
  browser.run("window.fetch = window.real");
  tap(browser, "#identity .primary");
  await(browser, "#code");
}

TEST_P(SigningPageTest, AFaceAndACodeForTheWillWhereTheyAreAskedFor) {
  contracts::DevelopmentFace face;
  ceremony.face = &face;
  ceremony.rules.needsFace = ceremony.rules.needsCodeForWillingness = true;
  const std::string id = sendContract();
  const test::TempFolder folder;
  Browser browser(Browser::Kind::kPhone);
  browser.open(service.url("/verify"));
  browser.photograph(folder / "face.png");
  begin(browser);
  typeWho(browser);
  typeCode(browser);
  await(browser, "#face");
  check(browser);
  EXPECT_TRUE(browser.run("return document.getElementById('face-send').disabled").boolean());
  browser.choose("#face-file", folder / "face.png");
  ASSERT_TRUE(
      test::comesTrue([&] { return !browser.run("return document.getElementById('face-send').disabled").boolean(); }));
  tap(browser, "#face-send");
  await(browser, "#reading");
  readAll(browser);
  browser.write("#pad", handwriting());
  tap(browser, "#strokes .primary");
  await(browser, "#will-coded");
  tap(browser, "#will-send");
  awaitWords(browser, "#will-send", "秒后");
  browser.type("#will-code", sms.wrong());
  tap(browser, "#sign");
  awaitWords(browser, "#willingness .error", "验证码不正确");
  browser.type("#will-code", sms.code());
  tap(browser, "#sign");
  await(browser, "#done");
  EXPECT_EQ(house.audited(id, "party.face_checked"), 1);
  EXPECT_EQ(house.pdfsig(house.newestFile(id)), "2 of 2 valid");
}

TEST_P(SigningPageTest, DecliningTakesAReasonAndEndsTheLink) {
  const std::string id = sendContract();
  Browser browser(Browser::Kind::kPhone);
  begin(browser);
  tap(browser, "#identity [data-do=ask-decline]");
  await(browser, "#decline");
  check(browser);
  tap(browser, "#decline .primary");
  awaitWords(browser, "#decline .error", "请填写");
  EXPECT_NE(house.state(id), "declined");
  tap(browser, "#decline .secondary");
  await(browser, "#identity");
  tap(browser, "#identity [data-do=ask-decline]");
  browser.type("#reason", "工资与约定不符");
  tap(browser, "#decline .primary");
  await(browser, "#closed");
  EXPECT_THAT(browser.text("#closed"), HasSubstr("已被拒签"));
  EXPECT_EQ(house.state(id), "declined");
}

TEST_P(SigningPageTest, OnesOwnContractsNeedNoLink) {
  const std::string id = sendContract();
  Browser browser(Browser::Kind::kPhone);
  toWillingness(browser);
  declareWill(browser);
  await(browser, "#done");
  browser.open(service.url("/my-contracts"));
  await(browser, "#who");
  check(browser);
  browser.type("#name", test::kWorkerName);
  browser.type("#id-number", test::kWorkerId);
  browser.type("#phone", test::kWorkerPhone);
  tap(browser, "#who .primary");
  await(browser, "#code");
  browser.type("#code-digits", sms.wrong());
  tap(browser, "#code .primary");
  awaitWords(browser, "#code .error", "验证码不正确");
  browser.type("#code-digits", sms.code());
  tap(browser, "#code .primary");
  await(browser, "#list .contract .primary");
  EXPECT_THAT(browser.text("#list"), HasSubstr("已完成"));
  browser.run(
      "const real = window.fetch; window.fetch = (address, how) => { window.asked = address; return real(address, "
      "how); }");
  tap(browser, "#list .contract .primary");
  ASSERT_TRUE(test::comesTrue([&] {
    return browser.run("return String(window.asked)").text() == "/api/v1/worker/contracts/" + id + "/document" &&
           !browser.run("return document.querySelector('#list .primary').disabled").boolean();
  }));
  EXPECT_EQ(browser.text("#list .error"), "");
  EXPECT_EQ(scriptFaults(browser), "");
}

TEST_P(SigningPageTest, ThePagesLoadNothingFromElsewhereAndRunOnOldEngines) {
  for (const char* page : {"/sign", "/sign/", "/my-contracts", "/console"}) {
    const test::Output answer = test::run({"curl", "-si", service.url(page)});
    EXPECT_THAT(answer.out, HasSubstr("default-src 'none'; script-src 'self'; style-src 'self'")) << page;
    EXPECT_THAT(answer.out, Not(HasSubstr("unsafe-inline")));
    EXPECT_THAT(answer.out, HasSubstr("Referrer-Policy: no-referrer"));
    EXPECT_THAT(answer.out, HasSubstr("Cache-Control: no-store"));
    EXPECT_THAT(answer.out, Not(HasSubstr("http://")));
    EXPECT_THAT(answer.out, Not(HasSubstr("https://")));
    EXPECT_FALSE(std::regex_search(answer.out, std::regex("<script(?![^>]*src=)|<style| style=| onclick="))) << page;
  }
  // ES2017: what came later stops the engines of old phones before the first line.
  const std::regex later(R"(\?\.[A-Za-z_(\[]|\?\?|catch \{|\.\.\.[a-z]+ \}|\.replaceAll\(|\.flat\(|\.finally\()");
  for (const char* name : {"sign.js", "page.js", "pad.js", "reader.js", "words.js", "my_contracts.js", "console.js"}) {
    const HttpAnswer script = ask("", "GET", std::string("/sign/") + name);
    EXPECT_EQ(script.status, 200);
    EXPECT_THAT(script.contentType, HasSubstr("text/javascript"));
    const std::string text(core::textOf(script.body));
    EXPECT_THAT(text, Not(HasSubstr("http")));
    EXPECT_FALSE(std::regex_search(text, later)) << name;
  }
  EXPECT_TRUE(std::regex_search("a?.b", later)) << "the twin";
  EXPECT_EQ(ask("", "GET", "/sign/verify.html").status, 404);
  EXPECT_EQ(ask("", "GET", "/sign/nothing.js").status, 404);
}

}  // namespace
}  // namespace qianda::server
