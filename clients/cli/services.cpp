#include "clients/cli/services.h"

#include <cstdlib>
#include <filesystem>

#include "clients/cli/output.h"
#include "core/error.h"
#include "server/outbound/address_policy.h"
#include "server/outbound/timestamp_client.h"
#include "signing/ca/local_revocation.h"
#include "signing/trust/timestamp_authority.h"

namespace qianda::cli {
namespace {

namespace fs = std::filesystem;

bool isPki(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "tsa.p12", ignored) && fs::exists(folder / "complete", ignored);
}

}  // namespace

struct Services::Parts {
  signing::TrustAnchors anchors;
  std::unique_ptr<server::HttpClient> client;
  std::unique_ptr<signing::TimestampSource> time;
  std::unique_ptr<signing::RevocationSource> revocation;
};

void addServiceOptions(CLI::App& command, ServiceOptions& options) {
  command.add_option("--tsa", options.tsa, "Timestamp authority: its URL, or `local`")->capture_default_str();
  command.add_option("--trust", options.trust, "Trust anchors (PEM or DER); several may be given")
      ->allow_extra_args(false);
  command.add_option("--pki", options.pki, "Folder of a development PKI that answers locally; default: found");
}

std::string findDevelopmentPki(const std::string& named, const std::vector<std::string>& beside) {
  if (!named.empty()) {
    if (!isPki(named)) throw core::Error(core::ErrorCode::kInvalidInput, named + " is not a development PKI");
    return named;
  }
  std::vector<fs::path> candidates;
  if (const char* set = std::getenv("QIANDA_PKI")) candidates.emplace_back(set);
  for (const std::string& file : beside) candidates.push_back(fs::path(file).parent_path());
  candidates.emplace_back("var/pki");
  for (const fs::path& folder : candidates) {
    if (isPki(folder)) return folder.empty() ? "." : folder.string();
  }
  return {};
}

Services::Services(const ServiceOptions& options, const std::vector<std::string>& beside)
    : parts_(std::make_unique<Parts>()) {
  const std::string pki = findDevelopmentPki(options.pki, beside);
  std::vector<std::string> anchors = options.trust;
  if (!pki.empty() && anchors.empty()) {
    for (const char* root : {"root.pem", "sm2-root.pem"}) {
      if (fs::exists(fs::path(pki) / root)) anchors.push_back(fs::path(pki) / root);
    }
  }
  parts_->anchors = signing::loadTrustAnchors(anchors);
  if (!pki.empty()) parts_->revocation = std::make_unique<signing::LocalRevocation>(fs::path(pki));
  if (options.tsa != "local") {
    // Naming an authority allows its host, wherever that is, and no other.
    server::OutboundPolicy policy;
    policy.hosts = {server::parseTarget(options.tsa).authority};
    policy.privateAddresses = true;
    parts_->client = std::make_unique<server::HttpClient>(std::move(policy));
    server::TimestampService service;
    service.url = options.tsa;
    parts_->time = std::make_unique<server::HttpTimestampSource>(*parts_->client, std::move(service));
  } else if (!pki.empty()) {
    const std::string key = fs::path(pki) / "tsa.p12";
    parts_->time =
        std::make_unique<signing::LocalTimestampAuthority>(signing::openPkcs12(key, readPassphrase(key, "")));
  }
}

Services::~Services() = default;
const signing::TimestampSource* Services::time() const { return parts_->time.get(); }
const signing::RevocationSource* Services::revocation() const { return parts_->revocation.get(); }
const signing::TrustAnchors& Services::anchors() const { return parts_->anchors; }

}  // namespace qianda::cli
