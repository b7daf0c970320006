// Measures the main job on real work: invented people, a throwaway key, a store of its own, every output verified.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "contracts/press.h"

namespace qianda::contracts {

struct BenchRequest {
  std::shared_ptr<const templates::Template> form;
  std::string key = "p256";  // as signing::makeThrowawayCredential
  std::uint64_t count = 10000;
  unsigned threads = 1;
  std::uint64_t seed = 1;
  std::filesystem::path folder;  // for roster and store; the caller removes it
};

struct BatchBench {
  std::uint64_t contracts = 0, verified = 0;
  double checkSeconds = 0;  // the roster's check, before the clock
  double seconds = 0;       // generation, signing, durable writing
  double bareRatePerCore =
      0;  // bare signatures of OpenSSL a second and thread, all threads at once, median of samples before and after
  double keyRatePerCore = 0;  // the same through the key that signs the batch: SM2 keys sign by another engine
  std::uint64_t octets = 0, storedOctets = 0;
  std::uint64_t peakRssOctets = 0;  // of the process, at the end of the batch
};
BatchBench benchBatch(const BenchRequest& request);

struct TemplateBench {
  std::uint64_t contracts = 0;
  double seconds = 0;  // one thread, in memory
  PressCost cost;
  double parse = 0, store = 0;  // a roster row; a durable record
  std::uint64_t tailOctets = 0, prefixOctets = 0;
};
TemplateBench benchTemplate(const BenchRequest& request);

}  // namespace qianda::contracts
