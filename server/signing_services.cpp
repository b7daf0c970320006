#include "server/signing_services.h"

#include "core/error.h"
#include "core/file.h"
#include "core/id.h"
#include "core/text.h"
#include "server/outbound/address_policy.h"
#include "server/outbound/revocation_client.h"
#include "server/outbound/timestamp_client.h"
#include "signing/ca/command_issuer.h"
#include "signing/ca/local_revocation.h"
#include "signing/trust/revocation_chain.h"
#include "signing/trust/timestamp_authority.h"

namespace qianda::server {
namespace {

namespace fs = std::filesystem;
using core::Error;
using core::ErrorCode;

constexpr const char* kDevelopmentName = "签达开发环境(仅供测试) Qianda development";
constexpr const char* kDevelopmentFolder = "development-pki";
constexpr const char* kPassphrase = "passphrase";

// Two processes may start at once: one makes the folder, the other one finds it.
fs::path makeDevelopmentPki(const fs::path& data, const signing::Authority::Clock& clock) {
  const fs::path folder = data / kDevelopmentFolder;
  if (fs::exists(folder / "issuing.index")) return folder;
  signing::AuthorityPlan plan;
  plan.organisation = kDevelopmentName;
  plan.keepsPassphrase = true;
  try {
    signing::Authority::create(folder, plan, core::DocumentId::random().text(), clock);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kConflict || !fs::exists(folder / "issuing.index")) throw;
  }
  return folder;
}

std::shared_ptr<signing::Authority> openAuthority(const fs::path& folder, const std::string& passFile,
                                                  const signing::Authority::Clock& clock) {
  const fs::path file = passFile.empty() ? folder / kPassphrase : fs::path(passFile);
  const std::string text = core::readFile(file, 4096);
  return std::make_shared<signing::Authority>(folder, core::trim(text), clock);
}

}  // namespace

struct SigningServices::Parts {
  bool isDevelopment = false;
  signing::Level level = signing::Level::kT;
  signing::Patience patience;
  std::shared_ptr<signing::Authority> authority;  // null: outside
  std::unique_ptr<signing::CertificateIssuer> outside;
  std::unique_ptr<HttpClient> timeClient, revocationClient;  // outlive their sources
  std::unique_ptr<signing::TimestampSource> time;
  signing::RevocationChain revocation;
  signing::TrustAnchors anchors;
  std::string description;

  void openIssuer(const SigningSettings& settings, const signing::Authority::Clock& clock) {
    if (!settings.issuerCommand.empty()) {
      signing::IssuerCommand command;
      command.arguments = settings.issuerCommand;
      outside = std::make_unique<signing::CommandIssuer>(std::move(command));
      description = "certificates come from the command " + settings.issuerCommand.front();
      return;
    }
    isDevelopment = settings.authorityFolder.empty();
    const fs::path folder =
        isDevelopment ? makeDevelopmentPki(settings.dataFolder, clock) : fs::path(settings.authorityFolder);
    authority = openAuthority(folder, isDevelopment ? "" : settings.authorityPassFile, clock);
    description = isDevelopment ? "DEVELOPMENT PKI in " + folder.string() +
                                      ": nobody outside trusts its signatures, its seals carry 示例"
                                : "certificates come from the authority in " + folder.string();
  }

  void openTime(const SigningSettings& settings) {
    if (!settings.timestampUrl.empty()) {
      // Naming an authority allows its host, wherever that is, and no other.
      OutboundPolicy policy;
      policy.hosts = {parseTarget(settings.timestampUrl).authority};
      policy.privateAddresses = true;
      timeClient = std::make_unique<HttpClient>(std::move(policy));
      TimestampService service;
      service.url = settings.timestampUrl;
      service.policy = settings.timestampPolicy;
      time = std::make_unique<HttpTimestampSource>(*timeClient, std::move(service));
    } else if (authority) {
      time = std::make_unique<signing::LocalTimestampAuthority>(
          authority->timestampKey(),
          settings.timestampPolicy.empty() ? signing::kBestPracticeTimestampPolicy : settings.timestampPolicy);
    }
    description += time ? "; time by " + (settings.timestampUrl.empty() ? "its own authority" : settings.timestampUrl)
                        : "; no timestamps";
  }

  void openRevocation(const SigningSettings& settings) {
    if (authority) revocation.add(std::make_unique<signing::LocalRevocation>(authority));
    if (!settings.asksOnline && settings.onlineHosts.empty()) return;
    OutboundPolicy policy;
    policy.hosts = settings.onlineHosts;
    policy.privateAddresses = !settings.onlineHosts.empty();
    policy.largestAnswer = kLargestList;
    revocationClient = std::make_unique<HttpClient>(std::move(policy));
    revocation.add(std::make_unique<HttpRevocationSource>(*revocationClient));
  }
};

SigningServices::SigningServices(const SigningSettings& settings, const signing::Authority::Clock& clock)
    : parts_(std::make_unique<Parts>()) {
  if (!settings.authorityFolder.empty() && !settings.issuerCommand.empty()) {
    throw Error(ErrorCode::kUsage, "an authority's folder and an issuer's command are both set: one of them issues");
  }
  Parts& parts = *parts_;
  parts.level = signing::levelNamed(settings.level);
  parts.patience = settings.patience;
  parts.openIssuer(settings, clock);
  parts.openTime(settings);
  parts.openRevocation(settings);
  std::vector<core::Bytes> roots = signing::loadTrustAnchors(settings.trust).certificates;
  if (parts.authority) roots.push_back(parts.authority->rootCertificate());
  parts.anchors = {std::move(roots)};
  parts.description += "; level " + settings.level;
  if (parts.level >= signing::Level::kT && !parts.time) {
    throw Error(ErrorCode::kUsage, "level " + settings.level + " needs a timestamp authority");
  }
  if (parts.level >= signing::Level::kLT && (parts.revocation.isEmpty() || parts.anchors.certificates.empty())) {
    throw Error(ErrorCode::kUsage, "level " + settings.level + " needs revocation answers and trust anchors");
  }
}

SigningServices::~SigningServices() = default;

signing::CertificateIssuer& SigningServices::issuer() const {
  return parts_->authority ? *parts_->authority : *parts_->outside;
}
const signing::TimestampSource* SigningServices::time() const { return parts_->time.get(); }
const signing::RevocationSource* SigningServices::revocation() const {
  return parts_->revocation.isEmpty() ? nullptr : &parts_->revocation;
}
const signing::TrustAnchors& SigningServices::anchors() const { return parts_->anchors; }
signing::Level SigningServices::level() const { return parts_->level; }
const signing::Patience& SigningServices::patience() const { return parts_->patience; }
bool SigningServices::isDevelopment() const { return parts_->isDevelopment; }
std::string SigningServices::describe() const { return parts_->description; }

}  // namespace qianda::server
