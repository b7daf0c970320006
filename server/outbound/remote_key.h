// A key that a remote signer keeps (a CA's service, a cloud HSM, clients/remote-signer) as a key of the house: digests
// go out over HTTPS, signatures come back (remote_protocol.h). No signature is used before the certificate's public key
// verified it. Many threads may sign at once: a few requests are under way over kept-alive connections, and digests
// that wait for one of them to end go out together. A refused authorisation is never tried again. Keys: RSA (PKCS#1
// v1.5), P-256, P-384 and SM2.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "signing/keys/signing_key.h"

namespace qianda::server {

struct RemoteAddress {
  std::string base;         // https://host[:port]/path, without a slash at its end
  std::string credential;   // credentialID
  std::string authorities;  // PEM file of TLS trust anchors; empty: the system's
  std::string tokenFile;    // file with the bearer token, if the address names one
};

inline constexpr std::string_view kRemoteScheme = "remote:";

// "remote:https://host[:port]/path?credential=ID&authorities=PEM&token-file=FILE", values percent-encoded where needed.
// Throws kUsage for anything else: also for plain http to other than this machine, and for a token in the address.
RemoteAddress parseRemoteAddress(std::string_view text);

struct RemoteLimits {
  std::chrono::milliseconds timeout{10'000};  // of one request
  unsigned requests = 0;                      // under way at once; 0: as many as pay (docs/decisions/0008)
  std::size_t hashes = 64;                    // in one request, if the service takes as many
};

// Asks for the credential's certificate. Only the host of the address is ever asked, wherever it lies. Here and in
// signing: kInvalidInput when the service refuses (4xx; the reason it gives is named, the token never), kUnavailable
// when it does not answer in time, answers with nonsense, with 5xx or with a signature that does not verify;
// kUnsupported for a key the house does not know.
signing::Credential loadRemoteCredential(const RemoteAddress& address, std::string_view token,
                                         const RemoteLimits& limits = {});

}  // namespace qianda::server
