// Envelopes, the ceremony and a person's own contracts through the real chain and table of routes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/digest.h"
#include "server/api/ceremony_routes.h"
#include "server/api/envelope_routes.h"
#include "server/ceremony_access.h"
#include "server/http/chain.h"
#include "tests/support/envelope_house.h"
#include "tests/support/lawful_values.h"

namespace qianda::server {
namespace {

using testing::HasSubstr;
using testing::Not;

class LastCode : public contracts::SmsCodeProvider {
 public:
  contracts::ProviderAnswer send(const std::string&, const std::string& sent, const std::string&) override {
    code = sent;
    return {true, "test", "sms_code", "1", "sent"};
  }
  std::string code;
};
class Agreeing : public contracts::IdentityProvider {
 public:
  contracts::ProviderAnswer check(const contracts::PersonClaim&) override {
    return {true, "test", "three_factors", "1", "matches"};
  }
};

struct Reply {
  int status = 0;
  std::string body, mediaType;
  Json json;
  std::string text(const std::string& name) const { return json.find(name) ? json.find(name)->text() : ""; }
};

class EnvelopesOverHttp : public test::OnBothDatabases {
 protected:
  EnvelopesOverHttp() {
    ceremony.rules.readingPerPage = std::chrono::milliseconds(0);
    services.database = &*database;
    services.documents = &house.documents;
    services.ceremony = &ceremony;
    services.verificationAddress = "HTTPS://QIANDA.EXAMPLE/V/";
    services.clock = house.services.clock;
    services.authenticate = withCeremony(services, [](const Request& request) -> Principal {
      const std::string token = bearerToken(request);
      if (token == "hr") return {Principal::Kind::kUser, "org", "hr", "hr", {"envelopes:read", "envelopes:write"}};
      if (token == "viewer") return {Principal::Kind::kUser, "org", "viewer", "viewer", {"envelopes:read"}};
      if (token == "other") return {Principal::Kind::kUser, "other", "x", "hr", {"envelopes:read", "envelopes:write"}};
      return {};
    });
    chain = std::make_unique<Chain>(services, routes(), true, 8, 64, std::chrono::seconds(10));
  }

  Reply send(const std::string& token, const std::string& method, const std::string& target, const Json& body = {},
             const std::string& mediaType = "application/json") {
    Request request;
    request.method = method;
    request.path = target.substr(0, target.find('?'));
    if (target.find('?') != std::string::npos) request.rawQuery = target.substr(target.find('?') + 1);
    request.peer = "203.0.113.7";
    if (!token.empty()) request.headers.emplace("Authorization", "Bearer " + token);
    const std::string octets = body.isNull() ? "" : body.dump();
    if (!octets.empty()) request.mediaType = mediaType;
    const Response response = chain->answer(request, [&](std::size_t) { return octets; });
    Reply reply{response.status, response.body, response.mediaType, {}};
    if (response.mediaType.find("json") != std::string::npos) reply.json = parseJson(response.body);
    return reply;
  }
  Json values() const { return test::lawfulValues(test::kWorkerName, test::kWorkerId, test::kWorkerPhone); }
  Json draft(bool isSent) const {
    Json parties = Json::array();
    parties.push(Json::object({{"name", "employer"}, {"stage", 1}, {"seal", "seal"}}));
    parties.push(Json::object({{"name", "worker"}, {"stage", 2}}));
    return Json::object({{"template", "labour-general"}, {"values", values()}, {"parties", parties}, {"send", isSent}});
  }
  std::string secret() const {
    const std::string& link = house.notices.sent.back().link;
    return link.substr(link.find('#') + 1);
  }
  Json identity() const {
    return Json::object({{"name", test::kWorkerName}, {"id_number", test::kWorkerId}, {"phone", test::kWorkerPhone}});
  }
  // From the link to the signature.
  Reply signAs(const std::string& link) {
    send(link, "GET", "/api/v1/ceremony");
    send(link, "POST", "/api/v1/ceremony/notice", Json::object({{"version", contracts::preSigningNotice().version}}));
    send(link, "POST", "/api/v1/ceremony/identity", identity());
    send(link, "POST", "/api/v1/ceremony/code/confirm", Json::object({{"code", sms.code}}));
    send(link, "GET", "/api/v1/ceremony/document");
    const Reply reading = send(link, "GET", "/api/v1/ceremony");
    Json pages = Json::array();
    for (std::size_t i = 1; i <= reading.json.find("pages_read")->items().size(); ++i) pages.push(std::uint64_t{i});
    send(link, "POST", "/api/v1/ceremony/pages", Json::object({{"pages", pages}}));
    Json strokes = Json::array();
    for (const signing::Stroke& stroke : test::someStrokes()) {
      Json points = Json::array();
      for (const auto& point : stroke) points.push(Json::object({{"x", point.x}, {"y", point.y}}));
      strokes.push(points);
    }
    send(link, "POST", "/api/v1/ceremony/strokes", Json::object({{"strokes", strokes}}));
    return send(link, "POST", "/api/v1/ceremony/willingness",
                Json::object({{"version", contracts::willingnessText().version},
                              {"confirmation", std::string(contracts::kConfirmation)}}));
  }

  test::EnvelopeHouse house{*database};
  LastCode sms;
  Agreeing register_;
  contracts::CeremonyServices ceremony{house.services, sms, register_, nullptr, {}};
  Services services;
  std::unique_ptr<Chain> chain;
};
INSTANTIATE_TEST_SUITE_P(Databases, EnvelopesOverHttp, test::bothDatabases(), test::databaseName);

TEST_P(EnvelopesOverHttp, FromValuesToACompletedContractThatTheWorkerKeeps) {
  const Reply made = send("hr", "POST", "/api/v1/envelopes", draft(true));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.text("state"), "sent");
  EXPECT_EQ(made.text("kind"), "labour_contract");
  const std::string id = made.text("id");
  house.work();
  ASSERT_EQ(house.partyState(id, "employer"), "signed") << house.envelope(id).reason;
  const std::string link = secret();
  // The link again as a QR code: its modules drawn into a bitmap and read by another program.
  const std::string svg = send(link, "GET", "/api/v1/ceremony/qr").body;
  const int side = std::stoi(svg.substr(svg.find("0 0 ") + 4));
  std::vector<std::string> rows(static_cast<std::size_t>(side) * 4, std::string(static_cast<std::size_t>(side) * 4, 0));
  int x = 0, y = 0;
  for (std::size_t at = svg.find("<path d="); (at = svg.find('M', at)) != std::string::npos; ++at) {
    ASSERT_EQ(std::sscanf(svg.c_str() + at, "M%d %dh", &x, &y), 2);
    for (int i = 0; i < 16; ++i)
      rows[static_cast<std::size_t>(y * 4 + i / 4)][static_cast<std::size_t>(x * 4 + i % 4)] = 1;
  }
  std::string bitmap = "P1\n" + std::to_string(side * 4) + " " + std::to_string(side * 4) + "\n";
  for (const std::string& row : rows) {
    for (const char bit : row) bitmap += bit ? "1 " : "0 ";
    bitmap += "\n";
  }
  const test::TempFolder folder;
  core::writeFile(folder / "qr.pbm", bitmap);
  EXPECT_THAT(test::run({"zbarimg", "-q", folder / "qr.pbm"}).out,
              HasSubstr(house.services.policy.signingAddress + link));
  const Reply signedNow = signAs(link);
  ASSERT_EQ(signedNow.status, 200) << signedNow.body;
  EXPECT_EQ(signedNow.text("step"), "done");
  const Reply copy = send(link, "GET", "/api/v1/ceremony/copy");
  EXPECT_EQ(copy.mediaType, "application/pdf");
  EXPECT_EQ(house.pdfsig(copy.body), "2 of 2 valid");
  EXPECT_EQ(send("hr", "GET", "/api/v1/envelopes/" + id + "/document").body, copy.body);
  EXPECT_EQ(send("hr", "GET", "/api/v1/envelopes/" + id + "/revisions").json.find("items")->items().size(), 3u);
  EXPECT_EQ(house.audited(id, "envelope.downloaded"), 1);

  const Reply asked = send("", "POST", "/api/v1/worker/access", identity());
  ASSERT_EQ(asked.status, 202);
  const Reply opened = send("", "POST", "/api/v1/worker/access/confirm",
                            identity().set("challenge", asked.text("challenge")).set("code", sms.code));
  ASSERT_EQ(opened.status, 201) << opened.body;
  const std::string access = opened.text("access");
  EXPECT_EQ(send(access, "GET", "/api/v1/worker/contracts").json.find("items")->items().size(), 1u);
  EXPECT_EQ(send(access, "GET", "/api/v1/worker/contracts/" + id + "/document").body, copy.body);
  const Reply paper = send(access, "POST", "/api/v1/worker/contracts/" + id + "/paper");
  EXPECT_TRUE(paper.body.starts_with("%PDF-")) << paper.body.substr(0, 300);
  const std::string code = house.database.looked<std::string>(
      [](storage::Transaction& t) { return t.findRow("SELECT code FROM paper_copies")->text(0); });
  EXPECT_EQ(send("", "GET", "/api/v1/paper-copies/" + code).text("sha256"), core::sha256Hex(copy.body));
  EXPECT_EQ(send("", "GET", "/api/v1/paper-copies/0000000000000000").status, 404);
  // Each bearer has its own routes.
  EXPECT_EQ(send(access, "GET", "/api/v1/ceremony").status, 403);
  EXPECT_EQ(send(link, "GET", "/api/v1/worker/contracts").status, 403);
  EXPECT_EQ(send(link, "GET", "/api/v1/envelopes").status, 403);
  EXPECT_EQ(send("hr", "GET", "/api/v1/ceremony").status, 403);
}

// PEERS 29, 31: what is wrong with the values is said by field, and nothing is created.
TEST_P(EnvelopesOverHttp, FaultyValuesAreNamedByField) {
  Json body = draft(false);
  Json wrong = values();
  wrong.set("worker_id_no", "000000199206183028");
  body.set("values", wrong);
  const Reply reply = send("hr", "POST", "/api/v1/envelopes", body);
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.text("code"), "values_invalid");
  EXPECT_THAT(reply.body, HasSubstr("\"/values/worker_id_no\""));
  EXPECT_EQ(send("hr", "POST", "/api/v1/envelopes", draft(false).set("template", "../etc/passwd")).status, 422);
  EXPECT_EQ(send("hr", "POST", "/api/v1/envelopes", draft(false).set("colour", "red")).status, 422);
  EXPECT_EQ(house.count("envelopes"), 0);
}

TEST_P(EnvelopesOverHttp, AnotherOrganisationsEnvelopeDoesNotExistAndAViewerChangesNothing) {
  const std::string id = send("hr", "POST", "/api/v1/envelopes", draft(false)).text("id");
  const std::string base = "/api/v1/envelopes/" + id;
  const Json reason = Json::object({{"reason", "x"}}), person = Json::object({{"display_name", "x"}});
  struct Call {
    std::string method, target;
    Json body;
    bool changes;
  };
  for (const Call& call :
       {Call{"GET", base, {}, false}, Call{"GET", base + "/document", {}, false},
        Call{"GET", base + "/revisions", {}, false}, Call{"GET", base + "/revisions/1/document", {}, false},
        Call{"POST", base + "/send", {}, true}, Call{"POST", base + "/revoke", reason, true},
        Call{"POST", base + "/remind", {}, true}, Call{"POST", base + "/paper", {}, false},
        Call{"POST", base + "/parties/worker/link", {}, true},
        Call{"POST", base + "/parties/worker/delegate", person, true}}) {
    EXPECT_EQ(send("other", call.method, call.target, call.body).status, 404) << call.target;
    EXPECT_EQ(send("", call.method, call.target, call.body).status, 401) << call.target;
    if (!call.changes) continue;
    EXPECT_EQ(send("viewer", call.method, call.target, call.body).status, 403) << call.target;
  }
  EXPECT_EQ(house.state(id), "draft");
  EXPECT_TRUE(send("other", "GET", "/api/v1/envelopes").json.find("items")->items().empty());
}

// PEERS 37: nothing the employer can fetch has a link or what identifies the worker whole.
TEST_P(EnvelopesOverHttp, TheEmployerNeverSeesTheWorkersLink) {
  const std::string id = send("hr", "POST", "/api/v1/envelopes", draft(true)).text("id");
  house.work();
  const std::string first = secret();
  const Reply renewed = send("hr", "POST", "/api/v1/envelopes/" + id + "/parties/worker/link");
  EXPECT_EQ(renewed.status, 200) << renewed.body;
  house.work();
  const std::string second = secret();
  EXPECT_NE(first, second);
  EXPECT_EQ(send(first, "GET", "/api/v1/ceremony").status, 401) << "ended";
  EXPECT_EQ(send(second, "GET", "/api/v1/ceremony").status, 200);
  for (const std::string& target :
       {"/api/v1/envelopes/" + id, std::string("/api/v1/envelopes"), "/api/v1/envelopes/" + id + "/revisions"}) {
    const std::string seen = send("hr", "GET", target).body;
    EXPECT_THAT(seen, Not(HasSubstr(second)));
    EXPECT_THAT(seen, Not(HasSubstr(test::kWorkerId)));
    EXPECT_THAT(seen, Not(HasSubstr(test::kWorkerPhone)));
  }
  EXPECT_THAT(renewed.body, Not(HasSubstr(second)));
  EXPECT_EQ(house.count("audit_entries WHERE details LIKE '%" + second + "%'"), 0);
  EXPECT_EQ(house.count("outbox_events WHERE data LIKE '%" + second + "%'"), 0);
}

TEST_P(EnvelopesOverHttp, AnUploadedFileGetsItsFieldsAndIsNoLabourContract) {
  // A PDF without fields, and a place for one; base64 of test::plainPdf().
  const test::TempFolder folder;
  core::writeFile(folder / "plain.pdf", test::plainPdf());
  std::string file = test::run({"base64", "-w0", folder / "plain.pdf"}).out;
  Json place = Json::object({{"page", 1}, {"left", 20}, {"bottom", 20}, {"width", 40}, {"height", 15}});
  Json party = Json::object({{"name", "worker"},
                             {"kind", "person"},
                             {"stage", 1},
                             {"display_name", test::kWorkerName},
                             {"id_number", test::kWorkerId},
                             {"phone", test::kWorkerPhone},
                             {"place", place}});
  Json body = Json::object(
      {{"title", "收到员工手册确认书"}, {"file", file}, {"parties", Json::array({party})}, {"send", true}});
  const Reply made = send("hr", "POST", "/api/v1/envelopes", body);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.text("kind"), "document");
  house.work();
  const Reply done = signAs(secret());
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(house.pdfsig(house.newestFile(made.text("id"))), "1 of 1 valid");
  party.set("place", Json());
  EXPECT_THAT(send("hr", "POST", "/api/v1/envelopes", body.set("parties", Json::array({party}))).body,
              HasSubstr("no signature field"));
  EXPECT_EQ(send("hr", "POST", "/api/v1/envelopes", body.set("file", "AAAA")).status, 422);
}

TEST_P(EnvelopesOverHttp, ListsPageByPageNewestFirst) {
  for (int i = 0; i < 5; ++i) house.draft({house.person("worker", 1)});
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const Reply page =
        send("hr", "GET", "/api/v1/envelopes?limit=2&state=draft" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(page.status, 200);
    for (const Json& item : page.json.find("items")->items()) seen.push_back(item.find("id")->text());
    cursor = page.json.find("next")->isNull() ? "" : page.text("next");
  } while (!cursor.empty());
  EXPECT_EQ(seen.size(), 5u);
  EXPECT_TRUE(std::is_sorted(seen.rbegin(), seen.rend()));
  EXPECT_EQ(send("hr", "GET", "/api/v1/envelopes?limit=0").status, 400);
  EXPECT_EQ(send("hr", "GET", "/api/v1/envelopes?state=done").status, 400);
  EXPECT_EQ(send("hr", "GET", "/api/v1/envelopes?cursor=x").status, 400);
}

}  // namespace
}  // namespace qianda::server
