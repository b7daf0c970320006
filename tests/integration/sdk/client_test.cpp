// The client library against servers that answer badly, late or not at all.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "qianda/client/batches.h"
#include "qianda/client/envelopes.h"
#include "qianda/client/templates.h"
#include "qianda/client/verification.h"
#include "qianda/client/webhooks.h"
#include "tests/integration/sdk/scripted_server.h"
#include "tests/support/process.h"

namespace qianda::client {
namespace {

using test::answer;
using test::problem;
using test::ScriptedServer;
using testing::HasSubstr;
using testing::Not;

const std::string kNoTemplates = R"({"items":[]})";

std::string batchJson(const std::string& state, int revision) {
  return R"({"id":"B","state":")" + state + R"(","reason":"","rows":2,"made":1,"failed":0,"cancel_asked":false,)" +
         R"("template":"t","template_version":"1","seal":"S","signing_order":"employer_first","level":"B-T",)" +
         R"("revision":)" + std::to_string(revision) +
         R"(,"created_by":"api_key:K","created_at":"2026-01-31T08:00:00+08:00","finished_at":null,)" +
         R"("warning_count":0,"warnings":[],"a_member_to_come":[1]})";
}

Client clientOf(const ScriptedServer& server, std::chrono::milliseconds longestWait = std::chrono::seconds(30)) {
  return Client({.server = server.url(), .apiKey = "secret", .longestWait = longestWait});
}

template <typename Act>
Error errorOf(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error;
  }
  return Error(0, "nothing", "no error");
}

std::string keyIn(const std::string& request) {
  const std::size_t at = request.find("Idempotency-Key: ") + 17;
  return request.substr(at, request.find("\r\n", at) - at);
}

TEST(Client, SendsTheKeyAndItsName) {
  ScriptedServer server({answer(200, kNoTemplates)});
  Client client = clientOf(server);
  EXPECT_TRUE(listTemplates(client).empty());
  EXPECT_THAT(server.requests().at(0), testing::StartsWith("GET /api/v1/templates HTTP/1.1\r\n"));
  EXPECT_THAT(server.requests().at(0), HasSubstr("\r\nAuthorization: Bearer secret\r\n"));
  EXPECT_THAT(server.requests().at(0), HasSubstr("\r\nUser-Agent: qianda-client/"));
}

TEST(Client, AsksAgainWhenTheServiceWantsItAndNotBefore) {
  ScriptedServer server({problem(503, "overloaded", "Retry-After: 1\r\n"), answer(200, kNoTemplates)});
  Client client = clientOf(server);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(listTemplates(client).empty());
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::seconds(1));
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST(Client, DoesNotWaitLongerThanItMay) {
  ScriptedServer server({problem(429, "rate_limited", "Retry-After: 3600\r\n"), answer(200, kNoTemplates)});
  Client client = clientOf(server);
  const Error error = errorOf([&] { listTemplates(client); });
  EXPECT_EQ(error.code(), "rate_limited");
  EXPECT_EQ(error.status(), 429);
  EXPECT_EQ(error.details().retryAfter, std::chrono::seconds(3600));
  EXPECT_EQ(error.requestId(), "id-12345");
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(Client, GivesUpAfterItsAttempts) {
  ScriptedServer server({});
  Client client({.server = server.url(), .apiKey = "secret", .attempts = 3});
  EXPECT_EQ(errorOf([&] { listTemplates(client); }).code(), "unreachable");
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST(Client, NeverRepeatsWhatCouldHappenTwice) {
  ScriptedServer server({problem(503, "overloaded"), answer(200, "{}")});
  Client client = clientOf(server);
  EXPECT_EQ(errorOf([&] { remindEnvelope(client, "E"); }).code(), "overloaded");
  EXPECT_EQ(server.requests().size(), 1u);
  ScriptedServer silent({});
  Client another = clientOf(silent);
  EXPECT_EQ(errorOf([&] { createWebhook(another, "https://example.com", {"*"}); }).code(), "unreachable");
  EXPECT_EQ(silent.requests().size(), 1u);
}

TEST(Client, RepeatsABatchUnderTheSameKey) {
  const test::TempFolder folder;
  core::writeFile(folder / "roster.csv", std::string(300'000, 'x'));
  ScriptedServer server({"", answer(202, batchJson("accepted", 1), "Idempotent-Replayed: true\r\n")});
  Client client = clientOf(server);
  const CreatedBatch created = createBatch(client, {.templateId = "t", .seal = "S"}, folder / "roster.csv");
  EXPECT_TRUE(created.wasThere);
  EXPECT_EQ(created.batch.id, "B");
  ASSERT_EQ(server.requests().size(), 2u);
  EXPECT_EQ(created.idempotencyKey.size(), 32u);
  for (const std::string& request : server.requests()) {
    EXPECT_EQ(keyIn(request), created.idempotencyKey);
    EXPECT_THAT(request, HasSubstr(std::string(300'000, 'x')));
    EXPECT_THAT(request, testing::StartsWith("POST /api/v1/batches?template=t&seal=S HTTP/1.1"));
  }
}

TEST(Client, ALargeRosterIsNotSentToWhoRefusesTheKey) {
  const test::TempFolder folder;
  core::writeFile(folder / "roster.csv", std::string(3'000'000, 'x'));
  // Read no further than the head, and answered at once.
  Poco::Net::ServerSocket listening(Poco::Net::SocketAddress("127.0.0.1", 0));
  std::string heard;
  std::thread server([&] {
    Poco::Net::StreamSocket peer = listening.acceptConnection();
    char octets[4096];
    while (heard.find("\r\n\r\n") == std::string::npos) {
      heard.append(octets, static_cast<std::size_t>(peer.receiveBytes(octets, sizeof octets)));
    }
    const std::string said = problem(401, "unauthenticated");
    peer.sendBytes(said.data(), static_cast<int>(said.size()));
    peer.shutdownSend();
    for (int count; (count = peer.receiveBytes(octets, sizeof octets)) > 0;) {
      heard.append(octets, static_cast<std::size_t>(count));
    }
  });
  {
    Client client({.server = "http://" + listening.address().toString(), .apiKey = "wrong"});
    EXPECT_EQ(errorOf([&] { createBatch(client, {.templateId = "t"}, folder / "roster.csv"); }).code(),
              "unauthenticated");
  }
  server.join();
  EXPECT_THAT(heard, HasSubstr("Expect: 100-continue\r\n"));
  EXPECT_THAT(heard, testing::EndsWith("\r\n\r\n"));
}

TEST(Client, HalfAFileHasNoName) {
  const std::string half = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
  const std::string shorter = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";
  for (const std::string& cut : {half, shorter}) {
    const test::TempFolder folder;
    ScriptedServer server({cut, cut, cut, cut});
    Client client = clientOf(server);
    EXPECT_EQ(errorOf([&] { downloadBatch(client, "B", folder / "all.zip"); }).code(), "unreachable");
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    ScriptedServer better({cut, half + "6\r\n world\r\n0\r\n\r\n"});
    Client again = clientOf(better);
    EXPECT_EQ(downloadBatch(again, "B", folder / "all.zip").octets, 11u);
    EXPECT_EQ(core::readFile(folder / "all.zip"), "hello world");
  }
}

TEST(Client, AFileThatCannotBeWrittenIsNamed) {
  ScriptedServer server({answer(200, "x")});
  Client client = clientOf(server);
  const Error error = errorOf([&] { downloadBatch(client, "B", "/nowhere/at/all.zip"); });
  EXPECT_EQ(error.code(), "file");
  EXPECT_THAT(error.what(), HasSubstr("/nowhere/at/all.zip"));
}

TEST(Client, WhatIsNotThisApiIsSaidSo) {
  struct Case {
    std::string said, reason;
  };
  for (const Case& one :
       {Case{answer(502, "<html>Bad Gateway</html>"), "502"},
        Case{answer(302, "", "Location: https://elsewhere.example/\r\n"), "302"},
        Case{answer(200, "<html>"), "no JSON"}, Case{answer(200, "[]"), "no JSON object"},
        Case{answer(200, "{}"), "lacks /items"}, Case{answer(200, R"({"items":[1]})"), "/items/0"},
        Case{answer(200, R"({"items":[{"id":true}]})"), "/items/0/id is no text"},
        Case{"HTTP/1.1 200 OK\r\n\r\n{}", "does not say how long"}, Case{"SSH-2.0-x\r\n\r\n", "no HTTP"}}) {
    ScriptedServer server({one.said, one.said, one.said, one.said});
    Client client = clientOf(server, std::chrono::milliseconds(1));
    const Error error = errorOf([&] { listTemplates(client); });
    EXPECT_EQ(error.code(), "answer_malformed") << one.said;
    EXPECT_THAT(error.what(), HasSubstr(one.reason)) << one.said;
  }
}

TEST(Client, NamesFieldRowAndColumn) {
  ScriptedServer server(
      {answer(422,
              R"({"code":"values_invalid","detail":"d","places":[{"pointer":"/seal","code":"missing","message":"m"},)"
              R"({"row":"17","column":"4 phone","code":"format","message":"n"}]})",
              "X-Request-Id: from-header\r\n")});
  Client client = clientOf(server);
  const Error error = errorOf([&] { getBatch(client, "B"); });
  ASSERT_EQ(error.faults().size(), 2u);
  EXPECT_EQ(error.faults()[0].pointer, "/seal");
  EXPECT_EQ(error.faults()[1].row, 17);
  EXPECT_EQ(error.faults()[1].column, 4);
  EXPECT_EQ(error.faults()[1].field, "phone");
  EXPECT_EQ(error.requestId(), "from-header");
}

std::string events(const std::vector<std::string>& states, int first, bool isWhole) {
  std::string body = "retry: 1000\n\n";
  for (std::size_t i = 0; i < states.size(); ++i) {
    const int revision = first + static_cast<int>(i);
    body += "id: " + std::to_string(revision) + "\nevent: progress\ndata: " + batchJson(states[i], revision) + "\n\n";
  }
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  char size[16];
  std::snprintf(size, sizeof size, "%zx", body.size());
  return head + size + "\r\n" + body + "\r\n" + (isWhole ? "0\r\n\r\n" : "");
}

TEST(Client, TakesUpEventsWhereTheyBrokeOff) {
  ScriptedServer server({answer(200, batchJson("accepted", 1)), events({"running", "running"}, 2, false),
                         answer(200, batchJson("running", 3)), events({"complete"}, 4, true)});
  Client client = clientOf(server);
  std::vector<std::string> seen;
  const Batch batch = waitForBatch(
      client, "B", {.onProgress = [&](const Batch& now) { seen.push_back(now.state + std::to_string(now.revision)); }});
  EXPECT_EQ(batch.state, "complete");
  EXPECT_THAT(seen, testing::ElementsAre("accepted1", "running2", "running3", "complete4"));
  EXPECT_THAT(server.requests().at(1), HasSubstr("Last-Event-ID: 1\r\n"));
  EXPECT_THAT(server.requests().at(3), HasSubstr("Last-Event-ID: 3\r\n"));
}

TEST(Client, WaitsWithoutEventsWhereTheyDoNotPass) {
  const std::string page = answer(502, "<html>");
  ScriptedServer server({answer(200, batchJson("running", 1)), page, answer(200, batchJson("stopped", 2))});
  Client client = clientOf(server);
  EXPECT_EQ(waitForBatch(client, "B").state, "stopped");
}

TEST(Client, WaitingEndsWhenItsTimeIsOver) {
  ScriptedServer server({answer(200, batchJson("running", 1)), events({}, 2, true)});
  Client client = clientOf(server);
  EXPECT_EQ(errorOf([&] { waitForBatch(client, "B", {.timeout = std::chrono::milliseconds(50)}); }).code(),
            "wait_timeout");
  ScriptedServer unknown({problem(404, "not_found")});
  Client another = clientOf(unknown);
  EXPECT_EQ(errorOf([&] { waitForBatch(another, "B"); }).code(), "not_found");
}

TEST(Client, ASilentServerIsGivenUp) {
  Poco::Net::ServerSocket listening(Poco::Net::SocketAddress("127.0.0.1", 0));
  Client client(
      {.server = "http://" + listening.address().toString(), .silence = std::chrono::milliseconds(50), .attempts = 1});
  const Error error = errorOf([&] { listTemplates(client); });
  EXPECT_EQ(error.code(), "unreachable");
  EXPECT_THAT(error.what(), HasSubstr("silent"));
}

TEST(Client, RefusesAddressesAndArgumentsBeforeItAsks) {
  for (const char* server : {"", "example.com", "ftp://example.com", "https://", "https://user@example.com",
                             "https://example.com/api", "http://example.com", "http://10.0.0.1", "https://h/?q"}) {
    EXPECT_EQ(errorOf([&] { Client client({.server = server}); }).code(), "argument") << server;
  }
  EXPECT_EQ(errorOf([] { Client client({.server = "https://h", .apiKey = "a\r\nb"}); }).code(), "argument");
  EXPECT_EQ(errorOf([] { Client client({.server = "https://h", .authorities = "/none.pem"}); }).code(), "file");
  ScriptedServer server({});
  Client client = clientOf(server);
  EXPECT_EQ(errorOf([&] { getBatch(client, ""); }).code(), "argument");
  EXPECT_EQ(errorOf([&] { getBatch(client, ".."); }).code(), "argument");
  EXPECT_EQ(
      errorOf([&] { createBatch(client, {.templateId = "t", .idempotencyKey = "a\nb"}, std::vector<Row>{}); }).code(),
      "argument");
  EXPECT_EQ(errorOf([&] { verifyPdf(client, "/none.pdf"); }).code(), "file");
  EXPECT_TRUE(server.requests().empty());
}

TEST(Client, EscapesWhatGoesIntoAnAddress) {
  ScriptedServer server({problem(404, "not_found")});
  Client client = clientOf(server);
  EXPECT_EQ(errorOf([&] { getTemplate(client, "a/b?c 签"); }).code(), "not_found");
  EXPECT_THAT(server.requests().at(0), testing::StartsWith("GET /api/v1/templates/a%2Fb%3Fc%20%E7%AD%BE HTTP/1.1"));
}

TEST(ApiKeyFile, IsForItsOwnerAlone) {
  using std::filesystem::perms;
  const test::TempFolder folder;
  const auto file = folder / "key";
  core::writeSecretFile(file, "qk_secret\n");
  EXPECT_EQ(readApiKey(file), "qk_secret");
  for (const perms more : {perms::group_read, perms::others_read, perms::group_write, perms::others_write}) {
    std::filesystem::permissions(file, perms::owner_read | more);
    const Error error = errorOf([&] { readApiKey(file); });
    EXPECT_EQ(error.code(), "key_file");
    EXPECT_THAT(error.what(), HasSubstr("chmod 600"));
    EXPECT_THAT(error.what(), Not(HasSubstr("qk_secret")));
  }
  std::filesystem::permissions(file, perms::owner_read);
  EXPECT_EQ(readApiKey(file), "qk_secret");
  core::writeSecretFile(file, "two words\n");
  EXPECT_EQ(errorOf([&] { readApiKey(file); }).code(), "key_file");
  core::writeSecretFile(file, "\n");
  EXPECT_EQ(errorOf([&] { readApiKey(file); }).code(), "key_file");
  EXPECT_EQ(errorOf([&] { readApiKey(folder.path()); }).code(), "key_file");
  EXPECT_EQ(errorOf([&] { readApiKey(folder / "none"); }).code(), "key_file");
}

// Of the specification: standardwebhooks, spec/standard-webhooks.md.
const std::string kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

std::string codeOf(const Headers& headers, const std::string& body, std::int64_t now = 1614265330,
                   const std::string& secret = kSecret) {
  return errorOf([&] {
           verifyWebhook(secret, headers, body, std::chrono::system_clock::time_point(std::chrono::seconds(now)));
         })
      .code();
}

TEST(WebhookSignature, AgreesWithTheSpecification) {
  const Headers headers = {{"Webhook-Id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
                           {"WEBHOOK-TIMESTAMP", "1614265330"},
                           {"webhook-signature", "v1a,x v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}};
  const std::string body = R"({"test": 2432232314})";
  EXPECT_EQ(codeOf(headers, body), "webhook_malformed") << "genuine, but no event of this service";
  EXPECT_EQ(codeOf(headers, body + " "), "webhook_signature");
  EXPECT_EQ(codeOf(headers, body, 1614265330, "whsec_c2VjcmV0"), "webhook_signature");
  EXPECT_EQ(codeOf(headers, body, 1614265330 + 300), "webhook_malformed");
  EXPECT_EQ(codeOf(headers, body, 1614265330 + 301), "webhook_time");
  EXPECT_EQ(codeOf(headers, body, 1614265330 - 301), "webhook_time");
  EXPECT_EQ(codeOf(headers, body, 1614265330, "secret"), "webhook_malformed");
  EXPECT_EQ(codeOf(headers, body, 1614265330, "whsec_!!!!"), "webhook_malformed");
}

TEST(WebhookSignature, MissingOrMalformedHeadersAreNamed) {
  const Headers whole = {{"webhook-id", "m"}, {"webhook-timestamp", "1614265330"}, {"webhook-signature", "v1,AAAA"}};
  EXPECT_EQ(codeOf(whole, "{}"), "webhook_signature");
  for (std::size_t left = 0; left < whole.size(); ++left) {
    Headers some = whole;
    some.erase(some.begin() + static_cast<std::ptrdiff_t>(left));
    const Error error = errorOf([&] { verifyWebhook(kSecret, some, "{}", {}); });
    EXPECT_EQ(error.code(), "webhook_malformed");
    EXPECT_THAT(error.what(), HasSubstr(whole[left].first));
  }
  for (const char* signature : {"", "v1", "v1,", "v1,!!!!", "v2,AAAA", "v1,AAA"}) {
    Headers other = whole;
    other[2].second = signature;
    EXPECT_EQ(codeOf(other, "{}"), "webhook_signature") << signature;
  }
}

}  // namespace
}  // namespace qianda::client
