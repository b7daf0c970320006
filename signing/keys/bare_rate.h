// The limits every bench is measured against: how many bare signatures, verifications and digests the machine makes a
// second, by OpenSSL alone. All of them keep one context a thread and run `threads` at once; results are a second and
// thread. The machine's pace drifts, so a bench takes samples between its rounds and calls medianOf.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

#include "signing/keys/signing_key.h"

namespace qianda::signing {

// A throwaway key of a kind (as makeThrowawayCredential), drawn once.
class BareKey {
 public:
  explicit BareKey(std::string_view kind);
  ~BareKey();

  // EVP_PKEY_sign over a digest that is there already.
  double signsPerSecond(unsigned threads, std::chrono::milliseconds duration) const;
  // EVP_PKEY_verify of a good signature over one.
  double verificationsPerSecond(unsigned threads, std::chrono::milliseconds duration) const;
  DigestAlgorithm digest() const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

// Digests of `size` octets, a second and thread.
double measureDigestRate(DigestAlgorithm algorithm, std::size_t size, unsigned threads,
                         std::chrono::milliseconds duration);

// The upper one of two middle values; 0 of none.
double medianOf(std::vector<double> values);

}  // namespace qianda::signing
