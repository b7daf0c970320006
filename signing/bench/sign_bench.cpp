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
  std::vector<double> rates, bareRates, digestRates, efficiencies, shares;
  const auto sampleBare = [&] { bareRates.push_back(bare.signsPerSecond(request.threads, kBareDuration)); };
  sampleBare();
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    std::vector<std::string> tails(shareOf(request.count, round, kRounds));
    if (tails.empty()) continue;
    const double seconds = runCrew(request.threads, tails.size(),
                                   [&](std::uint64_t i) { tails[i] = signOnce().substr(request.pdf.size()); });
    sampleBare();
    digestRates.push_back(measureDigestRate(bare.digest(), request.pdf.size(), request.threads, kDigestDuration));
    rates.push_back(static_cast<double>(tails.size()) / seconds / request.threads);
    const double signs = (bareRates.end()[-1] + bareRates.end()[-2]) / 2;
    efficiencies.push_back(rates.back() / signs);
    shares.push_back(rates.back() * (1 / signs + 1 / digestRates.back()));
    bench.documents += tails.size();
    for (const std::string& tail : tails) bench.octets += request.pdf.size() + tail.size();
    bench.verified += countPassed(verifier, request.pdf, tails, request.threads);
  }
  bench.octets /= std::max<std::uint64_t>(bench.documents, 1);
  bench.documentsPerSecond = medianOf(rates);
  bench.slowestRound = *std::min_element(rates.begin(), rates.end());
  bench.fastestRound = *std::max_element(rates.begin(), rates.end());
  bench.bareSignsPerSecond = medianOf(bareRates);
  bench.digestsPerSecond = medianOf(digestRates);
  bench.efficiency = medianOf(efficiencies);
  bench.shareOfBound = medianOf(shares);
  bench.boundPerSecond = 1 / (1 / bench.bareSignsPerSecond + 1 / bench.digestsPerSecond);
  return bench;
}

}  // namespace qianda::signing
