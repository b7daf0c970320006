#include "signing/keys/bare_rate.h"

#include <atomic>
#include <thread>
#include <vector>

#include <openssl/rsa.h>

#include "signing/keys/evp_key.h"

namespace qianda::signing {
namespace {

// Signs until told to stop; returns how many.
std::uint64_t signUntil(EVP_PKEY* key, const EVP_MD* digest, const std::atomic<bool>& stop) {
  const KeyContextHandle context(EVP_PKEY_CTX_new(key, nullptr));
  if (!context || EVP_PKEY_sign_init(context.get()) != 1 || EVP_PKEY_CTX_set_signature_md(context.get(), digest) != 1) {
    throwOpenssl(core::ErrorCode::kSystem, "cannot prepare bare signatures");
  }
  const std::vector<unsigned char> value(static_cast<std::size_t>(EVP_MD_get_size(digest)), 0x5A);
  std::vector<unsigned char> signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
  std::uint64_t count = 0;
  for (; !stop; ++count) {
    std::size_t size = signature.size();
    if (EVP_PKEY_sign(context.get(), signature.data(), &size, value.data(), value.size()) != 1) {
      throwOpenssl(core::ErrorCode::kSystem, "a bare signature failed");
    }
  }
  return count;
}

}  // namespace

double measureBareRate(std::string_view kind, unsigned threads, std::chrono::milliseconds duration) {
  const KeyHandle key = generateKey(kind);
  const EVP_MD* digest = kind == "p384" ? EVP_sha384() : EVP_sha256();
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> total = 0;
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < threads; ++i) {
    workers.emplace_back([&] { total += signUntil(key.get(), digest, stop); });
  }
  std::this_thread::sleep_for(duration);
  stop = true;
  for (std::thread& worker : workers) worker.join();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return static_cast<double>(total) / seconds / threads;
}

}  // namespace qianda::signing
