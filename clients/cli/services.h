// The outside world a signature may need: a timestamp authority, revocation answers, trust anchors. By default those of
// the development PKI that lies beside the key (or the trust anchor), named by --pki or QIANDA_PKI, or in var/pki; else
// a timestamp authority by its URL, and what the certificates themselves name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "clients/cli/command.h"
#include "signing/pades/long_term.h"

namespace qianda::cli {

struct ServiceOptions {
  std::string tsa = "local", pki;
  std::vector<std::string> trust;
};
void addServiceOptions(CLI::App& command, ServiceOptions& options);

class Services {
 public:
  // `beside`: files whose folder may be a development PKI. Throws as loading the parts does.
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
