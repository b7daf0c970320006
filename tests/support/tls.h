// TLS certificates for servers of the tests, drawn at run time.
#pragma once

#include <string>

#include "tests/support/process.h"

namespace qianda::test {

// A self-signed certificate for localhost and 127.0.0.1: PEM files DIR/tls.crt and DIR/tls.key.
inline void makeTlsCertificate(const TempFolder& folder, const std::string& names = "DNS:localhost,IP:127.0.0.1") {
  const Output made = run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                           "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=" + names, "-keyout",
                           folder / "tls.key", "-out", folder / "tls.crt"});
  if (made.status != 0) throw std::runtime_error("no TLS certificate: " + made.err);
}

}  // namespace qianda::test
