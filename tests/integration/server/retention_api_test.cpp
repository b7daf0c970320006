// Retention over HTTP, with the whole service: from a rule to an erased contract, its proof and what the public is
// told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/http/json.h"
#include "tests/support/evidence_service.h"

namespace qianda::server {
namespace {

using testing::HasSubstr;
using testing::Not;

class RetentionApi : public testing::Test {
 protected:
  RetentionApi() {
    // "ORG/name": a user of that organisation who may do everything.
    service.services().authenticate = [](const Request& request) {
      Principal principal;
      const std::string header = request.findHeader("Authorization").value_or("");
      const std::size_t slash = header.find('/');
      if (!header.starts_with("Bearer ") || slash == std::string::npos) return principal;
      principal.kind = Principal::Kind::kUser;
      principal.organisation = header.substr(7, slash - 7);
      principal.id = header.substr(slash + 1);
      for (const Permission& one : permissions()) principal.permissions.insert(one.name);
      return principal;
    };
  }
  struct Answer {
    int status;
    std::string text;
    Json json() const { return parseJson(text); }
    std::string at(const std::string& name) const { return json().find(name)->text(); }
  };
  Answer ask(const std::string& method, const std::string& path, const std::string& body = "",
             const std::string& who = "ORG/clerk") {
    const HttpAnswer answer = service.ask(method, "/api/v1/" + path, who, body);
    return {answer.status, std::string(answer.body.begin(), answer.body.end())};
  }
  // A contract that both signed, as the ceremony leaves it.
  std::string addCompleted(std::string* octets = nullptr) {
    const std::string id = service.addEnvelope("ORG", octets);
    service.services().database->write([&](storage::Transaction& t) {
      t.execute("UPDATE envelopes SET state = 'completed' WHERE id = $1", {id});
      t.execute("UPDATE envelope_parties SET state = 'signed' WHERE envelope = $1", {id});
    });
    return id;
  }
  std::string order(const std::string& id) {
    return ask("POST", "retention/orders", R"({"envelopes":[")" + id + R"("],"ground":"保存期满"})").at("id");
  }
  test::EvidenceService service{{{"erasure-notice", "1s"}}};
};

TEST_F(RetentionApi, FromTheEndOfAContractToItsProof) {
  const std::string id = addCompleted(), kept = addCompleted();
  EXPECT_TRUE(ask("GET", "envelopes/" + id + "/retention").json().find("due")->isNull());
  EXPECT_EQ(ask("POST", "retention/orders", R"({"envelopes":[")" + id + R"("],"ground":"g"})").status, 409);
  EXPECT_EQ(ask("POST", "envelopes/" + id + "/end", R"({"ended":"2020-02-30","ground":"g"})").status, 422);
  const Answer noted = ask("POST", "envelopes/" + id + "/end", R"({"ended":"2020-01-31","ground":"合同终止"})");
  ASSERT_EQ(noted.status, 200) << noted.text;
  EXPECT_EQ(noted.at("due"), "2022-02-01");
  EXPECT_THAT(ask("GET", "retention/due").text, HasSubstr(id));
  EXPECT_THAT(ask("GET", "retention/due").text, Not(HasSubstr(kept)));

  const Answer hold = ask("POST", "envelopes/" + id + "/holds", R"({"ground":"劳动仲裁","reference":"2026-1"})");
  ASSERT_EQ(hold.status, 201) << hold.text;
  EXPECT_THAT(ask("POST", "retention/orders", R"({"envelopes":[")" + id + R"("],"ground":"g"})").text,
              HasSubstr("2026-1"));
  EXPECT_EQ(ask("POST", "retention/holds/" + hold.at("id") + "/lift", R"({"reason":"结案"})").status, 200);

  const std::string wanted = order(id);
  const Answer alone = ask("POST", "retention/orders/" + wanted + "/approve");
  EXPECT_EQ(alone.status, 409);
  EXPECT_THAT(alone.text, HasSubstr("another person"));
  EXPECT_EQ(ask("POST", "retention/orders/" + wanted + "/approve", "", "OTHER/owner").status, 404);
  EXPECT_EQ(ask("GET", "envelopes/" + id + "/erasure").status, 404);
  ASSERT_EQ(ask("POST", "retention/orders/" + wanted + "/approve", "", "ORG/owner").status, 200);
  // Told a second ago is long enough here; the work looks again after that.
  ASSERT_TRUE(test::comesTrue([&] {
    service.services().database->write(
        [](storage::Transaction& t) { t.execute("UPDATE work SET due_ms = 0 WHERE kind = 'erase_envelope'"); });
    return ask("GET", "retention/orders/" + wanted).at("state") == "done";
  })) << ask("GET", "retention/orders/" + wanted).text;

  for (const std::string path : {"", "/document", "/revisions", "/revisions/1/document", "/retention"}) {
    const Answer gone = ask("GET", "envelopes/" + id + path);
    EXPECT_EQ(gone.status, 410) << path;
    EXPECT_EQ(gone.at("code"), "erased") << path;
    EXPECT_EQ(ask("GET", "envelopes/" + id + path, "", "OTHER/owner").status, 404) << path;
  }
  EXPECT_EQ(ask("GET", "envelopes/" + id + "/evidence").status, 410);
  EXPECT_EQ(ask("GET", "envelopes/" + kept + "/document").status, 200);
  const Answer proof = ask("GET", "envelopes/" + id + "/erasure");
  ASSERT_EQ(proof.status, 200);
  EXPECT_THAT(proof.at("statement"), HasSubstr("\"approved_by\":\"user:owner\""));
  EXPECT_GT(proof.at("cms").size(), 1000u);
  EXPECT_EQ(ask("GET", "envelopes/" + id + "/erasure", "", "OTHER/owner").status, 404);

  const auto publicly = [&](const std::string& path) {
    const HttpAnswer answer = service.ask("GET", path, "");
    EXPECT_EQ(answer.status, 200);
    return std::string(answer.body.begin(), answer.body.end());
  };
  EXPECT_THAT(publicly("/V/" + id), HasSubstr("erased under the retention rule on "));
  EXPECT_THAT(publicly("/V/" + id), Not(HasSubstr("示****")));
  EXPECT_THAT(publicly("/V/" + kept), Not(HasSubstr("erased")));
  EXPECT_EQ(parseJson(publicly("/api/v1/verification/" + id)).find("erased_at")->kind(), Json::Kind::kText);
}

TEST_F(RetentionApi, AnUploadOfAnErasedContractIsStillKnown) {
  std::string octets;
  const std::string id = addCompleted(&octets);
  service.services().database->write([&](storage::Transaction& t) {
    t.execute(
        "INSERT INTO erasures (envelope, organisation, order_id, state, begun_ms, erased_ms, statement, signature) "
        "VALUES ($1, 'ORG', 'o', 'erased', 1, 1800000000000, '{}', '')",
        {id});
  });
  const auto answer = [&](const std::string& file) {
    const HttpAnswer upload = service.ask("POST", "/api/v1/verification", "", file, "application/pdf");
    return parseJson(std::string(upload.body.begin(), upload.body.end()));
  };
  const Json known = answer(octets);
  ASSERT_EQ(known.find("known")->kind(), Json::Kind::kObject);
  EXPECT_THAT(known.find("known")->find("erased_at")->text(), HasSubstr("2027-01-15"));
  EXPECT_TRUE(answer(octets + "%").find("known")->isNull());
}

TEST_F(RetentionApi, RulesAreLengthenedByPersonsAlone) {
  const auto years = [&] {
    return ask("GET", "retention/rules").json().find("items")->items()[0].find("years")->integer();
  };
  EXPECT_EQ(years(), 2);
  EXPECT_EQ(ask("POST", "retention/rules", R"({"class":"labour_contract","years":1})").status, 422);
  EXPECT_EQ(ask("POST", "retention/rules", R"({"class":"labour_contract","years":10})").status, 200);
  EXPECT_EQ(years(), 10);
  EXPECT_EQ(ask("POST", "retention/class", R"({"class":"construction"})").at("class"), "construction");
  EXPECT_EQ(ask("POST", "retention/class", R"({"class":"none"})").status, 404);
}

}  // namespace
}  // namespace qianda::server
