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

// How often something was done: a second of the clock on the wall and thread, and a second that a processor worked for
// it. The two are the same on an idle machine; what else runs there spoils the first far more than the second.
struct Pace {
  double perSecond = 0, perCpuSecond = 0;
};

// A throwaway key of a kind (as makeThrowawayCredential), drawn once.
class BareKey {
 public:
  explicit BareKey(std::string_view kind);
  ~BareKey();

  // EVP_PKEY_sign over a digest that is there already.
  Pace signs(unsigned threads, std::chrono::milliseconds duration) const;
  // EVP_PKEY_verify of a good signature over one.
  Pace verifications(unsigned threads, std::chrono::milliseconds duration) const;
  DigestAlgorithm digest() const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

// Digests of `size` octets, a second and thread.
Pace measureDigests(DigestAlgorithm algorithm, std::size_t size, unsigned threads, std::chrono::milliseconds duration);

// The upper one of two middle values; 0 of none. Of paces: each of the two for itself.
double medianOf(std::vector<double> values);
Pace medianOf(const std::vector<Pace>& paces);

// Seconds that processors worked for this thread.
double threadCpuSeconds();

}  // namespace qianda::signing
