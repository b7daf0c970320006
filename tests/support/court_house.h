// A court as its people and programs see it: the service's routes with a real delivery desk and seals of the
// development PKI. A clerk who may seal, a presiding arbitrator who decides, an API key with all it may have; the
// letters' partner is named in the settings and never asked, as no queue runs.
#pragma once

#include "contracts/seals/seal_grants.h"
#include "core/file.h"
#include "delivery/documents/step_sets.h"
#include "server/config/configuration.h"
#include "server/delivery/delivery_desk.h"
#include "server/evidence/evidence_room.h"
#include "server/metrics/metrics.h"
#include "tests/support/postal.h"
#include "tests/support/sealing.h"
#include "tests/support/service.h"

namespace qianda::test {

inline const std::string kCourtApplicant = "林示例", kCourtRespondent = "珠海示例科技有限公司";

inline server::Json caseParty(const std::string& role, const std::string& kind, const std::string& name) {
  return server::Json::object({{"role", role}, {"kind", kind}, {"name", name}, {"phone", "13800000001"}});
}
inline server::Json postalAddress(const std::string& party) {
  return server::Json::object({{"party", party},
                               {"kind", "postal"},
                               {"phone", "13800000001"},
                               {"postcode", "519000"},
                               {"province", "广东省"},
                               {"city", "珠海市"},
                               {"district", "香洲区"},
                               {"street", "示例路" + party + "号"},
                               {"ground", "confirmed"},
                               {"since", "2026-03-02"}});
}
inline server::Json phoneAddress(const std::string& party) {
  return server::Json::object({{"party", party},
                               {"kind", "sms"},
                               {"value", "13800000001"},
                               {"ground", "confirmed"},
                               {"since", "2026-03-02"},
                               {"consent_on", "2026-03-02"}});
}
// A worker against an employer, each with a postal address, the worker with consent to messages besides.
inline server::Json courtCase(const std::string& number) {
  return server::Json::object(
      {{"number", number},
       {"cause", "劳动报酬"},
       {"claims", "支付2026年1月工资8500元"},
       {"panel", server::Json::array({"钱示例", "孙示例", "李示例"})},
       {"clerk", "周示例"},
       {"room", "第一仲裁庭"},
       {"received_on", "2026-03-02"},
       {"parties", server::Json::array({caseParty("applicant", "person", kCourtApplicant),
                                        caseParty("respondent", "organisation", kCourtRespondent)})},
       {"addresses", server::Json::array({postalAddress("0"), phoneAddress("0"), postalAddress("1")})}});
}
// Everything the step asks for, by the examples of its forms.
inline server::Json stepValues(const std::string& step, const std::string& day = "2026-03-03") {
  server::Json values = server::Json::object({{"issued_on", day}});
  for (const templates::FieldSpec* field : delivery::enteredValues(delivery::getStepSet(step))) {
    if (!field->required || field->name == "issued_on") continue;
    values.append(field->name, field->type == templates::FieldType::kDate ? day : field->example);
  }
  return values;
}

class CourtHouse {
 public:
  explicit CourtHouse(storage::Database& database) : service(database), sealing(database), database_(database) {
    sealing.attach(service.services);
    service.services.configuration = &configuration;
    service.services.metrics = &metrics;
    evidence = std::make_unique<server::EvidenceRoom>(configuration, service.services);
    desk = std::make_unique<server::DeliveryDesk>(configuration, service.services,
                                                  server::CourtPressParts{database, sealing.documents, sealing.cabinet,
                                                                          sealing.signing, "HTTPS://SIGN.EXAMPLE/V/"});
    organisation = service.createOrganisation("arbitration_court", "示例市劳动人事争议仲裁委员会");
    clerk = service.createMember(organisation, "clerk", "周示例");
    presiding = service.createMember(organisation, "presiding", "钱示例");
    seal = sealing.makeSeal({organisation, "user:keeper", "", ""}, "仲裁专用章", "示例市劳动人事争议仲裁委员会");
    const Reply made = service.send(
        presiding.client, "POST", "/api/v1/api-keys",
        R"({"name":"k","days":1,"scopes":["cases:read","cases:write","service:read","service:write","seals:use"]})");
    if (made.status != 201) throw std::runtime_error(made.body);
    key.bearer = made.text("key");
    for (const std::string& grantee : {"user:" + clerk.id, "api_key:" + made.text("id")}) {
      const std::string grant = sealing.propose({organisation, "user:keeper", "", ""}, seal, grantee, 1000);
      database.write([&](storage::Transaction& t) {
        contracts::approveGrant(t, {organisation, "user:" + presiding.id, "", ""}, grant, core::now());
      });
    }
  }

  Reply ask(const std::string& method, const std::string& path, const server::Json& body = {}) {
    return ask(clerk.client, method, path, body);
  }
  Reply ask(Client& client, const std::string& method, const std::string& path, const server::Json& body = {}) {
    return service.send(client, method, "/api/v1" + path, body.isNull() ? "" : body.dump());
  }
  server::Json well(const std::string& method, const std::string& path, const server::Json& body = {}) {
    Reply reply = ask(method, path, body);
    if (reply.status >= 300) throw std::runtime_error(method + " " + path + ": " + reply.body);
    return reply.json;
  }
  std::string createCase(const std::string& number) {
    return well("POST", "/cases", courtCase(number)).find("id")->text();
  }
  Reply issue(const std::string& id, const std::string& idempotency, const server::Json& values,
              const std::string& method = "auto", const std::string& step = "accept") {
    clerk.client.headers = {{"Idempotency-Key", idempotency}};
    Reply reply = ask("POST", "/cases/" + id + "/steps",
                      server::Json::object({{"seal", seal}, {"step", step}, {"method", method}, {"values", values}}));
    clerk.client.headers.clear();
    return reply;
  }
  server::Json issueAccept(const std::string& id, const std::string& method = "auto") {
    const Reply reply = issue(id, id, stepValues("accept"), method);
    if (reply.status != 201) throw std::runtime_error(reply.body);
    return reply.json;
  }
  void setSender() {
    well("POST", "/court-sender",
         server::Json::object({{"name", "示例仲裁院"},
                               {"phone", "07560000000"},
                               {"postcode", "519000"},
                               {"province", "广东省"},
                               {"city", "珠海市"},
                               {"district", "香洲区"},
                               {"street", "示例大道1号"}}));
  }
  std::int64_t count(const std::string& what) {
    return database_.looked<std::int64_t>(
        [&](storage::Transaction& t) { return t.findRow("SELECT COUNT(*) FROM " + what)->number(0); });
  }

 private:
  std::string partnersFile() {
    const std::filesystem::path file = folder / "partners.yaml";
    core::writeFile(file,
                    "partners:\n  - name: china-post\n    protocol: signed_json\n    address: http://127.0.0.1:1\n"
                    "    keys: [\"" +
                        partnerKey + "\"]\n");
    return file.string();
  }

 public:
  const TempFolder folder;
  const std::string partnerKey = "whsec_" + randomKey(32);
  TestService service;
  Sealing sealing;
  server::Metrics metrics;
  const server::Configuration configuration{
      {.file = {},
       .environment = {},
       .flags = {{"data-folder", (sealing.folder / "data").string()}, {"postal-partners", partnersFile()}}}};
  std::unique_ptr<server::EvidenceRoom> evidence;
  std::unique_ptr<server::DeliveryDesk> desk;
  std::string organisation, seal;
  Member clerk, presiding;
  Client key;

 private:
  storage::Database& database_;
};

}  // namespace qianda::test
