// What the service signs with beside its seals: who issues certificates, who tells the time, who says what is revoked,
// whom it trusts, and the level of every signature (ETSI EN 319 142-1 6). Where nothing is configured it makes a
// development PKI of its own below the data folder on its first start (own root, issuing CA and timestamp authority,
// keys mode 0600): `qianda serve` works at once, isDevelopment() says that nobody else trusts it, and every seal made
// with it carries 示例. Several nodes share one authority: name its folder, or the command of one outside.
// Made once at the start; then any thread may ask.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "signing/ca/authority.h"
#include "signing/pades/long_term.h"
#include "signing/trust/patience.h"

namespace qianda::server {

struct SigningSettings {
  std::filesystem::path dataFolder;
  std::string authorityFolder;             // made by `qianda ca init`; empty: see below
  std::string authorityPassFile;           // default: `passphrase` in it
  std::vector<std::string> issuerCommand;  // an authority outside (signing/ca/command_issuer.h), instead of a folder
  std::string timestampUrl;                // RFC 3161; empty: the authority's own
  std::string timestampPolicy;             // dotted identifier to ask for, or empty
  std::vector<std::string> trust;          // PEM or DER files, beside the authority's root
  bool asksOnline = false;                 // ask what certificates name for their state
  std::vector<std::string> onlineHosts;    // only these, wherever they are
  std::string level = "B-T";               // of every signature
  signing::Patience patience;
};

class SigningServices {
 public:
  // Neither authorityFolder nor issuerCommand: the development PKI. Throws kUsage for settings that contradict each
  // other or do not reach the level, and what opening the parts throws.
  explicit SigningServices(const SigningSettings& settings, const signing::Authority::Clock& clock = core::now);
  ~SigningServices();

  signing::CertificateIssuer& issuer() const;
  const signing::TimestampSource* time() const;         // null only at level B-B
  const signing::RevocationSource* revocation() const;  // null: none configured
  const signing::TrustAnchors& anchors() const;
  signing::LongTermServices longTerm() const { return {time(), revocation(), &anchors()}; }
  signing::Level level() const;
  const signing::Patience& patience() const;
  bool isDevelopment() const;
  // One sentence for the log and the operator's page.
  std::string describe() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace qianda::server
