// The development PKI for tests, made once per build folder and kind by certs/make_development_pki.sh, and trust
// databases for judges that use NSS (pdfsig).
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include "tests/support/process.h"

namespace qianda::test {

struct Pki {
  std::filesystem::path folder;
  std::filesystem::path operator/(const std::string& name) const { return folder / name; }
  std::string passphrase() const {
    std::string line = core::readFile(folder / "passphrase");
    line.resize(line.find('\n'));
    return line;
  }
};

// kind: "p256", "p384", "rsa2048", "rsa3072". Safe to call from many test processes at once.
inline Pki developmentPki(const std::string& kind = "p256") {
  const std::filesystem::path folder = std::filesystem::path(QIANDA_BINARY_DIR) / ("pki-" + kind);
  const Output made = run({QIANDA_SOURCE_DIR "/certs/make_development_pki.sh", folder, "--kind", kind});
  if (made.status != 0) throw std::runtime_error("no development PKI: " + made.err);
  return {folder};
}

// An NSS database in `folder` that trusts the root (PEM or DER file) for signed documents.
inline void trustInNss(const std::filesystem::path& folder, const std::filesystem::path& root) {
  std::filesystem::create_directories(folder);
  const std::string database = "sql:" + folder.string();
  const Output made = run({"certutil", "-N", "-d", database, "--empty-password"});
  const Output added = run({"certutil", "-A", "-d", database, "-n", "root", "-t", "CT,C,C", "-i", root});
  if (made.status != 0 || added.status != 0) throw std::runtime_error("certutil: " + made.err + added.err);
}

}  // namespace qianda::test
