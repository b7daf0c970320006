// A reference server for the remote-signer interface (docs/remote-signer.md): what a CA or a cloud HSM does in earnest,
// over keys from PKCS#12 files. It is shown digests, never a document. Every request needs the bearer token; bodies
// over 256 KB are refused. Connections are kept alive, each held by a thread. Stops when destroyed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "signing/keys/signing_key.h"

namespace qianda::remote_signer {

struct SignerOptions {
  std::string bind = "127.0.0.1";
  std::uint16_t port = 0;        // 0: any free one
  std::string certificate, key;  // PEM files of the TLS certificate (with those above it) and its key
  std::string token;             // of the Authorization field
  int threads = 64;              // connections served at once, others wait
  std::size_t mostHashes = 64;   // in one request
};

class SignerServer {
 public:
  // Keys by their credentialID. Listens on return; throws kUnavailable when the address cannot be bound, kInvalidInput
  // for unusable TLS files. Without a TLS certificate it speaks plain HTTP, which kUsage forbids beyond loopback.
  SignerServer(std::map<std::string, signing::Credential> credentials, const SignerOptions& options);
  ~SignerServer();

  // "https://127.0.0.1:8443/csc/v2"
  std::string url() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianda::remote_signer
