// Measures the verification of one file, again and again, in one process and in memory, between bare verifications by
// OpenSSL; and makes the files that are measured when no other is given, with a certificate authority, a timestamp
// authority, CRLs and OCSP answers of their own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "signing/keys/bare_rate.h"
#include "signing/pades/long_term.h"
#include "signing/trust/timestamp_authority.h"
#include "signing/verify/verifier.h"

namespace qianda::signing {

struct SignedSample {
  std::string pdf;
  TrustAnchors anchors;
};
// makeSampleDocument() signed with a key of that kind ("p256", "rsa2048", "sm2") and raised to that level. `folder`
// gets the authority's files and must be empty.
SignedSample makeSignedSample(std::string_view kind, Level level, const std::filesystem::path& folder);

// An authority whose key and certificate are drawn now; `folder` as above.
std::shared_ptr<const LocalTimestampAuthority> makeThrowawayTimestampAuthority(const std::filesystem::path& folder);

struct VerifyBenchRequest {
  std::string pdf;
  const Verifier* verifier = nullptr;
  std::string bareKey = "p256";  // what bare verifications are measured with
  unsigned threads = 1;
  std::uint64_t count = 1000;
};

// Medians of the rounds.
struct VerifyBench {
  FileVerdict verdict;         // of the file
  std::uint64_t files = 0;     // verifications timed
  std::uint64_t verified = 0;  // of them, those whose indication is the verdict's
  Pace pace;                   // files
  double slowestRound = 0, fastestRound = 0;
  Pace bareVerifications;
  Pace digests;                         // SHA-256 of as many octets as the file has
  double bareVerificationsPerFile = 0;  // processor time of one file, in bare verifications
};
VerifyBench benchVerification(const VerifyBenchRequest& request);

}  // namespace qianda::signing
