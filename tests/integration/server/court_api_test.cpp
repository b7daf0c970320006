// A court's day over the routes: cases, steps with their sealed documents, service records, parcels, rules and alarms,
// on both databases. The documents are judged by the verifier, pdftotext and zbarimg.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base64.h"
#include "core/digest.h"
#include "delivery/service/sweep.h"
#include "signing/verify/verifier.h"
#include "tests/support/court_house.h"

namespace qianda::server {
namespace {

using test::Reply;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> pointersOf(const Reply& reply) {
  std::vector<std::string> pointers;
  const Json* places = reply.json.find("places");
  for (std::size_t i = 0; places && i < places->items().size(); ++i) {
    const Json* pointer = places->items()[i].find("pointer");
    pointers.push_back(pointer ? pointer->text() : "");
  }
  return pointers;
}

const std::vector<Json>& itemsOf(const Json& page) { return page.find("items")->items(); }
std::string textOf(const Json& json, const std::string& name) { return json.find(name)->text(); }

class CourtApiTest : public test::OnBothDatabases {
 protected:
  // The record of the party, with all that is in it.
  Json recordOf(const Json& step, std::size_t party) {
    return court.well("GET", "/service-records/" + textOf(step.find("records")->items().at(party), "id"));
  }
  std::string attemptOf(const Json& record) { return textOf(record.find("attempts")->items().at(0), "id"); }

  test::CourtHouse court{*database};
};
INSTANTIATE_TEST_SUITE_P(Databases, CourtApiTest, test::bothDatabases(), test::databaseName);

TEST_P(CourtApiTest, FaultsOfACaseNameTheirPlaces) {
  Json body = test::courtCase("1");
  body.set("number", "").set("received_on", "2026-02-30").set("procedure", "quick").set("colour", "red");
  Json worker = test::caseParty("applicant", "person", "");
  body.set("parties", Json::array({worker, test::caseParty("defendant", "organisation", "甲")}));
  const Reply refused = court.ask("POST", "/cases", body);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.code(), "body_invalid");
  EXPECT_THAT(pointersOf(refused), testing::UnorderedElementsAre("/number", "/received_on", "/procedure", "/colour",
                                                                 "/parties/0/name", "/parties/1/role"));
  // What only the case file knows: an address without its city, an agent of a party there is not.
  body = test::courtCase("1");
  Json address = test::postalAddress("0");
  address.set("city", "");
  body.set("addresses", Json::array({test::postalAddress("1"), address}));
  EXPECT_THAT(pointersOf(court.ask("POST", "/cases", body)), testing::ElementsAre("/addresses/1/city"));
  body = test::courtCase("1");
  body.set("agents", Json::array({Json::object(
                         {{"party", "7"}, {"kind", "designated"}, {"name", "郑示例"}, {"since", "2026-03-02"}})}));
  EXPECT_THAT(pointersOf(court.ask("POST", "/cases", body)), testing::ElementsAre("/agents/0/party"));
  body = test::courtCase("1");
  body.set("parties",
           Json::array({test::caseParty("applicant", "person", "甲"), test::caseParty("third_party", "person", "乙")}));
  EXPECT_THAT(pointersOf(court.ask("POST", "/cases", body)), testing::ElementsAre("/parties"));
  EXPECT_EQ(court.count("cases"), 0);

  const std::string id = court.createCase("示劳人仲案字〔2026〕1号");
  const Reply again = court.ask("POST", "/cases", test::courtCase("示劳人仲案字〔2026〕1号"));
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(itemsOf(court.well("GET", "/cases")).size(), 1u);
  EXPECT_THAT(pointersOf(court.ask(
                  "POST", "/cases/" + id + "/addresses",
                  Json::object({{"party", "0"}, {"kind", "sms"}, {"ground", "confirmed"}, {"since", "2026-03-02"}}))),
              testing::ElementsAre("/value"));
}

TEST_P(CourtApiTest, ACaseIsChangedAndItsClockRuns) {
  const std::string id = court.createCase("2");
  Json file = court.well("GET", "/cases/" + id);
  EXPECT_EQ(textOf(file, "court"), "示例市劳动人事争议仲裁委员会") << "the court's own name where none is given";
  EXPECT_EQ(textOf(file, "state"), "received");
  file = court.well("PATCH", "/cases/" + id, Json::object({{"clerk", "吴示例"}}));
  EXPECT_EQ(textOf(file, "clerk"), "吴示例");
  EXPECT_EQ(textOf(file, "room"), "第一仲裁庭") << "what is not named stays";
  file = court.well("POST", "/cases/" + id + "/events", Json::object({{"kind", "accepted"}, {"day", "2026-03-04"}}));
  EXPECT_EQ(textOf(file, "state"), "accepted");
  EXPECT_EQ(pointersOf(court.ask("POST", "/cases/" + id + "/events",
                                 Json::object({{"kind", "served"}, {"day", "2026-03-04"}}))),
            std::vector<std::string>{"/kind"})
      << "service follows from records alone";
  std::map<std::string, std::string> states;
  const Json clock = court.well("GET", "/cases/" + id + "/clock");
  for (const Json& one : clock.find("deadlines")->items()) states[textOf(one, "key")] = textOf(one, "state");
  EXPECT_EQ(states["accept"], "met");
  EXPECT_TRUE(states.contains("award"));
}

TEST_P(CourtApiTest, AStepWithAMissingValueNamesItAndSealsNothing) {
  const std::string id = court.createCase("3");
  Json values = Json::object();
  const Reply refused = court.issue(id, "k", values);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.code(), "step_incomplete");
  EXPECT_THAT(pointersOf(refused), Contains("/values/issued_on"));
  for (const Json& place : refused.json.find("places")->items()) EXPECT_THAT(textOf(place, "message"), Not(IsEmpty()));
  values = test::stepValues("accept");
  values.set("no/such~value", "x");
  EXPECT_THAT(pointersOf(court.issue(id, "k", values)), testing::ElementsAre("/values/no~1such~0value"));
  // A fault of the case itself is at no member of the body.
  court.well("POST", "/cases/" + id + "/events", Json::object({{"kind", "refused"}, {"day", "2026-03-04"}}));
  EXPECT_THAT(pointersOf(court.issue(id, "k", test::stepValues("accept"))), testing::ElementsAre(""));

  EXPECT_EQ(
      court.ask("POST", "/cases/" + id + "/steps", Json::object({{"seal", court.seal}, {"step", "accept"}})).code(),
      "idempotency_key_missing");
  EXPECT_EQ(court.count("court_documents"), 0);
  EXPECT_EQ(court.count("seal_reservations"), 0);
  EXPECT_EQ(court.count("service_records"), 0);
}

TEST_P(CourtApiTest, WithoutAGrantNothingIsSealed) {
  const std::string id = court.createCase("4");
  court.presiding.client.headers = {{"Idempotency-Key", "k"}};
  const Reply refused = court.ask(
      court.presiding.client, "POST", "/cases/" + id + "/steps",
      Json::object(
          {{"seal", court.seal}, {"step", "accept"}, {"method", "none"}, {"values", test::stepValues("accept")}}));
  EXPECT_EQ(refused.status, 409) << refused.body;
  EXPECT_EQ(court.count("court_documents"), 0);
  EXPECT_EQ(court.count("audit_entries WHERE type = 'seal.refused'"), 1);
}

TEST_P(CourtApiTest, AStepSealsDocumentsThatVerifyAndArePubliclyKnown) {
  const std::string id = court.createCase("示劳人仲案字〔2026〕5号");
  const Json step = court.issueAccept(id, "none");
  const Json documents = court.well("GET", "/cases/" + id + "/documents");
  ASSERT_EQ(static_cast<std::int64_t>(itemsOf(documents).size()), step.find("documents")->integer());
  ASSERT_GE(itemsOf(documents).size(), 3u);
  signing::VerifierOptions options;
  options.revocation = court.sealing.signing.revocation();
  const signing::Verifier verifier(court.sealing.signing.anchors(), options);
  const test::TempFolder folder;
  for (const Json& one : itemsOf(documents)) {
    const std::string number = textOf(one, "id");
    const std::string pdf = court.ask("GET", "/court-documents/" + number).body;
    EXPECT_EQ(core::sha256Hex(pdf), textOf(one, "sha256"));
    EXPECT_EQ(verifier.verify(pdf, core::now()).indication, signing::Indication::kTotalPassed) << number;
    core::writeFile(folder / "a.pdf", pdf);
    EXPECT_THAT(test::run({"pdftotext", folder / "a.pdf", "-"}).out, HasSubstr(number));
    std::string changed = pdf;
    changed[changed.size() / 2] ^= 1;
    EXPECT_NE(verifier.verify(changed, core::now()).indication, signing::Indication::kTotalPassed);

    test::Client anybody;
    const Reply known = court.ask(anybody, "GET", "/verification/" + number);
    ASSERT_EQ(known.status, 200) << known.body;
    EXPECT_EQ(known.text("sha256"), textOf(one, "sha256"));
    EXPECT_EQ(known.text("title"), textOf(one, "title"));
    EXPECT_THAT(known.body, Not(HasSubstr(test::kCourtApplicant)));
    const bool isToApplicant = textOf(one, "kind") == "acceptance_notice";
    if (isToApplicant) EXPECT_THAT(known.body, HasSubstr("林**"));
  }
  test::Client anybody;
  EXPECT_EQ(court.ask(anybody, "GET", "/verification/" + core::DocumentId::random().text()).status, 404);
}

TEST_P(CourtApiTest, TheCodeOnTheFirstPageLeadsToTheDocument) {
  const std::string id = court.createCase("6");
  court.issueAccept(id, "none");
  const Json documents = court.well("GET", "/cases/" + id + "/documents");
  const std::string number = textOf(itemsOf(documents).at(0), "id");
  const test::TempFolder folder;
  core::writeFile(folder / "a.pdf", court.ask("GET", "/court-documents/" + number).body);
  test::run({"pdftoppm", "-r", "200", "-png", folder / "a.pdf", folder / "page"});
  std::string read;
  for (const auto& page : std::filesystem::directory_iterator(folder.path())) {
    if (page.path().extension() == ".png") read += test::run({"zbarimg", "-q", "--raw", page.path()}).out;
  }
  EXPECT_THAT(read, HasSubstr("HTTPS://SIGN.EXAMPLE/V/" + number));
}

TEST_P(CourtApiTest, TheSameKeyAnswersTheSame) {
  const std::string id = court.createCase("7");
  // The worker consented to messages; for the employer nobody is asked for: the reason is part of the answer.
  const Reply first = court.issue(id, "once", test::stepValues("accept"), "electronic");
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(textOf(first.json.find("records")->items().at(0), "method"), "electronic");
  EXPECT_EQ(textOf(first.json.find("records")->items().at(1), "hint"), "no_consent");
  const std::int64_t documents = court.count("court_documents");
  const Reply again = court.issue(id, "once", test::stepValues("accept"), "electronic");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(court.count("court_documents"), documents);
  EXPECT_EQ(court.issue(id, "once", test::stepValues("accept", "2026-03-04"), "electronic").status, 409)
      << "the key belongs to another request";
}

TEST_P(CourtApiTest, ManyStepsAreIssuedTogetherOrNotAtAll) {
  const std::string one = court.createCase("8"), two = court.createCase("9");
  const auto ask = [&](const Json& values) {
    Json steps = Json::array();
    for (const std::string& id : {one, two}) {
      steps.push(Json::object({{"case", id},
                               {"step", "accept"},
                               {"method", "none"},
                               {"values", id == two ? values : test::stepValues("accept")}}));
    }
    court.clerk.client.headers = {{"Idempotency-Key", "many"}};
    Reply reply = court.ask("POST", "/issued-steps", Json::object({{"seal", court.seal}, {"steps", steps}}));
    court.clerk.client.headers.clear();
    return reply;
  };
  EXPECT_THAT(pointersOf(ask(Json::object())), Contains("/steps/1/values/issued_on"));
  EXPECT_EQ(court.count("court_documents"), 0);
  const Reply issued = ask(test::stepValues("accept"));
  ASSERT_EQ(issued.status, 201) << issued.body;
  EXPECT_EQ(issued.json.find("steps")->items().size(), 2u);
  EXPECT_EQ(ask(test::stepValues("accept")).body, issued.body);
}

TEST_P(CourtApiTest, EvidenceIsFiledAndItsScanFetchedAgain) {
  const Json step = court.issueAccept(court.createCase("10"), "none");
  const std::string id = textOf(step.find("records")->items().at(1), "id");
  const std::string at = "/service-records/" + id;
  Json record = court.well("POST", at + "/attempts",
                           Json::object({{"method", "direct"}, {"started_at", "2026-03-03T09:00:00+08:00"}}));
  const std::string attempt = attemptOf(record), scan("%PDF-1.7 \0 receipt", 18);
  const auto file = [&](const std::string& sent) {
    return court.ask(
        "POST", at + "/attempts/" + attempt + "/evidence",
        Json::object(
            {{"kind", "return_receipt"}, {"at", "2026-03-04T10:00:00+08:00"}, {"signer", "office"}, {"scan", sent}}));
  };
  EXPECT_THAT(pointersOf(file("no base64!")), Contains("/scan"));
  const Reply filed = file(core::toBase64(core::Bytes(scan.begin(), scan.end())));
  ASSERT_EQ(filed.status, 200) << filed.body;
  const Json evidence = filed.json.find("attempts")->items().at(0).find("evidence")->items().at(0);
  EXPECT_EQ(textOf(evidence, "sha256"), core::sha256Hex(scan));
  const Reply fetched = court.ask("GET", at + "/evidence/" + textOf(evidence, "id"));
  EXPECT_EQ(fetched.status, 200);
  EXPECT_EQ(fetched.body, scan);
  // Of this record alone.
  const std::string other = textOf(step.find("records")->items().at(0), "id");
  EXPECT_EQ(court.ask("GET", "/service-records/" + other + "/evidence/" + textOf(evidence, "id")).status, 404);
  // The office's receipt served it on that day, so the record's list of served ones has it.
  record = court.well("GET", at);
  EXPECT_EQ(textOf(record, "state"), "served") << record.dump();
  EXPECT_EQ(textOf(record, "legal_date"), "2026-03-04");
  EXPECT_EQ(itemsOf(court.well("GET", "/service-records?state=served")).size(), 1u);
  EXPECT_EQ(court.ask("POST", at + "/attempts", Json::object({{"method", "direct"}})).status, 409)
      << "what is served is not tried again";
}

TEST_P(CourtApiTest, APersonDecidesAndNoProgram) {
  const Json step = court.issueAccept(court.createCase("11"), "none");
  const std::string at = "/service-records/" + textOf(step.find("records")->items().at(1), "id");
  const Json decision = Json::object({{"decision", "void"}, {"reason", "文书有误"}});
  EXPECT_EQ(court.ask(court.key, "GET", at).status, 200);
  EXPECT_EQ(court.ask(court.key, "POST", at + "/decisions", decision).status, 403);
  EXPECT_EQ(court.ask("POST", at + "/decisions", decision).status, 403) << "a clerk may not";
  EXPECT_EQ(itemsOf(court.well("GET", "/service-records?state=void")).size(), 0u);
  const Reply decided = court.ask(court.presiding.client, "POST", at + "/decisions", decision);
  ASSERT_EQ(decided.status, 200) << decided.body;
  EXPECT_EQ(decided.text("state"), "void");
  const Json& told = decided.json.find("decisions")->items().at(0);
  EXPECT_EQ(textOf(told, "by"), "user:" + court.presiding.id);
  EXPECT_EQ(textOf(told, "reason"), "文书有误");
}

TEST_P(CourtApiTest, RulesOfServiceAreSetAndSaySo) {
  const auto ruleOf = [&](const Json& rules) {
    for (const Json& one : itemsOf(rules)) {
      if (textOf(one, "rule") == "clock.warn_days") return one;
    }
    throw std::runtime_error("no such rule");
  };
  Json rule = ruleOf(court.well("GET", "/service-rules"));
  EXPECT_EQ(textOf(rule, "value"), "2");
  EXPECT_FALSE(rule.find("is_overridden")->boolean());
  const Json wish = Json::object({{"rule", "clock.warn_days"}, {"value", "3"}, {"ground", "本委规定"}});
  EXPECT_EQ(court.ask("POST", "/service-rules", wish).status, 403) << "a clerk may not";
  EXPECT_EQ(court.ask(court.key, "POST", "/service-rules", wish).status, 403);
  ASSERT_EQ(court.ask(court.presiding.client, "POST", "/service-rules", wish).status, 200);
  rule = ruleOf(court.well("GET", "/service-rules"));
  EXPECT_EQ(textOf(rule, "value"), "3");
  EXPECT_TRUE(rule.find("is_overridden")->boolean());
  Json wrong = wish;
  wrong.set("value", "many");
  EXPECT_EQ(court.ask(court.presiding.client, "POST", "/service-rules", wrong).status, 422);
}

TEST_P(CourtApiTest, AlarmsFollowFromTheLookAtDeadlines) {
  const std::string id = court.createCase("12");
  EXPECT_THAT(itemsOf(court.well("GET", "/deadline-alarms")), IsEmpty());
  delivery::sweep(*database, court.service.services.clock());  // long after March
  const Json alarms = court.well("GET", "/deadline-alarms");
  ASSERT_EQ(itemsOf(alarms).size(), 1u);
  EXPECT_EQ(textOf(itemsOf(alarms)[0], "case"), id);
  EXPECT_EQ(textOf(itemsOf(alarms)[0], "deadline"), "accept");
  EXPECT_EQ(textOf(itemsOf(alarms)[0], "last_day"), "2026-03-09");
  EXPECT_THAT(itemsOf(court.well("GET", "/deadline-alarms?state=warned")), IsEmpty());
  EXPECT_EQ(court.ask("GET", "/deadline-alarms?state=soon").status, 400);
}

TEST_P(CourtApiTest, LettersNeedASenderAndTheirParcelsAreSeenAndTakenBack) {
  const std::string id = court.createCase("13");
  EXPECT_EQ(court.issue(id, "k", test::stepValues("accept"), "postal").status, 409) << "nowhere to come back to";
  EXPECT_EQ(court.count("court_documents"), 0);
  EXPECT_EQ(court.ask("GET", "/court-sender").status, 404);
  court.setSender();
  EXPECT_EQ(textOf(court.well("GET", "/court-sender"), "city"), "珠海市");
  const Json step = court.issueAccept(id, "postal");
  const Json parcels = court.well("GET", "/parcels");
  ASSERT_EQ(itemsOf(parcels).size(), 2u);
  const std::string parcel = textOf(step.find("records")->items().at(1), "parcel"), at = "/parcels/" + parcel;
  Json seen = court.well("GET", at);
  EXPECT_EQ(textOf(seen, "state"), "queued");
  EXPECT_EQ(textOf(seen, "partner"), "china-post");
  const Json record = recordOf(step, 1);
  EXPECT_EQ(textOf(*record.find("attempts")->items().at(0).find("parcel"), "id"), parcel);
  EXPECT_EQ(court.ask("GET", at + "/print").status, 404);
  EXPECT_EQ(court.ask("POST", at + "/printed", Json::object({{"pages", 1}})).status, 409) << "nobody took the order";
  EXPECT_EQ(court
                .ask("POST", at + "/inquiry",
                     Json::object({{"outcome", "lost"}, {"at", "2026-03-09T09:00:00+08:00"}, {"text", "查无下落"}}))
                .status,
            409);
  seen = court.well("POST", at + "/cancel", Json::object({{"reason", "地址有误"}}));
  EXPECT_EQ(textOf(seen, "cancel_reason"), "地址有误");
  EXPECT_EQ(court.count("postal_tasks WHERE kind = 'cancel' AND parcel = '" + parcel + "'"), 1);
  EXPECT_TRUE(court.well("GET", "/postal-queue").find("is_well"));
  EXPECT_THAT(itemsOf(court.well("GET", "/postal-queue/dead")), IsEmpty());
}

// The partner's push is an effect once it is answered: signed for by the addressee, it serves the record.
TEST_P(CourtApiTest, APushOfThePartnerServesTheRecord) {
  court.setSender();
  const Json step = court.issueAccept(court.createCase("14"), "postal");
  const std::string parcel = textOf(step.find("records")->items().at(1), "parcel");
  database->write([&](storage::Transaction& t) {
    t.execute("UPDATE parcels SET waybill = 'W-1', stage = 'accepted', state = 'accepted' WHERE id = $1", {parcel});
  });
  const core::Instant now = court.service.services.clock();
  const auto event = [&](const std::string& kind, int minutesAgo, const std::string& more) {
    return R"({"id":")" + kind + R"(","waybill":"W-1","kind":")" + kind + R"(","at":")" +
           core::isoInstant(now - std::chrono::minutes(minutesAgo)) + R"(","code":"1","name":"n","office_code":"1",)" +
           R"("office_name":"斗门投递部")" + more + "}";
  };
  const std::string body = R"({"type":"mail.events","events":[)" + event("posted", 50, "") + "," +
                           event("signed", 5, R"(,"signer":"office","signer_name":"收发室","id_checked":true)") + "]}";
  const auto push = [&](const std::string& key) {
    const delivery::PushMessage message = test::plainPush({key}, body, now);
    test::Client partner;
    partner.headers = message.headers;
    return court.service.send(partner, "POST", "/api/v1/postal/china-post/push", body);
  };
  EXPECT_EQ(push("whsec_" + test::randomKey(32)).status, 401) << "forged";
  EXPECT_THAT(court.well("GET", "/parcels/" + parcel).find("events")->items(), IsEmpty());
  EXPECT_LT(push(court.partnerKey).status, 300);
  const Json seen = court.well("GET", "/parcels/" + parcel);
  EXPECT_EQ(textOf(seen, "state"), "signed") << seen.dump();
  EXPECT_EQ(textOf(recordOf(step, 1), "state"), "served") << recordOf(step, 1).dump();
}

TEST_P(CourtApiTest, AnotherCourtSeesNothingOfIt) {
  const std::string id = court.createCase("15");
  const Json step = court.issueAccept(id, "none");
  const std::string other = court.service.createOrganisation("arbitration_court", "另一仲裁委员会");
  test::Member clerk = court.service.createMember(other, "clerk");
  const std::string record = textOf(step.find("records")->items().at(0), "id");
  for (const std::string& path : {"/cases/" + id, "/cases/" + id + "/clock", "/cases/" + id + "/documents",
                                  "/service-records/" + record, "/service-records/" + record + "/proof"}) {
    EXPECT_EQ(court.ask(clerk.client, "GET", path).status, 404) << path;
  }
  EXPECT_THAT(itemsOf(court.ask(clerk.client, "GET", "/service-records").json), IsEmpty());
}

}  // namespace
}  // namespace qianda::server
