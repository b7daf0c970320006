// A SoftHSM of the test's own: an empty folder of tokens, made known to this process and its children by SOFTHSM2_CONF.
// Tokens must be made before the module is first opened.
#pragma once

#include <cstdlib>
#include <string>

#include "tests/support/process.h"

namespace qianda::test {

inline constexpr const char* kSoftHsm = "/usr/lib/softhsm/libsofthsm2.so";

class SoftHsm {
 public:
  SoftHsm() {
    std::filesystem::create_directory(tokens());
    core::writeFile(folder_ / "softhsm2.conf", "directories.tokendir = " + tokens().string() + "\nlog.level = ERROR\n");
    ::setenv("SOFTHSM2_CONF", (folder_ / "softhsm2.conf").c_str(), 1);
  }
  const TempFolder& folder() const { return folder_; }
  std::filesystem::path tokens() const { return folder_ / "tokens"; }

  // PIN 1234
  void makeToken(const std::string& label) const {
    util({"--init-token", "--free", "--label", label, "--pin", "1234", "--so-pin", "5678"});
  }
  // `key`: PKCS#8 in PEM; id in hexadecimal.
  void importKey(const std::string& token, const std::filesystem::path& key, const std::string& label,
                 const std::string& id) const {
    util({"--import", key, "--token", token, "--label", label, "--id", id, "--pin", "1234"});
  }

 private:
  static void util(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "softhsm2-util");
    const Output done = run(arguments);
    if (done.status != 0) throw std::runtime_error("softhsm2-util: " + done.err);
  }
  TempFolder folder_;
};

// KEY.key (PKCS#8) and KEY.pem (self-signed) in the folder; algorithm "ec:P-256", "rsa:2048", ...
inline void makeKeyAndCertificate(const std::filesystem::path& folder, const std::string& name,
                                  const std::string& algorithm) {
  const std::string kind = algorithm.substr(0, algorithm.find(':')), size = algorithm.substr(algorithm.find(':') + 1);
  const Output made =
      run({"openssl", "req", "-x509", "-newkey", kind, "-pkeyopt",
           (kind == "ec" ? "ec_paramgen_curve:" : "rsa_keygen_bits:") + size, "-nodes", "-days", "2", "-subj",
           "/O=" + name + "/CN=" + name, "-keyout", folder / (name + ".key"), "-out", folder / (name + ".pem")});
  if (made.status != 0) throw std::runtime_error("no certificate: " + made.err);
}

}  // namespace qianda::test
