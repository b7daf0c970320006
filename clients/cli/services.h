// The outside world a signature may need: a timestamp authority, revocation answers, trust anchors. A folder of our own
// authority (--ca, made by `qianda ca init`) gives all three. So does a development PKI: the one beside the key (or the
// trust anchor), named by --pki or QIANDA_PKI, or in var/pki. Else a timestamp authority by its URL, and, with --online
// alone, what the certificates themselves name: nothing goes out unasked.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "clients/cli/command.h"
#include "signing/ca/authority.h"
#include "signing/pades/long_term.h"

namespace qianda::cli {

struct RevocationOptions {
  std::string pki, ca, caPassFile;
  bool isOnline = false;
  std::vector<std::string> onlineHosts;
};
void addRevocationOptions(CLI::App& command, RevocationOptions& options);

struct ServiceOptions : RevocationOptions {
  std::string tsa = "local";
  std::vector<std::string> trust;
};
void addServiceOptions(CLI::App& command, ServiceOptions& options);

// `folder` opened with the passphrase of `passFile`, by default of the file `passphrase` in it.
std::shared_ptr<signing::Authority> openAuthority(const std::string& folder, const std::string& passFile);

// Asked in order (signing/trust/revocation_chain.h): the named authority, the development PKI, what the certificates
// name.
class RevocationSources : public signing::RevocationSource {
 public:
  // `beside`: files whose folder may be a development PKI. Throws as loading the parts does.
  RevocationSources(const RevocationOptions& options, const std::vector<std::string>& beside);
  ~RevocationSources() override;

  std::optional<core::Bytes> findOcsp(core::BytesView certificate, core::BytesView issuer) const override;
  std::optional<core::Bytes> findCrl(core::BytesView certificate, core::BytesView issuer) const override;

  bool isEmpty() const;
  const std::string& pki() const;          // "" for none
  signing::Authority* authority() const;   // null for none
  std::vector<std::string> roots() const;  // files: the authority's, else the development PKI's

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

class Services {
 public:
  Services(const ServiceOptions& options, const std::vector<std::string>& beside);
  ~Services();

  const signing::TimestampSource* time() const;  // null: none configured
  const signing::RevocationSource* revocation() const;
  const signing::TrustAnchors& anchors() const;
  signing::LongTermServices longTerm() const { return {time(), revocation(), &anchors()}; }

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// The folder of a development PKI, or "".
std::string findDevelopmentPki(const std::string& named, const std::vector<std::string>& beside);

}  // namespace qianda::cli
