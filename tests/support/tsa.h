// A timestamp authority's certificate for tests, made by the openssl command: root.pem, tsa.pem and tsa.p12 (passphrase
// "secret") in a folder.
#pragma once

#include <string>

#include "tests/support/process.h"

namespace qianda::test {

inline void makeTimestampIdentity(const std::filesystem::path& folder, const std::string& algorithm = "ec:P-256",
                                  const std::string& usage = "critical,timeStamping") {
  const auto step = [](const std::vector<std::string>& arguments) {
    const Output made = run(arguments);
    if (made.status != 0) throw std::runtime_error("no TSA identity: " + made.err);
  };
  const auto file = [&](const char* name) { return (folder / name).string(); };
  const std::string kind = algorithm.substr(0, algorithm.find(':')), size = algorithm.substr(algorithm.find(':') + 1);
  const std::string option = (kind == "ec" ? "ec_paramgen_curve:" : "rsa_keygen_bits:") + size;
  core::writeFile(file("extensions"), "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n" +
                                          (usage.empty() ? "" : "extendedKeyUsage=" + usage + "\n"));
  step({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=Test TSA Root", "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", file("root.key"),
        "-out", file("root.pem")});
  step({"openssl", "req", "-newkey", kind, "-pkeyopt", option, "-nodes", "-subj", "/CN=Test TSA", "-keyout",
        file("tsa.key"), "-out", file("tsa.csr")});
  step({"openssl", "x509", "-req", "-in", file("tsa.csr"), "-CA", file("root.pem"), "-CAkey", file("root.key"),
        "-CAcreateserial", "-days", "2", "-extfile", file("extensions"), "-out", file("tsa.pem")});
  step({"openssl", "pkcs12", "-export", "-inkey", file("tsa.key"), "-in", file("tsa.pem"), "-certfile",
        file("root.pem"), "-passout", "pass:secret", "-out", file("tsa.p12")});
}

}  // namespace qianda::test
