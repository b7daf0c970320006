// Evidence over HTTP: PEERS pains 36 (documents readable without login), 38 (an audit log that can be believed), 44
// (webhooks) and opportunity 11 (evidence in seconds).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contracts/evidence/audit_verifier.h"
#include "contracts/evidence/package_verifier.h"
#include "contracts/evidence/zip_file.h"
#include "server/http/json.h"
#include "storage/audit/anchor.h"
#include "storage/outbox/outbox.h"
#include "tests/support/evidence_service.h"
#include "tests/support/webhook_receiver.h"

namespace qianda::server {
namespace {

using storage::Transaction;
using testing::HasSubstr;

std::string textOf(const HttpAnswer& answer) { return std::string(core::textOf(answer.body)); }

class EvidenceApiTest : public testing::Test {
 protected:
  std::size_t anchors() {
    return service.services().database->looked<std::size_t>(
        [](Transaction& t) { return storage::listAnchors(t).size(); });
  }
  test::EvidenceService service;
};

TEST_F(EvidenceApiTest, APackageIsMadeAtOnceAndChecksOffline) {
  const std::string id = service.addEnvelope();
  ASSERT_TRUE(test::comesTrue([&] {
    return service.services().database->looked<bool>([&](Transaction& t) {
      return !storage::listSharesOf(t, "ORG", "envelope:" + id).empty() && storage::listWaitingAnchors(t).empty();
    });
  }));
  const auto begin = std::chrono::steady_clock::now();
  const HttpAnswer answer = service.ask("GET", "/api/v1/envelopes/" + id + "/evidence");
  const auto took = std::chrono::steady_clock::now() - begin;
  ASSERT_EQ(answer.status, 200) << textOf(answer);
  EXPECT_EQ(answer.contentType, "application/zip");
  RecordProperty("milliseconds", static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  const contracts::PackageVerdict verdict =
      contracts::verifyPackage(textOf(answer), {service.services().signing->anchors(), "签达 Qianda", core::now()});
  EXPECT_EQ(verdict.indication, "PASSED") << (verdict.findings.empty() ? "" : verdict.findings[0].message);
  EXPECT_EQ(verdict.envelope, id);
  std::vector<std::string> names;
  for (const contracts::ZipMember& member : contracts::readZip(textOf(answer))) names.push_back(member.name);
  EXPECT_THAT(names, testing::IsSupersetOf({"snapshot.json", "rule-check.json", "revisions/0001.pdf", "report.pdf"}));
  EXPECT_GE(verdict.anchors, 1);
  EXPECT_GE(verdict.entries, 2);
  EXPECT_EQ(textOf(answer).find("000000199001010015"), std::string::npos) << "no whole identity number";
}

TEST_F(EvidenceApiTest, NobodyElseGetsIt) {
  const std::string path = "/api/v1/envelopes/" + service.addEnvelope() + "/evidence";
  EXPECT_EQ(service.ask("GET", path, "").status, 401);
  EXPECT_EQ(service.ask("GET", path, "ORG!").status, 403);
  EXPECT_EQ(service.ask("GET", path, "OTHER").status, 404);
  EXPECT_EQ(service.ask("GET", "/api/v1/envelopes/no/evidence").status, 404);
  EXPECT_EQ(service.ask("GET", "/api/v1/audit/export", "").status, 401);
  EXPECT_EQ(service.ask("GET", "/api/v1/audit/export", "ORG!").status, 403);
}

TEST_F(EvidenceApiTest, TheLogIsExportedWithItsAnchors) {
  service.addEnvelope();
  service.addEnvelope("OTHER");
  ASSERT_TRUE(test::comesTrue([&] { return anchors() > 0; }));
  const HttpAnswer answer = service.ask("GET", "/api/v1/audit/export");
  ASSERT_EQ(answer.status, 200);
  const std::string text = textOf(answer);
  EXPECT_THAT(text, HasSubstr("audit.exported"));
  EXPECT_THAT(text, testing::Not(HasSubstr("OTHER")));
  std::istringstream file(text);
  const contracts::AuditVerdict verdict =
      contracts::verifyAudit(file, {service.services().signing->anchors(), "签达 Qianda", nullptr, core::now()});
  EXPECT_EQ(verdict.indication, "PASSED") << (verdict.findings.empty() ? "" : verdict.findings[0].message);
  EXPECT_EQ(verdict.organisation, "ORG");
}

TEST_F(EvidenceApiTest, AnchorsFollowWhatHappens) {
  service.addEnvelope();
  ASSERT_TRUE(test::comesTrue([&] { return anchors() == 1; }));
  service.addEnvelope();
  ASSERT_TRUE(test::comesTrue([&] { return anchors() == 2; }));
}

TEST_F(EvidenceApiTest, TheCommandLineFetchesAndChecksOnAnotherMachine) {
  const std::string id = service.addEnvelope();
  ASSERT_TRUE(test::comesTrue([&] { return anchors() > 0; }));
  const std::string qianda = QIANDA_BINARY_DIR "/qianda", key = service.folder() / "key";
  const std::string root = service.folder() / "data/development-pki/root.pem";
  core::writeSecretFile(key, "ORG\n");
  const auto check = [&](const std::string& what, const std::string& file, const std::string& by = "签达 Qianda") {
    return test::run({qianda, what, "verify", file, "--trust", root, "--signed-by", by, "--json"});
  };
  const std::string log = service.folder() / "log.jsonl", package = service.folder() / "package.zip";
  test::Output done =
      test::run({qianda, "audit", "export", "--server", service.url(), "--api-key-file", key, "--out", log});
  ASSERT_EQ(done.status, 0) << done.err;
  done = check("audit", log);
  EXPECT_EQ(done.status, 0) << done.out;
  EXPECT_THAT(done.out, HasSubstr(R"("indication":"PASSED")"));
  EXPECT_EQ(check("audit", log, "另一家").status, 1);
  std::string text = core::readFile(log);
  text.replace(text.find("envelope.created"), 16, "envelope.revoked");
  core::writeFile(log, text);
  done = check("audit", log);
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.out, HasSubstr(R"("code":"entry_changed","stream":"envelope:)" + id + R"(","seq":1)"));
  done =
      test::run({qianda, "evidence", "fetch", id, "--server", service.url(), "--api-key-file", key, "--out", package});
  ASSERT_EQ(done.status, 0) << done.err;
  done = check("evidence", package);
  EXPECT_EQ(done.status, 0) << done.out;
  std::string zip = core::readFile(package);
  zip[zip.size() / 2] = static_cast<char>(zip[zip.size() / 2] ^ 1);
  core::writeFile(package, zip);
  EXPECT_EQ(check("evidence", package).status, 1);
  core::writeSecretFile(key, "OTHER\n");
  done =
      test::run({qianda, "evidence", "fetch", id, "--server", service.url(), "--api-key-file", key, "--out", package});
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.err, HasSubstr("not_found"));
}

TEST_F(EvidenceApiTest, WebhooksFromTheirCreationToTheReplay) {
  test::WebhookReceiver receiver;
  HttpAnswer answer =
      service.ask("POST", "/api/v1/webhooks", "ORG", R"({"url":")" + receiver.url() + R"(","events":["envelope.*"]})");
  ASSERT_EQ(answer.status, 201) << textOf(answer);
  const Json made = parseJson(textOf(answer));
  const std::string path = "/api/v1/webhooks/" + made.find("id")->text();
  EXPECT_THAT(made.find("secret")->text(), testing::StartsWith("whsec_"));
  EXPECT_THAT(textOf(service.ask("GET", path)), testing::Not(HasSubstr("whsec_")));
  const std::string id = service.addEnvelope();
  service.services().database->write([&](Transaction& t) {
    storage::publish(t, {"ORG", id, "envelope.sent", "{}"}, core::now());
  });
  ASSERT_TRUE(test::comesTrue([&] { return receiver.heard().size() == 2; }));
  EXPECT_EQ(receiver.heard()[0].headers.at("webhook-sequence"), "1");
  EXPECT_EQ(receiver.heard()[1].headers.at("webhook-sequence"), "2");
  ASSERT_TRUE(test::comesTrue([&] {
    return textOf(service.ask("GET", path + "/deliveries?state=delivered")).find("envelope.sent") != std::string::npos;
  }));
  const Json list = parseJson(textOf(service.ask("GET", path + "/deliveries")));
  ASSERT_EQ(list.find("items")->items().size(), 2u);
  const std::string delivery = list.find("items")->items()[0].find("id")->text();
  EXPECT_THAT(textOf(service.ask("GET", path + "/deliveries/" + delivery)), HasSubstr("\"status\":200"));
  EXPECT_EQ(service.ask("POST", path + "/test").status, 202);
  ASSERT_TRUE(test::comesTrue([&] { return receiver.heard().size() == 3; }));
  EXPECT_EQ(service.ask("POST", path + "/replay", "ORG", R"({"since":"2020-01-01T00:00:00Z"})").status, 202);
  ASSERT_TRUE(test::comesTrue([&] { return receiver.heard().size() == 5; }));
  EXPECT_EQ(service.ask("POST", path + "/replay", "ORG", R"({"since":"yesterday"})").status, 422);
  EXPECT_EQ(service.ask("POST", path + "/replay", "ORG", "{}").status, 422);
  EXPECT_EQ(service.ask("POST", path + "/secret").status, 200);
  EXPECT_EQ(service.ask("PATCH", path, "ORG", R"({"state":"disabled"})").status, 200);
  for (const char* method : {"GET", "PATCH", "DELETE"})
    EXPECT_EQ(service.ask(method, path, "OTHER", std::string(method) == "PATCH" ? "{}" : "").status, 404) << method;
  EXPECT_EQ(service.ask("DELETE", path).status, 204);
  EXPECT_EQ(service.ask("GET", path).status, 404);
}

TEST_F(EvidenceApiTest, WebhookAddressesAreJudgedWithTheirPlace) {
  for (const char* body :
       {R"({"url":"https://10.0.0.1/","events":["*"]})", R"({"url":"ftp://example.cn/","events":["*"]})",
        R"({"url":"https://user@example.cn/","events":["*"]})", R"({"url":"https://localhost/","events":["*"]})"}) {
    const HttpAnswer answer = service.ask("POST", "/api/v1/webhooks", "ORG", body);
    EXPECT_EQ(answer.status, 422) << body;
    EXPECT_THAT(textOf(answer), HasSubstr("/url"));
  }
  EXPECT_THAT(
      textOf(service.ask("POST", "/api/v1/webhooks", "ORG", R"({"url":"https://example.cn/","events":["A B"]})")),
      HasSubstr("/events"));
  EXPECT_EQ(service.ask("POST", "/api/v1/webhooks", "ORG", R"({"url":"https://example.cn/","events":[]})").status, 422);
}

}  // namespace
}  // namespace qianda::server
