// What a signature through the reference remote signer costs, over TLS on this machine, against the bare key:
//   remote_signer_bench [KIND [SECONDS]]
// One JSON object a line: kind, threads, requests under way at most, hashes in a request at most, signatures a second,
// and the bare rate of the whole machine taken just before. Client and server share the machine's cores, and each
// signature is verified by the client.
#include <atomic>
#include <cstdio>
#include <thread>

#include <fmt/format.h>

#include "server/outbound/remote_key.h"
#include "signing/keys/bare_rate.h"
#include "tests/support/remote_signer.h"
#include "tests/support/self_signed.h"

namespace {

using namespace qianda;
using Clock = std::chrono::steady_clock;

double signaturesPerSecond(const signing::SigningKey& key, unsigned threads, std::chrono::milliseconds duration) {
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> total = 0;
  const auto start = Clock::now();
  std::vector<std::thread> workers;
  for (unsigned t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      core::Bytes signature;
      const core::Bytes digest(static_cast<std::size_t>(EVP_MD_get_size(signing::opensslDigest(key.digest()))),
                               static_cast<std::uint8_t>(t));
      for (; !stop; ++total) key.signDigest(digest, signature);
    });
  }
  std::this_thread::sleep_for(duration);
  stop = true;
  for (std::thread& worker : workers) worker.join();
  return static_cast<double>(total) / std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = argc > 1 ? argv[1] : "p256";
  const std::chrono::milliseconds duration(argc > 2 ? 1000 * std::stoi(argv[2]) : 3000);
  const test::TempFolder keys;
  test::writeSelfSigned(keys.path(), kind);
  const test::RemoteSigner signer(keys.path());
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  for (const auto& [requests, hashes] :
       {std::pair<unsigned, std::size_t>{32, 1}, {1, 64}, {2, 64}, {4, 64}, {16, 64}}) {
    for (const unsigned threads : {1u, 8u, 32u}) {
      server::RemoteLimits limits;
      limits.requests = requests;
      limits.hashes = hashes;
      const double bare = cores * signing::measureBareRate(kind, cores, std::chrono::milliseconds(1000));
      const auto credential =
          server::loadRemoteCredential(server::parseRemoteAddress(signer.addressOf(kind)), signer.token(), limits);
      const double rate = signaturesPerSecond(*credential.key, threads, duration);
      fmt::print(
          "{{\"kind\":\"{}\",\"threads\":{},\"requests\":{},\"hashes\":{},\"signatures_per_second\":{:.0f},"
          "\"bare_signatures_per_second\":{:.0f},\"ratio\":{:.3f}}}\n",
          kind, threads, requests, hashes, rate, bare, rate / bare);
      std::fflush(stdout);
    }
  }
}
