#include "signing/keys/bare_rate.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include <time.h>

#include "signing/keys/evp_key.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::ErrorCode;

// Calls `once` of every thread's own worker until the time is over.
template <typename MakeWorker>
Pace measure(unsigned threads, std::chrono::milliseconds duration, MakeWorker makeWorker) {
  std::atomic<bool> stop = false;
  std::uint64_t total = 0;
  double cpuSeconds = 0;
  std::exception_ptr failure;
  std::mutex mutex;
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> crew;
  for (unsigned i = 0; i < threads; ++i) {
    crew.emplace_back([&] {
      try {
        auto once = makeWorker();
        std::uint64_t count = 0;
        for (; !stop; ++count) once();
        const std::lock_guard lock(mutex);
        total += count;
        cpuSeconds += threadCpuSeconds();
      } catch (...) {
        const std::lock_guard lock(mutex);
        failure = std::current_exception();
      }
    });
  }
  std::this_thread::sleep_for(duration);
  stop = true;
  for (std::thread& member : crew) member.join();
  if (failure) std::rethrow_exception(failure);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return {static_cast<double>(total) / seconds / threads, static_cast<double>(total) / cpuSeconds};
}

KeyContextHandle contextFor(EVP_PKEY* key, DigestAlgorithm digest, int (*init)(EVP_PKEY_CTX*)) {
  KeyContextHandle context(EVP_PKEY_CTX_new(key, nullptr));
  const bool isSm2Key = digest == DigestAlgorithm::kSm3;  // the provider takes no digest name but SM3 and needs none
  if (!context || init(context.get()) != 1 ||
      (!isSm2Key && EVP_PKEY_CTX_set_signature_md(context.get(), opensslDigest(digest)) != 1)) {
    throwOpenssl(ErrorCode::kSystem, "cannot prepare bare signatures");
  }
  return context;
}

}  // namespace

struct BareKey::Parts {
  KeyHandle key;
  DigestAlgorithm digest;
  Bytes value;
};

BareKey::BareKey(std::string_view kind) {
  KeyHandle key = generateKey(kind);
  const DigestAlgorithm digest = describeKey(key.get()).digest;
  const Bytes value(static_cast<std::size_t>(EVP_MD_get_size(opensslDigest(digest))), 0x5A);
  parts_ = std::make_unique<const Parts>(Parts{std::move(key), digest, value});
}

BareKey::~BareKey() = default;

DigestAlgorithm BareKey::digest() const { return parts_->digest; }

Pace BareKey::signs(unsigned threads, std::chrono::milliseconds duration) const {
  return measure(threads, duration, [this] {
    EVP_PKEY* key = parts_->key.get();
    return [this, context = contextFor(key, parts_->digest, &EVP_PKEY_sign_init),
            signature = Bytes(static_cast<std::size_t>(EVP_PKEY_get_size(key)))]() mutable {
      std::size_t size = signature.size();
      const Bytes& value = parts_->value;
      if (EVP_PKEY_sign(context.get(), signature.data(), &size, value.data(), value.size()) != 1) {
        throwOpenssl(ErrorCode::kSystem, "a bare signature failed");
      }
    };
  });
}

Pace BareKey::verifications(unsigned threads, std::chrono::milliseconds duration) const {
  EVP_PKEY* key = parts_->key.get();
  const Bytes& value = parts_->value;
  Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
  std::size_t size = signature.size();
  const KeyContextHandle signer = contextFor(key, parts_->digest, &EVP_PKEY_sign_init);
  if (EVP_PKEY_sign(signer.get(), signature.data(), &size, value.data(), value.size()) != 1) {
    throwOpenssl(ErrorCode::kSystem, "a bare signature failed");
  }
  signature.resize(size);
  return measure(threads, duration, [&] {
    return [&value, &signature, context = contextFor(key, parts_->digest, &EVP_PKEY_verify_init)] {
      if (EVP_PKEY_verify(context.get(), signature.data(), signature.size(), value.data(), value.size()) != 1) {
        throwOpenssl(ErrorCode::kSystem, "a bare verification failed");
      }
    };
  });
}

Pace measureDigests(DigestAlgorithm algorithm, std::size_t size, unsigned threads, std::chrono::milliseconds duration) {
  const Bytes octets(size, 0x5A);
  return measure(threads, duration, [&] { return [&] { digestOf(algorithm, octets); }; });
}

double medianOf(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Pace medianOf(const std::vector<Pace>& paces) {
  std::vector<double> walls, cpus;
  for (const Pace& pace : paces) {
    walls.push_back(pace.perSecond);
    cpus.push_back(pace.perCpuSecond);
  }
  return {medianOf(std::move(walls)), medianOf(std::move(cpus))};
}

double threadCpuSeconds() {
  timespec spent{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

}  // namespace qianda::signing
