// The reference remote signer run as a program beside the test, over TLS with a certificate of its own.
#pragma once

#include <memory>
#include <string>

#include "tests/support/child.h"
#include "tests/support/tls.h"

namespace qianda::test {

class RemoteSigner {
 public:
  // `keys`: folder of NAME.p12 files with their `passphrase`.
  explicit RemoteSigner(std::filesystem::path keys) : keys_(std::move(keys)) {
    makeTlsCertificate(folder_);
    core::writeFile(tokenFile(), token() + "\n");
    start();
  }
  // Again on the same port after stop().
  void start() {
    child_ = std::make_unique<Child>(std::vector<std::string>{
        QIANDA_BINARY_DIR "/qianda-remote-signer", "--keys", keys_, "--token-file", tokenFile(), "--tls-certificate",
        folder_ / "tls.crt", "--tls-key", folder_ / "tls.key", "--port", port_});
    url_ = child_->line();
    if (!url_.starts_with("https://127.0.0.1:")) throw std::runtime_error("no remote signer: " + url_);
    port_ = url_.substr(18, url_.find('/', 18) - 18);
  }
  int stop() { return child_->end(); }

  const std::string& url() const { return url_; }
  std::string token() const { return "a-token-of-the-test"; }
  std::string tokenFile() const { return folder_ / "token"; }
  std::string authorities() const { return folder_ / "tls.crt"; }
  std::string addressOf(const std::string& credential) const {
    return "remote:" + url_ + "?credential=" + credential + "&authorities=" + authorities();
  }

 private:
  const std::filesystem::path keys_;
  TempFolder folder_;
  std::string port_ = "0", url_;
  std::unique_ptr<Child> child_;
};

}  // namespace qianda::test
