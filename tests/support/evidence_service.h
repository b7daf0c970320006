// The whole service in this process, with a development PKI of its own and nobody's accounts: a bearer token "ORG" is
// an API key of that organisation that may do everything, "ORG!" one that may do nothing. Envelopes are put in
// directly.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "contracts/envelope/create_envelopes.h"
#include "contracts/evidence/snapshot.h"
#include "core/id.h"
#include "server/accounts/permissions.h"
#include "server/application.h"
#include "server/config/configuration.h"
#include "server/outbound/http_client.h"
#include "server/signing_services.h"
#include "signing/ca/certificate_issuer.h"
#include "signing/keys/evp_key.h"
#include "signing/pades/revision_writer.h"
#include "storage/audit/audit_log.h"
#include "storage/document_store.h"
#include "tests/support/plain_pdf.h"
#include "tests/support/process.h"

namespace qianda::test {

class EvidenceService {
 public:
  explicit EvidenceService(std::map<std::string, std::string> flags = {}) {
    flags.emplace("tls", "false");
    flags.emplace("port", "0");
    flags.emplace("data-folder", (folder_ / "data").string());
    flags.emplace("log-level", "error");
    flags.emplace("anchor-interval", "1s");
    flags.emplace("webhook-http", "true");
    flags.emplace("outbound-private", "127.0.0.1");
    server::Configuration::Sources sources;
    sources.flags = std::move(flags);
    configuration_ = std::make_unique<server::Configuration>(sources);
    application_ = std::make_unique<server::Application>(*configuration_);
    application_->services().authenticate = [](const server::Request& request) {
      server::Principal principal;
      const std::string header = request.findHeader("Authorization").value_or("");
      if (!header.starts_with("Bearer ")) return principal;
      principal.kind = server::Principal::Kind::kApiKey;
      principal.organisation = header.substr(7);
      principal.id = "KEY";
      if (principal.organisation.ends_with('!')) {
        principal.organisation.pop_back();
        return principal;
      }
      for (const server::Permission& one : server::permissions()) principal.permissions.insert(one.name);
      return principal;
    };
  }

  server::HttpAnswer ask(const std::string& method, const std::string& path, const std::string& bearer = "ORG",
                         const std::string& body = "", const std::string& type = "application/json") const {
    server::HttpRequest request;
    request.method = method;
    request.url = application_->url() + path;
    if (!bearer.empty()) request.headers.emplace_back("Authorization", "Bearer " + bearer);
    if (!body.empty()) request.headers.emplace_back("Content-Type", type);
    request.body.assign(body.begin(), body.end());
    return client_.send(request);
  }

  // A labour contract that both parties signed, in one revision; returns its id, `pdf` its octets.
  std::string addEnvelope(const std::string& organisation = "ORG", std::string* octets = nullptr) {
    server::Services& services = application_->services();
    const auto issued =
        signing::issueWithKey(services.signing->issuer(), "p256",
                              {"company-seal", {"示例科技有限公司", "示例科技有限公司"}, std::nullopt, ""},
                              folder_ / (core::DocumentId::random().text() + ".p12"), "secret");
    std::string file;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      if (entry.path().extension() == ".p12") file = entry.path();
    }
    const signing::CadesSigner signer(signing::loadPkcs12(file, "secret"),
                                      {signing::CmsProfile::kPkcs, services.signing->time()});
    std::filesystem::remove(file);
    signing::RevisionRequest request;
    request.field = "employer";
    request.signedAt = core::now();
    const core::DocumentId id = core::DocumentId::at(core::now());
    const std::string pdf = signing::signPdf(plainPdf("/Note(" + id.text() + ")"), request, signer);
    services.documents->appendWhole(id, pdf, core::now());
    contracts::NewEnvelope envelope;
    envelope.document = id;
    envelope.organisation = organisation;
    envelope.kind = "labour_contract";
    envelope.templateId = "labour-contract";
    envelope.templateVersion = "1.0.0";
    envelope.title = "劳动合同";
    envelope.sha256 = core::toHex(signing::digestOf(signing::DigestAlgorithm::kSha256, core::viewOf(pdf)));
    envelope.size = static_cast<std::int64_t>(pdf.size());
    envelope.createdBy = "user:U";
    contracts::NewParty employer, worker;
    employer.field = "employer";
    employer.kind = contracts::PartyKind::kOrganisation;
    employer.hasSigned = true;
    employer.displayName = "示例科技有限公司";
    employer.organisation = organisation;
    employer.seal = "S";
    worker.field = "worker";
    worker.displayName = "示例劳动者";
    worker.idNumber = "000000199001010015";
    worker.phone = "13900000000";
    worker.stage = 2;
    envelope.parties = {employer, worker};
    services.database->write([&](storage::Transaction& t) {
      contracts::createEnvelopes(t, {envelope}, core::now());
      contracts::storeSnapshots(t, {{id.text(), R"({"worker_name":"示例劳动者"})", R"({"faults":[]})"}});
    });
    if (octets) *octets = pdf;
    return id.text();
  }

  server::Services& services() { return application_->services(); }
  std::string url() const { return application_->url(); }
  const TempFolder& folder() const { return folder_; }

 private:
  TempFolder folder_;
  std::unique_ptr<server::Configuration> configuration_;
  std::unique_ptr<server::Application> application_;
  server::HttpClient client_{[] {
    server::OutboundPolicy policy;
    policy.privateAddresses = true;
    policy.largestAnswer = 64u << 20;
    policy.timeout = std::chrono::seconds(60);
    return policy;
  }()};
};

// Polls until it is so; false after a minute.
template <typename Condition>
bool comesTrue(Condition condition) {
  for (int i = 0; i < 3000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

}  // namespace qianda::test
