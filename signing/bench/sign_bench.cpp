#include "signing/bench/sign_bench.h"

#include <algorithm>
#include <vector>

#include "signing/bench/crew.h"
#include "signing/keys/bare_rate.h"
#include "signing/pades/revision_writer.h"
#include "signing/verify/verifier.h"

namespace qianda::signing {
namespace {

constexpr std::chrono::milliseconds kBareDuration{100}, kDigestDuration{50};
constexpr std::uint64_t kRounds = 7;
constexpr const char* kSigner = "珠海示例科技有限公司";

Pace meanOf(const Pace& a, const Pace& b) {
  return {(a.perSecond + b.perSecond) / 2, (a.perCpuSecond + b.perCpuSecond) / 2};
}
Pace ratioOf(const Pace& a, const Pace& b) { return {a.perSecond / b.perSecond, a.perCpuSecond / b.perCpuSecond}; }
// One of each, one after the other.
Pace boundOf(const Pace& a, const Pace& b) {
  return {1 / (1 / a.perSecond + 1 / b.perSecond), 1 / (1 / a.perCpuSecond + 1 / b.perCpuSecond)};
}

std::uint64_t countPassed(const Verifier& verifier, const std::string& pdf, const std::vector<std::string>& tails,
                          unsigned threads) {
  std::atomic<std::uint64_t> passed = 0;
  runCrew(threads, tails.size(), [&](std::uint64_t i) {
    const FileVerdict verdict = verifier.verify(pdf + tails[i], core::now());
    passed += verdict.indication == Indication::kTotalPassed;
  });
  return passed;
}

}  // namespace

SignBench benchSigning(const SignBenchRequest& request) {
  const ThrowawayCredential made = makeThrowawayCredential(request.key, kSigner);
  const CadesSigner signer(made.credential);
  const Verifier verifier({{made.root}});
  const BareKey bare(request.key);
  RevisionRequest revision;
  revision.name = made.credential.subjectName;
  const auto signOnce = [&] {
    RevisionRequest own = revision;
    own.signedAt = core::now();
    return signPdf(request.pdf, own, signer);
  };
  signOnce();  // what is loaded once

  SignBench bench;
  std::vector<Pace> paces, bareSigns, digests, efficiencies, shares;
  const auto sampleBare = [&] { bareSigns.push_back(bare.signs(request.threads, kBareDuration)); };
  sampleBare();
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    std::vector<std::string> tails(shareOf(request.count, round, kRounds));
    if (tails.empty()) continue;
    const CrewTime time = runCrew(request.threads, tails.size(),
                                  [&](std::uint64_t i) { tails[i] = signOnce().substr(request.pdf.size()); });
    sampleBare();
    digests.push_back(measureDigests(bare.digest(), request.pdf.size(), request.threads, kDigestDuration));
    paces.push_back(time.paceOf(tails.size(), request.threads));
    const Pace signs = meanOf(bareSigns.end()[-2], bareSigns.end()[-1]), bound = boundOf(signs, digests.back());
    efficiencies.push_back(ratioOf(paces.back(), signs));
    shares.push_back(ratioOf(paces.back(), bound));
    bench.documents += tails.size();
    for (const std::string& tail : tails) bench.octets += request.pdf.size() + tail.size();
    bench.verified += countPassed(verifier, request.pdf, tails, request.threads);
  }
  bench.octets /= std::max<std::uint64_t>(bench.documents, 1);
  bench.pace = medianOf(paces);
  const auto [slowest, fastest] = std::minmax_element(
      paces.begin(), paces.end(), [](const Pace& a, const Pace& b) { return a.perSecond < b.perSecond; });
  bench.slowestRound = slowest->perSecond;
  bench.fastestRound = fastest->perSecond;
  bench.bareSigns = medianOf(bareSigns);
  bench.digests = medianOf(digests);
  bench.efficiency = medianOf(efficiencies);
  bench.shareOfBound = medianOf(shares);
  bench.boundPerSecond = boundOf(bench.bareSigns, bench.digests).perSecond;
  return bench;
}

}  // namespace qianda::signing
