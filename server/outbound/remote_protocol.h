// The messages between a remote signer and those who use its keys: JSON as the Cloud Signature Consortium API v2 has it
// (credentials/info, signatures/signHash), of which docs/remote-signer.md says what is spoken here. A remote signer is
// shown digests and nothing else. Octets travel as base64 (RFC 4648 4, padded, no line breaks). Pure functions over
// whole bodies; what the other side wrote is hostile until it was read here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/error.h"
#include "signing/keys/signing_key.h"

namespace qianda::server {

// Object identifiers in dotted form, as the messages carry them.
struct RemoteAlgorithm {
  signing::KeyKind kind;
  signing::DigestAlgorithm digest;
  std::string_view signAlgo;  // signature with its digest: sha256WithRSAEncryption, ecdsa-with-SHA256, ...
  std::string_view keyAlgo;   // of the key alone; some signers list nothing more
  std::string_view hashAlgo;
  std::size_t hashSize;  // octets
};
const RemoteAlgorithm& remoteAlgorithm(signing::KeyKind kind, signing::DigestAlgorithm digest);

// credentials/info
struct RemoteInfoQuestion {
  std::string credential;
};
struct RemoteInfo {
  std::vector<std::string> algorithms;    // key.algo
  std::size_t bits = 0;                   // key.len
  std::vector<core::Bytes> certificates;  // DER, the signer's own first
  std::size_t mostHashes = 1;             // multisign: hashes in one request
  bool isUsable = true;                   // key.status is "enabled", cert.status "valid" or absent
};
core::Bytes writeRemote(const RemoteInfoQuestion& question);
core::Bytes writeRemote(const RemoteInfo& info);
RemoteInfoQuestion readRemoteInfoQuestion(core::BytesView body);
RemoteInfo readRemoteInfo(core::BytesView body);

// signatures/signHash
struct RemoteSignQuestion {
  std::string credential;
  std::vector<core::Bytes> hashes;
  std::string hashAlgo;
  std::string signAlgo;
};
core::Bytes writeRemote(const RemoteSignQuestion& question);
core::Bytes writeRemoteSignatures(const std::vector<core::Bytes>& signatures);
RemoteSignQuestion readRemoteSignQuestion(core::BytesView body);
std::vector<core::Bytes> readRemoteSignatures(core::BytesView body);

// {"error": "invalid_request", "error_description": "..."} of an answer that is none. Reading never throws: "" when
// there is no such thing; at most 300 characters, none of them a control character.
core::Bytes writeRemoteError(std::string_view error, std::string_view description);
std::string readRemoteError(core::BytesView body);

// All readers throw kInvalidInput, naming the member that is missing or wrong.

}  // namespace qianda::server
