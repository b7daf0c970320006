// An authority outside, asked through a command: the PKCS#10 request (PEM) on its standard input, the certificate and
// its path (PEM, any order) on its standard output, exit status 0. The command is an argument vector, never a shell
// line; the order reaches it in its environment, where no value can become an option: QIANDA_PROFILE,
// QIANDA_COMMON_NAME, QIANDA_ORGANISATION, QIANDA_COUNTRY, QIANDA_EVENT and QIANDA_LIFETIME (seconds; empty for the
// usual one). It runs in a process group of its own, which is killed when the time is over or the output too large.
// What comes back is judged: a certificate in force, with the key of the request and signed by the path beside it.
// Thread-safe.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "signing/ca/certificate_issuer.h"

namespace qianda::signing {

struct IssuerCommand {
  std::vector<std::string> arguments;  // the program first: a path, or a name in PATH
  std::chrono::milliseconds timeout{60'000};
  std::size_t largestAnswer = 1u << 20;  // octets of standard output
};

class CommandIssuer : public CertificateIssuer {
 public:
  // Throws kInvalidInput for a command without a program.
  explicit CommandIssuer(IssuerCommand command);

  // Throws kInvalidInput for a request that is broken or not signed by its own key, before anything is run;
  // kUnavailable, with the command's own words, for everything that goes wrong outside.
  IssuedCertificate issue(core::BytesView request, const CertificateOrder& order) override;

 private:
  const IssuerCommand command_;
};

}  // namespace qianda::signing
