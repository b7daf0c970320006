#include "clients/cli/services.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "clients/cli/output.h"
#include "core/error.h"
#include "server/outbound/address_policy.h"
#include "server/outbound/revocation_client.h"
#include "server/outbound/timestamp_client.h"
#include "signing/ca/local_revocation.h"
#include "signing/trust/revocation_chain.h"
#include "signing/trust/timestamp_authority.h"

namespace qianda::cli {
namespace {

namespace fs = std::filesystem;
using core::Bytes;
using core::BytesView;
using core::Error;
using core::ErrorCode;
using signing::RevocationSource;

bool isPki(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "tsa.p12", ignored) && fs::exists(folder / "complete", ignored);
}

}  // namespace

void addRevocationOptions(CLI::App& command, RevocationOptions& options) {
  command.add_option("--ca", options.ca, "Folder of an authority of ours (`qianda ca`) that answers and is trusted");
  command.add_option("--ca-pass-file", options.caPassFile, "File with its passphrase; default: `passphrase` in it");
  command.add_option("--pki", options.pki, "Folder of a development PKI that answers locally; default: found");
  command.add_flag("--online", options.isOnline,
                   "Ask over HTTP what the certificates name (OCSP, CRL); without it nothing goes out");
  command
      .add_option("--online-host", options.onlineHosts,
                  "The same, only this host or host:port, wherever it is; several may be given")
      ->allow_extra_args(false);
}

void addServiceOptions(CLI::App& command, ServiceOptions& options) {
  command.add_option("--tsa", options.tsa, "Timestamp authority: its URL, or `local`")->capture_default_str();
  command.add_option("--trust", options.trust, "Trust anchors (PEM or DER); several may be given")
      ->allow_extra_args(false);
  addRevocationOptions(command, options);
}

std::string findDevelopmentPki(const std::string& named, const std::vector<std::string>& beside) {
  if (!named.empty()) {
    if (!isPki(named)) throw Error(ErrorCode::kInvalidInput, named + " is not a development PKI");
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

std::shared_ptr<signing::Authority> openAuthority(const std::string& folder, const std::string& passFile) {
  const fs::path place(folder);
  if (!fs::exists(place / "issuing.index")) {
    throw Error(ErrorCode::kNotFound, folder + " is not an authority made by `qianda ca init`");
  }
  const std::string passphrase = readPassphrase(place / "passphrase", passFile);
  if (passphrase.empty()) {
    throw Error(ErrorCode::kInvalidInput,
                "no passphrase for " + folder + ": name its file, or keep it in " + (place / "passphrase").string());
  }
  auto authority = std::make_shared<signing::Authority>(place, passphrase);
  for (const std::string& notice : authority->notices()) std::cerr << "qianda: " << notice << "\n";
  return authority;
}

struct RevocationSources::Parts {
  std::string pki;
  std::vector<std::string> roots;
  std::shared_ptr<signing::Authority> authority;
  std::unique_ptr<server::HttpClient> client;  // outlives its source
  signing::RevocationChain sources;
};

RevocationSources::RevocationSources(const RevocationOptions& options, const std::vector<std::string>& beside)
    : parts_(std::make_unique<Parts>()) {
  if (!options.ca.empty()) {
    parts_->authority = openAuthority(options.ca, options.caPassFile);
    parts_->sources.add(std::make_unique<signing::LocalRevocation>(parts_->authority));
    parts_->roots.push_back(fs::path(options.ca) / "root.pem");
  }
  parts_->pki = findDevelopmentPki(options.pki, beside);
  if (!parts_->pki.empty()) {
    parts_->sources.add(std::make_unique<signing::LocalRevocation>(fs::path(parts_->pki)));
    // Naming a folder trusts it; one that happens to be there does not count beside one that was named.
    for (const char* root : {"root.pem", "sm2-root.pem"}) {
      if (!options.ca.empty() && options.pki.empty()) break;
      if (fs::exists(fs::path(parts_->pki) / root)) parts_->roots.push_back(fs::path(parts_->pki) / root);
    }
  }
  if (!options.isOnline && options.onlineHosts.empty()) return;
  // Whom the certificates name is theirs to say: public addresses alone, unless the user named the hosts.
  server::OutboundPolicy policy;
  policy.hosts = options.onlineHosts;
  policy.privateAddresses = !options.onlineHosts.empty();
  policy.largestAnswer = server::kLargestList;
  parts_->client = std::make_unique<server::HttpClient>(std::move(policy));
  parts_->sources.add(std::make_unique<server::HttpRevocationSource>(*parts_->client));
}

RevocationSources::~RevocationSources() = default;
bool RevocationSources::isEmpty() const { return parts_->sources.isEmpty(); }
const std::string& RevocationSources::pki() const { return parts_->pki; }
signing::Authority* RevocationSources::authority() const { return parts_->authority.get(); }
std::vector<std::string> RevocationSources::roots() const { return parts_->roots; }

std::optional<Bytes> RevocationSources::findOcsp(BytesView certificate, BytesView issuer) const {
  return parts_->sources.findOcsp(certificate, issuer);
}

std::optional<Bytes> RevocationSources::findCrl(BytesView certificate, BytesView issuer) const {
  return parts_->sources.findCrl(certificate, issuer);
}

struct Services::Parts {
  std::unique_ptr<RevocationSources> revocation;
  signing::TrustAnchors anchors;
  std::unique_ptr<server::HttpClient> client;  // outlives its source
  std::unique_ptr<signing::TimestampSource> time;
};

Services::Services(const ServiceOptions& options, const std::vector<std::string>& beside)
    : parts_(std::make_unique<Parts>()) {
  parts_->revocation = std::make_unique<RevocationSources>(options, beside);
  const RevocationSources& sources = *parts_->revocation;
  std::vector<std::string> anchors = options.trust;
  if (anchors.empty() || !options.ca.empty()) {
    const auto roots = sources.roots();
    anchors.insert(anchors.end(), roots.begin(), roots.end());
  }
  parts_->anchors = signing::loadTrustAnchors(anchors);
  if (options.tsa != "local") {
    // Naming an authority allows its host, wherever that is, and no other.
    server::OutboundPolicy policy;
    policy.hosts = {server::parseTarget(options.tsa).authority};
    policy.privateAddresses = true;
    parts_->client = std::make_unique<server::HttpClient>(std::move(policy));
    server::TimestampService service;
    service.url = options.tsa;
    parts_->time = std::make_unique<server::HttpTimestampSource>(*parts_->client, std::move(service));
  } else if (sources.authority()) {
    parts_->time = std::make_unique<signing::LocalTimestampAuthority>(sources.authority()->timestampKey());
  } else if (!sources.pki().empty()) {
    const std::string key = fs::path(sources.pki()) / "tsa.p12";
    parts_->time =
        std::make_unique<signing::LocalTimestampAuthority>(signing::openPkcs12(key, readPassphrase(key, "")));
  }
}

Services::~Services() = default;
const signing::TimestampSource* Services::time() const { return parts_->time.get(); }
const RevocationSource* Services::revocation() const {
  return parts_->revocation->isEmpty() ? nullptr : parts_->revocation.get();
}
const signing::TrustAnchors& Services::anchors() const { return parts_->anchors; }

}  // namespace qianda::cli
