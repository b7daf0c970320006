// What a signature through the reference remote signer costs, over TLS on this machine, against the bare key:
//   remote_signer_bench [KIND [SECONDS]]
// One JSON object a line: kind, threads, requests under way and hashes in a request at most (the first lines: as the
// program itself has them), signatures a second, the bare rate of all cores just before, and the processor time of one
// signature in microseconds: in the client (which verifies it), in the server, and bare. Client and server share the
// machine's cores, with whatever else runs there: rates vary, processor time less so.
#include <atomic>
#include <cstdio>
#include <thread>

#include <fmt/format.h>
#include <time.h>

#include "server/outbound/remote_key.h"
#include "signing/keys/bare_rate.h"
#include "tests/support/remote_signer.h"
#include "tests/support/self_signed.h"

namespace {

using namespace qianda;

struct Sample {
  double perSecond, clientMicroseconds, serverMicroseconds;
};

double secondsOf(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

Sample measure(const signing::SigningKey& key, unsigned threads, std::chrono::milliseconds duration, pid_t server) {
  clockid_t serverClock{};
  if (::clock_getcpuclockid(server, &serverClock) != 0) throw std::runtime_error("no clock of the server");
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> total = 0;
  const double start = secondsOf(CLOCK_MONOTONIC), client = secondsOf(CLOCK_PROCESS_CPUTIME_ID),
               served = secondsOf(serverClock);
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
  const auto count = static_cast<double>(total);
  return {count / (secondsOf(CLOCK_MONOTONIC) - start), (secondsOf(CLOCK_PROCESS_CPUTIME_ID) - client) / count * 1e6,
          (secondsOf(serverClock) - served) / count * 1e6};
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = argc > 1 ? argv[1] : "p256";
  const std::chrono::milliseconds duration(argc > 2 ? 1000 * std::stoi(argv[2]) : 3000);
  const test::TempFolder keys;
  test::writeSelfSigned(keys.path(), kind);
  const test::RemoteSigner signer(keys.path());
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  const server::RemoteLimits own;
  for (const auto& [requests, hashes] : {std::pair{own.requests, own.hashes},
                                         {32u, std::size_t{1}},
                                         {1u, own.hashes},
                                         {2u, own.hashes},
                                         {16u, own.hashes}}) {
    for (const unsigned threads : {1u, 8u, 32u}) {
      server::RemoteLimits limits;
      limits.requests = requests;
      limits.hashes = hashes;
      const double before = secondsOf(CLOCK_PROCESS_CPUTIME_ID);
      constexpr std::chrono::milliseconds kBare(1000);
      const double bare = cores * signing::BareKey(kind).signs(cores, kBare).perSecond;
      const double bareMicroseconds = (secondsOf(CLOCK_PROCESS_CPUTIME_ID) - before) / bare * 1e6;
      const auto credential =
          server::loadRemoteCredential(server::parseRemoteAddress(signer.addressOf(kind)), signer.token(), limits);
      const Sample sample = measure(*credential.key, threads, duration, signer.pid());
      fmt::print(
          "{{\"kind\":\"{}\",\"threads\":{},\"requests\":{},\"hashes\":{},\"signatures_per_second\":{:.0f},"
          "\"bare_signatures_per_second\":{:.0f},\"client_microseconds\":{:.1f},\"server_microseconds\":{:.1f},"
          "\"bare_microseconds\":{:.1f}}}\n",
          kind, threads, requests, hashes, sample.perSecond, bare, sample.clientMicroseconds, sample.serverMicroseconds,
          bareMicroseconds);
      std::fflush(stdout);
    }
  }
}
