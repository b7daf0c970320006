#include "signing/bench/verify_bench.h"

#include <algorithm>

#include "signing/bench/crew.h"
#include "signing/bench/sample_document.h"
#include "signing/ca/local_revocation.h"
#include "signing/keys/bare_rate.h"
#include "signing/pades/revision_writer.h"

namespace qianda::signing {
namespace {

constexpr std::chrono::milliseconds kBareDuration{100}, kDigestDuration{50};
constexpr std::uint64_t kRounds = 7;
constexpr const char* kOrganisation = "珠海示例科技有限公司";
constexpr const char* kPassphrase = "throwaway";  // of keys that are drawn, used and removed by the bench

// The authority behind a sample, in `folder`.
struct ThrowawayPki {
  std::filesystem::path folder;
  std::shared_ptr<Authority> authority;

  ThrowawayPki(std::filesystem::path where, std::string_view kind) : folder(std::move(where)) {
    const std::filesystem::path home = folder / "authority";
    Authority::create(home, {kOrganisation, kind == "sm2" ? "sm2" : "p256"}, kPassphrase);
    authority = std::make_shared<Authority>(home, kPassphrase);
  }
  // PKCS#12 with a new key.
  std::string issue(std::string_view kind, const std::string& profile) const {
    const std::string file = folder / (profile + ".p12");
    issueWithKey(*authority, kind, {profile, {"Throwaway " + profile, kOrganisation}, std::nullopt, ""}, file,
                 kPassphrase);
    return file;
  }
  std::shared_ptr<const LocalTimestampAuthority> timestamps() const {
    return std::make_shared<const LocalTimestampAuthority>(openPkcs12(issue("p256", "tsa"), kPassphrase));
  }
};

}  // namespace

std::shared_ptr<const LocalTimestampAuthority> makeThrowawayTimestampAuthority(const std::filesystem::path& folder) {
  return ThrowawayPki(folder, "p256").timestamps();
}

SignedSample makeSignedSample(std::string_view kind, Level level, const std::filesystem::path& folder) {
  const ThrowawayPki pki(folder, kind);
  const auto time = pki.timestamps();
  const LocalRevocation revocation(pki.authority);

  SignedSample sample;
  sample.anchors.certificates.push_back(pki.authority->rootCertificate());
  CadesOptions options;
  if (level != Level::kB) options.time = time.get();
  RevisionRequest request;
  request.signedAt = core::now();
  const CadesSigner signer(loadPkcs12(pki.issue(kind, "company-seal"), kPassphrase), options);
  sample.pdf = signPdf(makeSampleDocument(), request, signer);
  if (level > Level::kT) {
    sample.pdf += extend(sample.pdf, level, {time.get(), &revocation, &sample.anchors}, core::now());
  }
  return sample;
}

VerifyBench benchVerification(const VerifyBenchRequest& request) {
  VerifyBench bench;
  bench.verdict = request.verifier->verify(request.pdf, core::now());
  const BareKey bare(request.bareKey);
  std::vector<Pace> paces, bares, digests;
  std::vector<double> equivalents;
  const auto sampleBare = [&] { bares.push_back(bare.verifications(request.threads, kBareDuration)); };
  sampleBare();
  std::atomic<std::uint64_t> verified = 0;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    const std::uint64_t share = shareOf(request.count, round, kRounds);
    if (share == 0) continue;
    const CrewTime time = runCrew(request.threads, share, [&](std::uint64_t) {
      const FileVerdict verdict = request.verifier->verify(request.pdf, core::now());
      verified += verdict.indication == bench.verdict.indication;
    });
    sampleBare();
    digests.push_back(measureDigests(DigestAlgorithm::kSha256, request.pdf.size(), request.threads, kDigestDuration));
    paces.push_back(time.paceOf(share, request.threads));
    equivalents.push_back((bares.end()[-1].perCpuSecond + bares.end()[-2].perCpuSecond) / 2 /
                          paces.back().perCpuSecond);
    bench.files += share;
  }
  bench.verified = verified;
  bench.pace = medianOf(paces);
  const auto [slowest, fastest] = std::minmax_element(
      paces.begin(), paces.end(), [](const Pace& a, const Pace& b) { return a.perSecond < b.perSecond; });
  bench.slowestRound = slowest->perSecond;
  bench.fastestRound = fastest->perSecond;
  bench.bareVerifications = medianOf(bares);
  bench.digests = medianOf(digests);
  bench.bareVerificationsPerFile = medianOf(equivalents);
  return bench;
}

}  // namespace qianda::signing
