// Measures the signing of an existing PDF (B-B, detached) in one process and in memory. Every run does the whole work:
// the file is opened, its revision written, hashed and signed, the new file put together. Bare signatures and digests
// are measured between the rounds, and every output is verified behind the clock.
#pragma once

#include <cstdint>
#include <string>

#include "signing/keys/bare_rate.h"

namespace qianda::signing {

struct SignBenchRequest {
  std::string pdf;
  std::string key = "p256";  // as makeThrowawayCredential
  unsigned threads = 1;
  std::uint64_t count = 3000;
};

// Medians of the rounds.
struct SignBench {
  std::uint64_t documents = 0, verified = 0;
  Pace pace;                                  // documents
  double slowestRound = 0, fastestRound = 0;  // documents a second and thread
  Pace bareSigns;
  Pace digests;       // of as many octets as the file has, with the key's digest
  Pace efficiency;    // documents to bare signatures, by either clock
  Pace shareOfBound;  // documents to what one digest and one signature alone would allow
  double boundPerSecond = 0;
  std::uint64_t octets = 0;  // of one signed file, mean
};
SignBench benchSigning(const SignBenchRequest& request);

}  // namespace qianda::signing
