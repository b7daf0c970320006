// Webhooks: PEERS pain 44 (retries and signatures undocumented, late answers), opportunity 13 (done once, right) and
// pain 36 (addresses that should not be reachable).
#include <algorithm>
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "server/webhooks/deliveries.h"
#include "server/webhooks/sender.h"
#include "server/webhooks/signature.h"
#include "storage/outbox/outbox.h"
#include "tests/support/database.h"
#include "tests/support/error_of.h"
#include "tests/support/webhook_receiver.h"

namespace qianda::server {
namespace {

using namespace std::chrono_literals;
using storage::Transaction;
using test::WebhookReceiver;
using testing::ElementsAre;
using testing::HasSubstr;

WebhookRules localRules() {
  WebhookRules rules;
  rules.allowsHttp = true;
  rules.privateHosts = {"127.0.0.1", "localhost"};
  rules.timeout = 5s;
  return rules;
}

class WebhookTest : public test::OnBothDatabases {
 protected:
  std::string addEndpoint(const std::string& url, std::vector<std::string> events = {"*"}) {
    WebhookEndpoint endpoint;
    endpoint.organisation = "ORG";
    endpoint.url = url;
    endpoint.events = std::move(events);
    database->write([&](Transaction& t) { secret = createEndpoint(t, endpoint, localRules(), now); });
    return endpoint.id;
  }
  void publish(const std::string& subject, int count = 1, const std::string& type = "envelope.signed") {
    for (int i = 0; i < count; ++i) {
      database->write([&](Transaction& t) { storage::publish(t, {"ORG", subject, type, R"({"签":"达"})"}, now); });
    }
  }
  // Everything that is due now, as the workers do it.
  void work(WebhookSender& sender) {
    while (relayEvents(*database, now) > 0) {
    }
    for (;;) {
      const auto leases = storage::leaseWork(*database, {kWebhookLane}, now, 60s, 100);
      if (leases.empty()) return;
      for (const storage::Lease& lease : leases) sender.runLane(*database, lease);
    }
  }
  std::vector<WebhookDelivery> deliveries(const std::string& endpoint) {
    return database->looked<std::vector<WebhookDelivery>>(
        [&](Transaction& t) { return listDeliveries(t, endpoint, "", "", 1000); });
  }
  std::vector<WebhookAttempt> attempts(const std::string& delivery) {
    return database->looked<std::vector<WebhookAttempt>>([&](Transaction& t) { return listAttempts(t, delivery); });
  }
  WebhookEndpoint endpointOf(const std::string& id) {
    return database->looked<WebhookEndpoint>([&](Transaction& t) { return *findEndpoint(t, "ORG", id); });
  }
  WebhookSender::Clock clock() {
    return [this] { return now; };
  }

  std::atomic<core::Instant> at{core::Instant{1'800'000'000'000ms}};
  struct Now {
    std::atomic<core::Instant>& at;
    operator core::Instant() const { return at; }
    void operator+=(std::chrono::milliseconds step) { at = at.load() + step; }
  } now{at};
  std::string secret;
};
INSTANTIATE_TEST_SUITE_P(Databases, WebhookTest, test::bothDatabases(), test::databaseName);

TEST_P(WebhookTest, ArriveOnceInOrderSignedAndNumbered) {
  WebhookReceiver receiver;
  const std::string id = addEndpoint(receiver.url());
  publish("E1", 5);
  publish("E2", 3);
  WebhookSender sender(localRules(), clock());
  work(sender);
  const auto heard = receiver.heard();
  ASSERT_EQ(heard.size(), 8u);
  std::map<std::string, int> last;
  for (const auto& one : heard) {
    const std::string subject = one.body.find("\"subject\":\"E1\"") != std::string::npos ? "E1" : "E2";
    EXPECT_EQ(one.headers.at("webhook-sequence"), std::to_string(++last[subject]));
    EXPECT_THAT(one.body, HasSubstr("\"sequence\":" + one.headers.at("webhook-sequence")));
    EXPECT_THAT(one.body, HasSubstr(R"("data":{"签":"达"})"));
    EXPECT_EQ(one.headers.at("webhook-timestamp"), "1800000000");
    EXPECT_EQ(one.headers.at("webhook-signature"), signWebhook({secret}, one.headers.at("webhook-id"), now, one.body));
    EXPECT_EQ(one.headers.at("content-type"), "application/json");
  }
  for (const auto& one : deliveries(id)) {
    EXPECT_EQ(one.state, "delivered");
    EXPECT_EQ(attempts(one.id).size(), 1u);
  }
  work(sender);
  EXPECT_EQ(receiver.heard().size(), 8u) << "nothing twice";
}

TEST_P(WebhookTest, TheNextOfASubjectWaitsForTheOneBefore) {
  std::atomic<bool> broken = true;
  WebhookReceiver receiver([&](const WebhookReceiver::Heard& heard) {
    return broken && heard.body.find("\"subject\":\"E1\"") != std::string::npos ? 500 : 204;
  });
  addEndpoint(receiver.url());
  publish("E1", 2);
  publish("E2", 2);
  WebhookSender sender(localRules(), clock());
  work(sender);
  EXPECT_EQ(receiver.count("E1"), 1) << "the second is held back";
  EXPECT_EQ(receiver.count("E2"), 2) << "others are not";
  broken = false;
  now += 4s;
  work(sender);
  EXPECT_EQ(receiver.count("E1"), 1) << "not before its time";
  now += 2s;
  work(sender);
  const auto heard = receiver.heard();
  EXPECT_EQ(receiver.count("E1"), 3);
  EXPECT_EQ(heard[heard.size() - 2].headers.at("webhook-sequence"), "1");
  EXPECT_EQ(heard.back().headers.at("webhook-sequence"), "2");
}

TEST_P(WebhookTest, KeepTheWrittenScheduleAndThenAreDead) {
  WebhookReceiver receiver([](const WebhookReceiver::Heard&) { return 500; });
  const std::string id = addEndpoint(receiver.url());
  publish("E1", 2);
  WebhookSender sender(localRules(), clock());
  work(sender);
  std::size_t expected = 1;
  for (const std::chrono::milliseconds wait : kWebhookSchedule) {
    EXPECT_EQ(receiver.heard().size(), expected);
    now += wait - wait / 10 - 1s;
    work(sender);
    EXPECT_EQ(receiver.heard().size(), expected) << "too early";
    now += wait / 5 + 2s;
    work(sender);
    ++expected;
  }
  auto all = deliveries(id);
  ASSERT_EQ(all.size(), 2u);
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.sequence > b.sequence; });
  EXPECT_EQ(all[1].state, "dead");
  EXPECT_EQ(all[1].attempts, 8);
  EXPECT_EQ(all[1].lastOutcome, "HTTP 500");
  EXPECT_EQ(all[0].attempts, 1) << "the next one had its turn then";
  EXPECT_EQ(attempts(all[1].id).back().status, 500);
}

TEST_P(WebhookTest, ALostAcknowledgementRepeatsUnderTheSameIdAndIsRecordedOnce) {
  WebhookReceiver receiver;
  receiver.dropReplies(1);
  const std::string id = addEndpoint(receiver.url());
  publish("E1", 2);
  WebhookSender sender(localRules(), clock());
  work(sender);
  now += 6s;
  work(sender);
  const auto heard = receiver.heard();
  ASSERT_EQ(heard.size(), 3u);
  EXPECT_EQ(heard[0].headers.at("webhook-id"), heard[1].headers.at("webhook-id"));
  EXPECT_EQ(heard[0].body, heard[1].body);
  EXPECT_NE(heard[1].headers.at("webhook-id"), heard[2].headers.at("webhook-id"));
  EXPECT_NE(heard[0].headers.at("webhook-timestamp"), heard[1].headers.at("webhook-timestamp"));
  for (const auto& one : deliveries(id)) EXPECT_EQ(one.state, "delivered");
}

TEST_P(WebhookTest, AWorkerThatDiesAfterSendingLeavesOneRecord) {
  WebhookReceiver receiver;
  const std::string id = addEndpoint(receiver.url());
  publish("E1", 3);
  WebhookSender sender(localRules(), clock());
  relayEvents(*database, now);
  // One that loses its lease after its request went out: the other finds the lane and sends.
  const auto lost = storage::leaseWork(*database, {kWebhookLane}, now, 60s, 1);
  ASSERT_EQ(lost.size(), 1u);
  now += 61s;
  work(sender);
  EXPECT_EQ(receiver.heard().size(), 3u);
  test::messageOf([&] { sender.runLane(*database, lost[0]); }, core::ErrorCode::kConflict);
  EXPECT_EQ(receiver.heard().size(), 3u);
  for (const auto& one : deliveries(id)) EXPECT_EQ(attempts(one.id).size(), 1u);
}

TEST_P(WebhookTest, ManyWorkersRecordEachDeliveryOnce) {
  WebhookReceiver receiver;
  const std::string id = addEndpoint(receiver.url());
  for (int i = 0; i < 12; ++i) publish("E" + std::to_string(i), 4);
  WebhookSender sender(localRules(), clock());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int idle = 0; idle < 3;) {
        relayEvents(*database, now, 10);
        const auto leases = storage::leaseWork(*database, {kWebhookLane}, now, 60s, 2);
        idle = leases.empty() ? idle + 1 : 0;
        for (const storage::Lease& lease : leases) sender.runLane(*database, lease);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  work(sender);
  now += 3s;
  work(sender);
  EXPECT_EQ(receiver.heard().size(), 48u);
  std::map<std::string, int> last;
  for (const auto& one : receiver.heard()) {
    const std::string subject = one.body.substr(one.body.find("\"subject\":"), 16);
    EXPECT_EQ(one.headers.at("webhook-sequence"), std::to_string(++last[subject]));
  }
  for (const auto& one : deliveries(id)) EXPECT_EQ(one.state, "delivered");
}

TEST_P(WebhookTest, RedirectsSlowLongAndWrongAnswersAreFailures) {
  const test::TempFolder tls;
  test::makeTlsCertificate(tls);
  WebhookRules rules = localRules();
  rules.timeout = 300ms;
  rules.largestAnswer = 1000;
  struct Case {
    std::unique_ptr<WebhookReceiver> receiver;
    std::string outcome;
  };
  std::vector<Case> cases;
  cases.push_back({std::make_unique<WebhookReceiver>([](const auto&) { return 302; }), "redirects are not followed"});
  cases.push_back({std::make_unique<WebhookReceiver>([](const auto&) { return 404; }), "HTTP 404"});
  cases.push_back({std::make_unique<WebhookReceiver>(), ""});
  cases.back().receiver->answerSlowly();
  cases.push_back({std::make_unique<WebhookReceiver>(), ""});
  cases.back().receiver->answerAtLength(5000);
  cases.push_back({std::make_unique<WebhookReceiver>([](const auto&) { return 200; }, &tls), ""});  // not trusted
  WebhookSender sender(rules, clock());
  for (const Case& one : cases) {
    const std::string id = addEndpoint(one.receiver->url());
    publish("S" + id);
    work(sender);
    const auto all = deliveries(id);
    ASSERT_FALSE(all.empty());
    EXPECT_EQ(all[0].state, "pending") << one.receiver->url();
    EXPECT_EQ(all[0].attempts, 1);
    EXPECT_THAT(all[0].lastOutcome, HasSubstr(one.outcome));
    database->write([&](Transaction& t) { deleteEndpoint(t, id); });
  }
  EXPECT_EQ(cases[0].receiver->heard().size(), 1u);
}

TEST_P(WebhookTest, NeverReachPrivateAddressesByNameOrNumber) {
  WebhookReceiver receiver;
  WebhookRules strict = localRules();
  strict.privateHosts = {};
  for (const char* url : {"http://127.0.0.1/", "http://[::1]/", "http://10.1.2.3/", "http://169.254.169.254/latest",
                          "http://localhost/", "http://[::ffff:192.168.1.1]/"}) {
    WebhookEndpoint endpoint;
    endpoint.url = url;
    endpoint.events = {"*"};
    test::messageOf([&] { checkEndpoint(endpoint, strict); }, core::ErrorCode::kInvalidInput);
  }
  WebhookRules secure = localRules();
  secure.allowsHttp = false;
  WebhookEndpoint plain;
  plain.url = "http://hooks.example/";
  plain.events = {"*"};
  test::messageOf([&] { checkEndpoint(plain, secure); }, core::ErrorCode::kInvalidInput);
  // A name that turned into a private address after it was accepted (DNS rebinding).
  const std::string id = addEndpoint(receiver.url("localhost"));
  publish("E1");
  WebhookSender sender(strict, clock());
  work(sender);
  EXPECT_TRUE(receiver.heard().empty());
  EXPECT_THAT(deliveries(id)[0].lastOutcome, HasSubstr("not a public one"));
}

TEST_P(WebhookTest, AnExchangedSecretSignsUntilTheOverlapIsOver) {
  WebhookReceiver receiver;
  const std::string id = addEndpoint(receiver.url());
  const std::string old = secret;
  std::string fresh;
  database->write([&](Transaction& t) { fresh = rotateSecret(t, id, localRules(), now); });
  WebhookSender sender(localRules(), clock());
  publish("E1");
  work(sender);
  const auto both = receiver.heard().at(0);
  const std::string signature = both.headers.at("webhook-signature");
  EXPECT_THAT(signature, HasSubstr(signWebhook({old}, both.headers.at("webhook-id"), now, both.body)));
  EXPECT_THAT(signature, HasSubstr(signWebhook({fresh}, both.headers.at("webhook-id"), now, both.body)));
  now += 25h;
  publish("E2");
  work(sender);
  const auto one = receiver.heard().at(1);
  EXPECT_EQ(one.headers.at("webhook-signature"), signWebhook({fresh}, one.headers.at("webhook-id"), now, one.body));
}

TEST_P(WebhookTest, AnEndpointThatOnlyFailsIsDisabledWithANoticeAndGoesOnWhereItStopped) {
  std::atomic<int> status = 500;
  WebhookReceiver broken([&](const auto&) { return status.load(); }), other;
  const std::string id = addEndpoint(broken.url(), {"envelope.*"});
  addEndpoint(other.url(), {"webhook.endpoint_disabled"});
  WebhookSender sender(localRules(), clock());
  for (int day = 0; day < 6; ++day) {
    publish("D" + std::to_string(day));
    work(sender);
    now += 24h + 1min;
  }
  work(sender);
  EXPECT_EQ(endpointOf(id).state, "disabled");
  EXPECT_THAT(endpointOf(id).reason, HasSubstr("nothing but failures since"));
  ASSERT_EQ(other.heard().size(), 1u);
  EXPECT_THAT(other.heard()[0].body, HasSubstr(id));
  status = 200;
  publish("after");
  now += 48h;
  const std::size_t before = broken.heard().size();
  work(sender);
  EXPECT_EQ(broken.heard().size(), before) << "nothing goes to a disabled endpoint";
  WebhookEndpoint endpoint = endpointOf(id);
  endpoint.state = "enabled";
  database->write([&](Transaction& t) { updateEndpoint(t, endpoint, localRules(), now); });
  work(sender);
  EXPECT_EQ(broken.count("after"), 1);
  // 410 Gone (Standard Webhooks) disables at once.
  status = 410;
  publish("gone");
  work(sender);
  EXPECT_EQ(endpointOf(id).state, "disabled");
}

TEST_P(WebhookTest, ReplayOneOrAllSinceATimeAndATestEvent) {
  WebhookReceiver receiver;
  const std::string id = addEndpoint(receiver.url(), {"envelope.*"});
  WebhookSender sender(localRules(), clock());
  publish("E1", 2);
  now += 1h;
  publish("E1", 1);
  publish("E2", 1, "batch.done");
  work(sender);
  ASSERT_EQ(receiver.heard().size(), 3u);
  const std::string event = receiver.heard()[0].headers.at("webhook-id");
  database->write([&](Transaction& t) { EXPECT_TRUE(replayEvent(t, id, event, now)); });
  database->write([&](Transaction& t) { EXPECT_FALSE(replayEvent(t, id, event, now)) << "it waits already"; });
  work(sender);
  ASSERT_EQ(receiver.heard().size(), 4u);
  EXPECT_EQ(receiver.heard()[3].headers.at("webhook-id"), event);
  EXPECT_EQ(replaySince(*database, id, core::Instant(now) - 1min, now), 1u);
  EXPECT_EQ(replaySince(*database, id, core::Instant{}, now), 2u) << "the third waits already";
  work(sender);
  EXPECT_EQ(receiver.heard().size(), 7u);
  std::string test;
  database->write([&](Transaction& t) { test = sendTest(t, "ORG", id, now); });
  work(sender);
  EXPECT_EQ(receiver.heard().back().headers.at("webhook-id"), test);
  EXPECT_THAT(receiver.heard().back().body, HasSubstr("webhook.test"));
  test::messageOf([&] { database->write([&](Transaction& t) { replayEvent(t, id, "no such", now); }); },
                  core::ErrorCode::kNotFound);
}

TEST_P(WebhookTest, AnotherOrganisationHearsNothing) {
  WebhookReceiver receiver;
  const std::string id = addEndpoint(receiver.url());
  database->write([&](Transaction& t) { storage::publish(t, {"OTHER", "X", "envelope.signed", "{}"}, now); });
  WebhookSender sender(localRules(), clock());
  work(sender);
  EXPECT_TRUE(receiver.heard().empty());
  const std::string event =
      database->looked<std::string>([](Transaction& t) { return t.findRow("SELECT id FROM outbox_events")->text(0); });
  test::messageOf([&] { database->write([&](Transaction& t) { replayEvent(t, id, event, now); }); },
                  core::ErrorCode::kNotFound);
}

TEST(WebhookSignature, IsThatOfTheSpecificationsExample) {
  // The example of the Standard Webhooks reference libraries.
  const core::Instant at{std::chrono::seconds(1614265330)};
  EXPECT_EQ(signWebhook({"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, "msg_p5jXN8AQM9LWM0D4loKWxJek", at,
                        R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  EXPECT_TRUE(isWebhookSecret(newWebhookSecret()));
  EXPECT_FALSE(isWebhookSecret("whsec_c2hvcnQ="));
  EXPECT_FALSE(isWebhookSecret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
}

}  // namespace
}  // namespace qianda::server
