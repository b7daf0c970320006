#include <iostream>

#include "clients/cli/bench_parts.h"
#include "clients/cli/services.h"
#include "core/file.h"
#include "signing/bench/sample_document.h"
#include "signing/bench/verify_bench.h"

namespace qianda::cli {
namespace {

constexpr int kPeerRounds = 5;

struct VerifyBenchArguments {
  std::string file, key = "p256", level = "B-LTA", folder;
  ServiceOptions services;
  std::uint64_t count = 1000;
  unsigned threads = 1;
  bool json = false;
};

// `qianda verify` as a process of its own, the way pdfsig is run.
std::optional<double> timeOwnProcess(const std::string& file, const signing::TrustAnchors& anchors,
                                     const std::filesystem::path& folder) {
  std::vector<std::string> command{ownProgram(), "verify", file};
  for (const core::Bytes& anchor : anchors.certificates) {
    const std::string path = folder / (std::to_string(command.size()) + ".der");
    core::writeFile(path, core::textOf(anchor));
    command.insert(command.end(), {"--trust", path});
  }
  return timeProgram(command, kPeerRounds);
}

int benchVerify(const VerifyBenchArguments& arguments) {
  const WorkFolder folder(arguments.folder.empty() ? std::filesystem::temp_directory_path().string()
                                                   : arguments.folder);
  signing::SignedSample sample;
  if (arguments.file.empty()) {
    sample = signing::makeSignedSample(arguments.key, signing::levelNamed(arguments.level), folder.path());
  } else {
    sample.pdf = core::readFile(arguments.file);
    sample.anchors = Services(arguments.services, arguments.services.trust).anchors();
  }
  const std::string copy = folder.path() / "file.pdf";
  core::writeFile(copy, sample.pdf);
  const signing::Verifier verifier(sample.anchors);
  signing::VerifyBenchRequest request;
  request.pdf = sample.pdf;
  request.verifier = &verifier;
  request.bareKey = arguments.key;
  request.threads = arguments.threads ? arguments.threads : coreCount();
  request.count = arguments.count;
  const signing::DocumentFacts facts = signing::describeDocument(request.pdf);
  const signing::VerifyBench bench = signing::benchVerification(request);
  const std::optional<double> pdfsig = timeProgram({"pdfsig", copy}, kPeerRounds);
  const std::optional<double> own = timeOwnProcess(copy, sample.anchors, folder.path());
  JsonObject::Ptr object = newObject();
  object->set("files_per_second_per_core", bench.pace.perSecond);
  object->set("raw_verifications_per_second_per_core", bench.bareVerifications.perSecond);
  object->set("raw_verifications_per_file", bench.bareVerificationsPerFile);
  object->set("hash_megabytes_per_second", bench.digests.perSecond * static_cast<double>(facts.octets) / 1e6);
  object->set("files_per_cpu_second", bench.pace.perCpuSecond);
  object->set("raw_verifications_per_cpu_second", bench.bareVerifications.perCpuSecond);
  object->set("slowest_round", bench.slowestRound);
  object->set("fastest_round", bench.fastestRound);
  setPeer(*object, "pdfsig_verify_seconds", pdfsig);
  setPeer(*object, "qianda_verify_seconds", own);  // a process as well
  setPeer(*object, "times_pdfsig",
          pdfsig ? std::optional<double>(*pdfsig * bench.pace.perSecond) : std::optional<double>());
  object->set("level", bench.verdict.signatures.empty() ? "" : bench.verdict.signatures.front().level);
  object->set("indication", std::string(signing::nameOf(bench.verdict.indication)));
  object->set("signatures", static_cast<std::uint64_t>(bench.verdict.signatures.size()));
  object->set("timestamps", static_cast<std::uint64_t>(bench.verdict.timestamps.size()));
  object->set("threads", request.threads);
  object->set("files", bench.files);
  object->set("verified", bench.verified);
  object->set("file", arguments.file.empty() ? "sample" : arguments.file);
  object->set("file_bytes", static_cast<std::uint64_t>(facts.octets));
  object->set("file_pages", static_cast<std::uint64_t>(facts.pages));
  object->set("file_objects", static_cast<std::uint64_t>(facts.objects));
  printResult(object, arguments.json);
  const bool isGood = !arguments.file.empty() || bench.verdict.indication == signing::Indication::kTotalPassed;
  if (isGood && bench.verified == bench.files) return 0;
  std::cerr << "qianda: " << bench.verified << " of " << bench.files << " verifications agree, the first says "
            << signing::nameOf(bench.verdict.indication) << ": " << bench.verdict.reason << "\n";
  return 3;
}

}  // namespace

Command addBenchVerify(CLI::App& group) {
  CLI::App* command = group.add_subcommand("verify", "Verify one signed PDF again and again, in memory");
  auto arguments = std::make_shared<VerifyBenchArguments>();
  CLI::Option* file = command->add_option("--file", arguments->file, "Signed PDF; default: a sample is made");
  command->add_option("--level", arguments->level, "Of the sample: B-B, B-T, B-LT or B-LTA")
      ->capture_default_str()
      ->excludes(file);
  command->add_option("--key", arguments->key, "Kind of key, of the sample and of the bare verifications")
      ->capture_default_str()
      ->check(CLI::IsMember({"p256", "rsa2048", "sm2"}));
  command->add_option("--trust", arguments->services.trust, "Trust anchors of --file (PEM or DER)")
      ->allow_extra_args(false);
  command->add_option("--pki", arguments->services.pki, "Folder of a development PKI whose roots --file is judged by");
  command->add_option("--threads", arguments->threads, "Threads; 0: one per core")
      ->capture_default_str()
      ->check(CLI::Range(0u, 1024u));
  command->add_option("--count", arguments->count, "Verifications")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}));
  command->add_option("--folder", arguments->folder, "Where the bench keeps its files; default: the system's");
  command->add_flag("--json", arguments->json, "One JSON object on standard output");
  return {command, [arguments] { return benchVerify(*arguments); }};
}

}  // namespace qianda::cli
