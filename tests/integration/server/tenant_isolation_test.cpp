// Every route x every role x nobody's, own, a fellow's and another organisation's ids.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contracts/batches/batch_record.h"
#include "contracts/envelope/create_envelopes.h"
#include "contracts/retention/holds.h"
#include "contracts/retention/orders.h"
#include "contracts/seals/granted_seals.h"
#include "core/digest.h"
#include "server/api/account_routes.h"
#include "server/ceremony_setup.h"
#include "server/delivery/delivery_desk.h"
#include "server/evidence/evidence_room.h"
#include "server/webhooks/endpoints.h"
#include "tests/support/court_case.h"
#include "tests/support/envelope_house.h"
#include "tests/support/oidc_provider.h"
#include "tests/support/sealing.h"
#include "tests/support/tenants.h"

namespace qianda::server {
namespace {

using test::Member;
using test::Tenant;
using test::TenantCase;
using test::TestService;

std::string drawId() { return core::DocumentId::at(core::now()).text(); }

void insert(TestService& service, const std::string& sql, const storage::Values& values) {
  service.accounts.database.write([&](storage::Transaction& transaction) { transaction.execute(sql, values); });
}

class TenantIsolationTest : public test::OnBothDatabases {
 protected:
  void SetUp() override {
    walk.makers = {
        {"user",
         [](TestService& service, Tenant& tenant, Member&) {
           return service.createUser(tenant.organisation, firstRole(tenant.kind).name, "person " + tenant.mark).id;
         }},
        {"organisation", [](TestService&, Tenant& tenant, Member&) { return tenant.organisation; }},
        {"other_organisation",
         [](TestService& service, Tenant& tenant, Member&) {
           return service.createOrganisation("enterprise", "other " + tenant.mark);
         }},
        {"session",
         [](TestService& service, Tenant&, Member& member) {
           const std::string id = drawId();
           insert(service,
                  "INSERT INTO sessions (id, token_hash, user_id, proven, created_ms, seen_ms, peer, device) "
                  "VALUES ($1, $2, $3, 1, $4, $5, '', '')",
                  {id, "hash of " + id, member.id, service.accounts.nowMs(), service.accounts.nowMs()});
           return id;
         }},
        {"key",
         [](TestService& service, Tenant& tenant, Member& member) {
           const std::string id = drawId();
           insert(service,
                  "INSERT INTO api_keys (id, organisation, creator, name, hash, scopes, created_ms, expires_ms) "
                  "VALUES ($1, $2, $3, $4, 'x', 'users:read', 0, 1)",
                  {id, tenant.organisation, member.id, "key " + tenant.mark});
           return id;
         }},
        {"provider", [this](TestService& service, Tenant& tenant, Member&) { return makeProvider(service, tenant); }},
        {"login",
         [this](TestService& service, Tenant& tenant, Member& member) {
           const std::string id = drawId();
           insert(service,
                  "INSERT INTO external_logins (id, provider, subject, user_id, created_ms) VALUES ($1, $2, $3, $4, 0)",
                  {id, makeProvider(service, tenant), "subject " + id + tenant.mark, member.id});
           return id;
         }},
        {"template", [](TestService&, Tenant&, Member&) { return std::string("labour-general"); }},
        {"seal", [this](TestService&, Tenant& tenant, Member&) { return makeSeal(tenant); }},
        {"grant",
         [this](TestService&, Tenant& tenant, Member& member) {
           return sealing.propose(keeperOf(tenant), makeSeal(tenant), "user:" + member.id, 5);
         }},
        {"envelope", [this](TestService& service, Tenant& tenant, Member&) { return makeEnvelope(service, tenant); }},
        {"party", [](TestService&, Tenant&, Member&) { return std::string("worker"); }},
        {"number", [](TestService&, Tenant&, Member&) { return std::string("1"); }},
        {"webhook", [this](TestService& service, Tenant& tenant, Member&) { return makeWebhook(service, tenant); }},
        {"delivery", [this](TestService& service, Tenant&, Member&) { return makeDelivery(service); }},
        {"batch", [this](TestService& service, Tenant& tenant, Member&) { return makeBatch(service, tenant); }},
        {"ended", [this](TestService& service, Tenant& tenant, Member&) { return makeEnded(service, tenant); }},
        {"hold",
         [this](TestService& service, Tenant& tenant, Member&) {
           const std::string envelope = makeEnded(service, tenant);
           return service.accounts.database.written<std::string>([&](storage::Transaction& t) {
             return contracts::placeHold(t, keeperOf(tenant), envelope, "ground " + tenant.mark, "1", core::now());
           });
         }},
        {"order",
         [this](TestService& service, Tenant& tenant, Member&) {
           const std::string envelope = makeEnded(service, tenant);
           return service.accounts.database.written<std::string>([&](storage::Transaction& t) {
             return contracts::proposeErasure(t, keeperOf(tenant), {envelope}, "ground " + tenant.mark, core::now());
           });
         }},
        {"case",
         [this](TestService& service, Tenant& tenant, Member&) {
           court_ = test::makeCourtCase(service.accounts.database, keeperOf(tenant), tenant.mark);
           return court_.id;
         }},
        {"address", [this](TestService&, Tenant&, Member&) { return court_.address; }},
        {"case_party", [this](TestService&, Tenant&, Member&) { return court_.party; }},
        {"record",
         [this](TestService& service, Tenant& tenant, Member&) {
           court_ = test::makeCourtCase(service.accounts.database, keeperOf(tenant), tenant.mark);
           return court_.record;
         }},
        {"attempt", [this](TestService&, Tenant&, Member&) { return court_.attempt; }},
        {"evidence", [](TestService&, Tenant&, Member&) { return drawId(); }},
        {"document",
         [this](TestService& service, Tenant& tenant, Member&) {
           court_ = test::makeCourtCase(service.accounts.database, keeperOf(tenant), tenant.mark);
           sealing.documents.appendWhole(*core::DocumentId::parse(court_.document), "%PDF-1.7 " + tenant.mark,
                                         service.services.clock());
           return court_.document;
         }},
        {"parcel",
         [this](TestService& service, Tenant& tenant, Member&) {
           court_ = test::makeCourtCase(service.accounts.database, keeperOf(tenant), tenant.mark);
           return court_.parcel;
         }},
        {"task",
         [this](TestService& service, Tenant& tenant, Member&) {
           court_ = test::makeCourtCase(service.accounts.database, keeperOf(tenant), tenant.mark);
           return court_.deadTask;
         }},
    };
    walk.prepare = [this](TestService& service) -> std::shared_ptr<void> {
      sealing.attach(service.services);
      service.services.configuration = &configuration;
      auto rooms = std::make_shared<Rooms>();
      rooms->ceremony = std::make_unique<CeremonySetup>(service.services, sealing.signing, seals);
      rooms->evidence = std::make_unique<EvidenceRoom>(configuration, service.services);
      rooms->delivery = std::make_unique<DeliveryDesk>(
          configuration, service.services,
          CourtPressParts{*database, sealing.documents, sealing.cabinet, sealing.signing, ""});
      return rooms;
    };
    walk.cases = {
        {.operation = "getHealth"},
        {.operation = "getReadiness"},
        {.operation = "getMetrics"},
        {.operation = "getDescription"},
        {.operation = "logIn", .own = 401, .body = R"({"login":"nobody","password":"x"})"},
        {.operation = "logOut", .own = 204},
        {.operation = "getMe"},
        {.operation = "proveSecondFactor", .own = 409, .body = R"({"code":"000000"})"},
        {.operation = "changePassword", .body = R"({"password":"<password>","new_password":"correct horse battery"})"},
        {.operation = "enrolSecondFactor", .body = R"({"password":"<password>"})", .enrolled = 409},
        {.operation = "confirmSecondFactor", .own = 409, .body = R"({"code":"000000"})"},
        {.operation = "dropSecondFactor", .own = 409, .body = R"({"code":"000000"})"},
        {.operation = "renewRecoveryCodes", .own = 409, .body = R"({"code":"abcdef"})", .enrolled = 401},
        {.operation = "listMySessions"},
        {.operation = "endMySessions", .own = 204},
        {.operation = "endMySession", .own = 204, .isPersonal = true},
        {.operation = "listExternalLogins"},
        {.operation = "linkExternalLogin", .body = R"({"identity_provider":"{provider}"})"},
        {.operation = "dropExternalLogin", .own = 204, .isPersonal = true},
        {.operation = "startOidcLogin", .own = 303},
        {.operation = "finishOidcLogin", .own = 401},
        {.operation = "listUsers"},
        {.operation = "createUser", .own = 201, .body = R"({"login":"<login>","name":"n","role":"<role>"})"},
        {.operation = "getUser"},
        {.operation = "changeUser", .body = R"({"state":"inactive"})"},
        {.operation = "resetPassword"},
        {.operation = "unlockUser", .own = 204},
        {.operation = "listApiKeys"},
        {.operation = "createApiKey", .own = 201, .body = R"({"name":"n","scopes":["users:read"],"days":1})"},
        {.operation = "getApiKey"},
        {.operation = "revokeApiKey", .own = 204},
        {.operation = "listIdentityProviders"},
        {.operation = "addIdentityProvider",
         .own = 422,
         .body = R"({"name":"n","issuer":"ftp://id.example","client":"c","secret":"s"})"},
        {.operation = "dropIdentityProvider", .own = 204},
        {.operation = "listOrganisations", .isAcrossTenants = true},
        {.operation = "createOrganisation",
         .own = 201,
         .body = R"({"kind":"enterprise","name":"n","uscc":"<uscc>"})",
         .isAcrossTenants = true},
        {.operation = "getOrganisation", .isAcrossTenants = true},
        {.operation = "changeOrganisation", .body = R"({"state":"active"})", .isAcrossTenants = true},
        {.operation = "createFirstUser",
         .own = 201,
         .body = R"({"login":"<login>","name":"n"})",
         .isAcrossTenants = true},
        {.operation = "listTemplates"},
        {.operation = "getTemplate", .isAcrossTenants = true},
        {.operation = "getRosterTemplate", .isAcrossTenants = true},
        {.operation = "listSeals"},
        {.operation = "createSeal", .own = 201, .body = R"({"name":"<uscc>","kind":"company"})"},
        {.operation = "getSeal"},
        {.operation = "suspendSeal", .body = R"({"reason":"lost"})"},
        {.operation = "resumeSeal", .own = 409, .body = R"({"reason":"found"})"},
        {.operation = "revokeSeal", .body = R"({"reason":"lost"})"},
        {.operation = "listSealUses"},
        {.operation = "listSealGrants"},
        {.operation = "proposeSealGrant",
         .own = 201,
         .body = R"({"seal":"{seal}","template":"*","grantee":"user:{user}","not_before":"2020-01-01",)"
                 R"("not_after":"2099-12-31","quota":5,"purpose":"p"})"},
        {.operation = "getSealGrant"},
        {.operation = "approveSealGrant"},
        {.operation = "rejectSealGrant", .body = R"({"reason":"no"})"},
        {.operation = "revokeSealGrant", .body = R"({"reason":"no"})"},
        {.operation = "withdrawSealGrant", .body = R"({"reason":"no"})"},
        {.operation = "createBatch", .body = R"({"template":"labour-general","validate_only":true,"rows":[]})"},
        {.operation = "listBatches"},
        {.operation = "getBatch"},
        {.operation = "listBatchRows"},
        {.operation = "followBatch"},
        {.operation = "cancelBatch", .own = 202},
        {.operation = "getBatchDocuments"},
        {.operation = "getBatchResults"},
        {.operation = "listEnvelopes"},
        {.operation = "createEnvelope", .own = 422, .body = R"({"title":"t"})"},
        {.operation = "getEnvelope"},
        {.operation = "sendEnvelope"},
        {.operation = "revokeEnvelope", .body = R"({"reason":"r"})"},
        {.operation = "remindEnvelope", .own = 409},
        {.operation = "delegateParty",
         .body = R"({"display_name":"林示例","id_number":"000000199206183027","phone":"13800000000"})"},
        {.operation = "renewLink", .own = 409},
        {.operation = "listRevisions"},
        {.operation = "getRevisionDocument"},
        {.operation = "getEnvelopeDocument"},
        {.operation = "printEnvelope", .own = 409},
        {.operation = "exportAuditLog"},
        {.operation = "getEvidencePackage"},
        {.operation = "listWebhooks"},
        {.operation = "createWebhook", .own = 201, .body = R"({"url":"https://hook.example/","events":["*"]})"},
        {.operation = "getWebhook"},
        {.operation = "changeWebhook", .body = R"({"description":"changed"})"},
        {.operation = "deleteWebhook", .own = 204},
        {.operation = "rotateWebhookSecret"},
        {.operation = "listWebhookDeliveries"},
        {.operation = "getWebhookDelivery"},
        {.operation = "replayWebhook", .own = 202, .body = R"({"since":"2020-01-01T00:00:00+08:00"})"},
        {.operation = "testWebhook", .own = 202},
        {.operation = "listRetentionRules"},
        {.operation = "setRetentionRule", .body = R"({"class":"labour_contract","years":9})"},
        {.operation = "setRetentionClass", .body = R"({"class":"labour_contract"})"},
        {.operation = "listDueEnvelopes"},
        {.operation = "listLegalHolds"},
        {.operation = "getLegalHold"},
        {.operation = "liftLegalHold", .body = R"({"reason":"over"})"},
        {.operation = "listErasureOrders"},
        {.operation = "proposeErasure", .own = 201, .body = R"({"envelopes":["{ended}"],"ground":"g"})"},
        {.operation = "getErasureOrder"},
        {.operation = "approveErasure"},
        {.operation = "rejectErasure", .body = R"({"reason":"no"})"},
        {.operation = "getRetention"},
        {.operation = "noteEnd", .body = R"({"ended":"2020-01-31","ground":"g"})"},
        {.operation = "placeLegalHold", .own = 201, .body = R"({"ground":"g","reference":"1"})"},
        {.operation = "getErasureProof", .own = 404},
        {.operation = "listCases"},
        {.operation = "createCase",
         .own = 201,
         .body = R"({"number":"<uscc>","cause":"c","received_on":"2026-03-02","parties":[)"
                 R"({"role":"applicant","kind":"person","name":"n"},)"
                 R"({"role":"respondent","kind":"organisation","name":"m"}]})"},
        {.operation = "getCase"},
        {.operation = "changeCase", .body = R"({"clerk":"changed"})"},
        {.operation = "addCaseEvent",
         .body = R"({"kind":"mediation_started","day":"2026-03-03","details":{"x":"changed"}})"},
        {.operation = "addCaseParty", .body = R"({"role":"third_party","kind":"person","name":"changed"})"},
        {.operation = "addCaseAgent",
         .own = 422,
         .body = R"({"party":"00000000000000000000000000","kind":"designated","name":"n","since":"2026-03-02"})"},
        {.operation = "addCaseAddress",
         .own = 422,
         .body = R"({"party":"00000000000000000000000000","kind":"sms","value":"1","ground":"confirmed",)"
                 R"("since":"2026-03-02"})"},
        {.operation = "withdrawCaseAddress"},
        {.operation = "withdrawCaseConsent", .own = 404, .body = R"({"day":"2026-03-02"})"},
        {.operation = "getCaseClock"},
        {.operation = "getMediationFigures", .own = 400},
        {.operation = "listCaseSteps"},
        {.operation = "issueStep", .own = 400, .body = R"({"seal":"{seal}","step":"accept"})"},
        {.operation = "issueManySteps",
         .own = 400,
         .body = R"({"seal":"{seal}","steps":[{"case":"{case}","step":"accept"}]})"},
        {.operation = "listCourtDocuments"},
        {.operation = "getCourtDocument"},
        {.operation = "listServiceRecords"},
        {.operation = "getServiceRecord"},
        {.operation = "startServiceAttempt", .body = R"({"method":"direct"})"},
        {.operation = "withdrawServiceAttempt", .body = R"({"reason":"changed"})"},
        {.operation = "addServiceEvidence",
         .body = R"({"kind":"note","at":"2020-01-01T00:00:00+08:00","text":"changed"})"},
        {.operation = "getServiceEvidence", .own = 404},
        {.operation = "decideService", .body = R"({"decision":"void","reason":"changed"})"},
        {.operation = "setNoticeGround", .body = R"({"ground":"changed"})"},
        {.operation = "getServiceProof", .own = 404},
        {.operation = "listServiceRules"},
        {.operation = "setServiceRule", .own = 422, .body = R"({"rule":"none","value":"1","ground":"g"})"},
        {.operation = "listDeadlineAlarms"},
        {.operation = "listParcels"},
        {.operation = "getParcel"},
        {.operation = "getPrintBundle", .own = 404},
        {.operation = "noteParcelPrinted", .own = 409, .body = R"({"pages":1})"},
        {.operation = "cancelParcel", .body = R"({"reason":"changed"})"},
        {.operation = "notePostalInquiry",
         .own = 409,
         .body = R"({"outcome":"lost","at":"2020-01-01T00:00:00+08:00","text":"t"})"},
        {.operation = "getCourtSender", .own = 404},
        {.operation = "setCourtSender",
         .body = R"({"name":"n","phone":"1","postcode":"519000","province":"p","city":"c","street":"s"})"},
        {.operation = "getPostalQueue"},
        {.operation = "listDeadPostalTasks"},
        {.operation = "replayDeadPostalTask"},
        {.operation = "listPartnerMessages", .isAcrossTenants = true},
    };
    // Bearers of links are judged by the tests of ceremonies; what is public knows no tenants.
    for (const char* operation : {"getCeremony",           "getCeremonyQr",
                                  "getCeremonyPage",       "getCeremonyPageText",
                                  "getSigningPage",        "getSigningPageSlash",
                                  "getSigningFile",        "getMyContractsPage",
                                  "getConsolePage",        "acknowledgeNotice",
                                  "claimIdentity",         "resendCode",
                                  "confirmCode",           "showFace",
                                  "getCeremonyDocument",   "notePages",
                                  "giveStrokes",           "sendWillingnessCode",
                                  "declareWillingness",    "declineToSign",
                                  "getCeremonyCopy",       "printCeremonyCopy",
                                  "requestAccess",         "openAccess",
                                  "listOwnContracts",      "getOwnContract",
                                  "printOwnContract",      "checkPaperCopy",
                                  "verifyUpload",          "getKnownDocument",
                                  "getDocumentPage",       "getDocumentPageLower",
                                  "getPaperCopyPage",      "getVerificationPage",
                                  "getVerificationScript", "getVerificationStyle",
                                  "takePostalPush",        "openServedDocuments",
                                  "getServedDocument",     "getServedPage"}) {
      walk.cases.push_back({.operation = operation, .isGateOnly = true});
    }
    walk.snapshots = {
        "SELECT name || state || kind FROM organisations WHERE id = $1",
        "SELECT id FROM users WHERE organisation = $1 AND state <> 'active'",
        "SELECT id FROM api_keys WHERE organisation = $1 AND revoked_ms IS NOT NULL",
        "SELECT id FROM seals WHERE organisation = $1 AND state <> 'active'",
        "SELECT id FROM seal_grants WHERE organisation = $1 AND state <> 'proposed'",
        "SELECT id FROM batches WHERE organisation = $1 AND cancel_asked = 1",
        "SELECT id FROM envelopes WHERE organisation = $1 AND (state = 'sent' OR reason <> '' OR revision <> 1)",
        "SELECT id FROM webhook_endpoints WHERE organisation = $1 AND description = 'changed'",
        "SELECT id FROM legal_holds WHERE organisation = $1 AND lifted_ms > 0",
        "SELECT id FROM erasure_orders WHERE organisation = $1 AND state <> 'proposed'",
        "SELECT envelope FROM retention_notes WHERE organisation = $1",
        "SELECT class FROM retention_rules WHERE organisation = $1",
        "SELECT id FROM cases WHERE organisation = $1 AND clerk = 'changed'",
        "SELECT e.case_id FROM case_events e JOIN cases c ON c.id = e.case_id WHERE c.organisation = $1 AND e.kind <> "
        "'received'",
        "SELECT r.id FROM service_records r JOIN service_attempts a ON a.record = r.id WHERE r.organisation = $1 AND "
        "(r.notice_ground <> '' OR a.number > 1 OR a.is_withdrawn = 1)",
        "SELECT id FROM parcels WHERE organisation = $1 AND cancel_reason <> ''",
        "SELECT organisation FROM court_senders WHERE organisation = $1"};
  }

  // An envelope that was never signed and whose years are over.
  std::string makeEnded(TestService& service, const Tenant& tenant) {
    contracts::NewEnvelope envelope;
    envelope.document = core::DocumentId::at(core::now());
    envelope.organisation = tenant.organisation;
    envelope.kind = "document";
    envelope.title = "envelope " + tenant.mark;
    envelope.createdBy = "user:keeper";
    envelope.parties = {
        {"worker", contracts::PartyKind::kPerson, 1, false, "示例", "000000199001010015", "139", "", ""}};
    service.accounts.database.write([&](storage::Transaction& t) {
      contracts::createEnvelopes(t, {envelope}, core::now());
      t.execute("UPDATE envelopes SET state = 'revoked', changed_ms = 1 WHERE id = $1", {envelope.document.text()});
    });
    return envelope.document.text();
  }
  static contracts::Actor keeperOf(const Tenant& tenant) { return {tenant.organisation, "user:keeper", "", ""}; }
  std::string makeSeal(const Tenant& tenant) {
    return sealing.makeSeal(keeperOf(tenant), "seal " + tenant.mark + drawId());
  }
  // A draft that the employer seals after the worker.
  std::string makeEnvelope(TestService& service, const Tenant& tenant) {
    const core::DocumentId id = core::DocumentId::at(core::now());
    const std::string pdf = test::formPdf({"employer", "worker"});
    sealing.documents.appendWhole(id, pdf, service.services.clock());
    contracts::NewEnvelope envelope;
    envelope.document = id;
    envelope.organisation = tenant.organisation;
    envelope.kind = "document";
    envelope.title = "title " + tenant.mark;
    envelope.sha256 = core::sha256Hex(pdf);
    envelope.size = static_cast<std::int64_t>(pdf.size());
    envelope.level = "B-T";
    envelope.createdBy = "user:" + tenant.mark;
    contracts::NewParty worker, employer;
    worker.field = "worker";
    worker.displayName = test::kWorkerName;
    worker.idNumber = test::kWorkerId;
    worker.phone = test::kWorkerPhone;
    employer.field = "employer";
    employer.kind = contracts::PartyKind::kOrganisation;
    employer.stage = 2;
    employer.displayName = "org " + tenant.mark;
    employer.organisation = tenant.organisation;
    employer.seal = "seal " + tenant.mark;  // nothing is sealed in the walk
    envelope.parties = {worker, employer};
    service.accounts.database.write(
        [&](storage::Transaction& t) { contracts::createEnvelopes(t, {envelope}, service.services.clock()); });
    return id.text();
  }
  std::string makeWebhook(TestService& service, const Tenant& tenant) {
    WebhookEndpoint endpoint;
    endpoint.organisation = tenant.organisation;
    endpoint.url = "https://" + tenant.mark + ".example/hook";
    endpoint.description = tenant.mark;
    endpoint.events = {"*"};
    service.accounts.database.write(
        [&](storage::Transaction& t) { createEndpoint(t, endpoint, {}, service.services.clock()); });
    return webhook_ = endpoint.id;
  }
  // Of the webhook that was made last.
  std::string makeDelivery(TestService& service) {
    const std::string id = drawId();
    insert(service,
           "INSERT INTO webhook_deliveries (id, endpoint, event, subject, round, sequence, state, attempts, due_ms, "
           "created_ms, done_ms, last_outcome) SELECT $1, $2, id, subject, 0, 1, 'delivered', 1, 0, 0, 1, '' FROM "
           "outbox_events ORDER BY id LIMIT 1",
           {id, webhook_});
    return id;
  }
  std::string makeBatch(TestService& service, const Tenant& tenant) {
    contracts::BatchRecord batch;
    batch.id = batch.idempotencyKey = drawId();
    batch.organisation = tenant.organisation;
    batch.templateId = "labour-general";
    batch.rows = 2;
    batch.createdBy = tenant.mark;
    service.accounts.database.write([&](storage::Transaction& t) { contracts::insertBatch(t, batch); });
    return batch.id;
  }

  std::string makeProvider(TestService& service, Tenant& tenant) {
    const std::string& organisation = tenant.organisation;
    if (providers_[organisation].empty() || !hasProvider(service, providers_[organisation])) {
      providers_[organisation] = drawId();
      insert(service,
             "INSERT INTO identity_providers (id, organisation, name, issuer, client, secret, created_ms) "
             "VALUES ($1, $2, $3, $4, 'c', 's', 0)",
             {providers_[organisation], organisation, "provider " + tenant.mark, provider.issuer()});
    }
    return providers_[organisation];
  }

  bool hasProvider(TestService& service, const std::string& id) {
    return service.accounts.database.looked<bool>([&](storage::Transaction& transaction) {
      return transaction.findRow("SELECT 1 FROM identity_providers WHERE id = $1", {id}).has_value();
    });
  }

  // What the handlers of envelopes and evidence need.
  struct Rooms {
    std::unique_ptr<CeremonySetup> ceremony;
    std::unique_ptr<EvidenceRoom> evidence;
    std::unique_ptr<DeliveryDesk> delivery;
  };

  test::OidcProvider provider;
  test::Sealing sealing{*database};
  contracts::GrantedSeals seals{*database, sealing.cabinet};
  const Configuration configuration{
      {.file = {}, .environment = {}, .flags = {{"data-folder", (sealing.folder / "data").string()}}}};
  test::TenantWalk walk;

 private:
  std::map<std::string, std::string> providers_;
  std::string webhook_;
  test::CourtCase court_;  // made last
};

Response leak(Services& services, const Request& request) {
  Json json = Json::object();
  accountsOf(services).database.read([&](storage::Transaction& transaction) {
    const auto user = findUser(transaction, request.parameter("user"));  // whoever's
    if (!user) throw Problem(404, "not_found", "there is no such user");
    json = userJson(*user);
  });
  return answerJson(json);
}

Response tell(Services& services, const Request& request) {
  accountsOf(services).database.read([&](storage::Transaction& transaction) {
    const auto user = findUser(transaction, request.parameter("user"));
    if (!user) throw Problem(404, "not_found", "there is no such user");
    if (user->organisation != request.principal.organisation) throw Problem(404, "not_found", "this user is not yours");
  });
  return answerNothing();
}

Response fail(Services&, const Request&) { throw std::runtime_error("broken"); }

Response grab(Services& services, const Request& request) {
  Accounts& accounts = accountsOf(services);
  accounts.database.write([&](storage::Transaction& transaction) {
    transaction.execute("UPDATE organisations SET name = 'taken' WHERE id = $1", {request.parameter("organisation")});
  });
  throw Problem(404, "not_found", "there is no such organisation");
}

// The whole of routes() in one walk: some thousand requests.
TEST_P(TenantIsolationTest, NoRouteGivesAnybodyWhatIsAnothersOrAnswersFiveHundred) {
  std::vector<Route> table = routes();
  // Metrics and readiness need the rest of the service and know no tenants.
  std::erase_if(table, [](const Route& route) { return route.always; });
  std::erase_if(walk.cases, [](const TenantCase& one) {
    return one.operation == "getHealth" || one.operation == "getReadiness" || one.operation == "getMetrics";
  });
  EXPECT_THAT(walk.walk(*database, table), testing::IsEmpty());
}

// Some thousand requests: on one database, as both run the same statements.
INSTANTIATE_TEST_SUITE_P(Sqlite, TenantIsolationTest, testing::Values(test::DatabaseKind::kSqlite), test::databaseName);

// That the walk can fail.
class TenantWalkTest : public TenantIsolationTest {
 protected:
  std::vector<std::string> faultsOf(const Route& route, const TenantCase& one) {
    walk.cases = {one};
    return walk.walk(*database, {route});
  }
};

TEST_P(TenantWalkTest, FindsAHandlerThatLeaks) {
  const auto faults =
      faultsOf({"GET", "/leak/{user}", "leak", Access::kAccount, "users:read", leak}, {.operation = "leak"});
  EXPECT_THAT(faults, testing::Contains(testing::HasSubstr("200 instead of 404")));
  EXPECT_THAT(faults, testing::Contains(testing::HasSubstr("leaks MARK")));
}

TEST_P(TenantWalkTest, FindsAHandlerThatTellsAnothersFromUnknown) {
  const auto faults =
      faultsOf({"GET", "/tell/{user}", "tell", Access::kAccount, "", tell}, {.operation = "tell", .own = 204});
  EXPECT_THAT(faults, testing::Contains(testing::HasSubstr("an unknown id is answered 404")));
}

TEST_P(TenantWalkTest, FindsAHandlerThatFails) {
  const auto faults = faultsOf({"GET", "/fail", "fail", Access::kAccount, "", fail}, {.operation = "fail"});
  EXPECT_THAT(faults, testing::Contains(testing::HasSubstr("500 instead of 200")));
}

TEST_P(TenantWalkTest, FindsAHandlerThatChangesWhatIsAnothers) {
  const auto faults =
      faultsOf({"POST", "/grab/{organisation}", "grab", Access::kAccount, "", grab}, {.operation = "grab", .own = 404});
  EXPECT_THAT(faults, testing::ElementsAre("the other organisation's data changed"));
}

TEST_P(TenantWalkTest, FindsARouteWithoutACase) {
  walk.cases = {};
  const auto faults = walk.walk(*database, {{"GET", "/new", "new", Access::kPublic, "", fail}});
  EXPECT_THAT(faults, testing::ElementsAre("new: no tenant case"));
}

INSTANTIATE_TEST_SUITE_P(Sqlite, TenantWalkTest, testing::Values(test::DatabaseKind::kSqlite), test::databaseName);

}  // namespace
}  // namespace qianda::server
