#include <iostream>

#include "clients/cli/bench_parts.h"
#include "core/file.h"
#include "signing/bench/sample_document.h"
#include "signing/bench/sign_bench.h"

namespace qianda::cli {
namespace {

struct SignBenchArguments {
  std::string file, key = "p256";
  std::uint64_t count = 3000;
  unsigned threads = 1;
  bool json = false;
};

int benchSign(const SignBenchArguments& arguments) {
  signing::SignBenchRequest request;
  request.pdf = arguments.file.empty() ? signing::makeSampleDocument() : core::readFile(arguments.file);
  request.key = arguments.key;
  request.threads = arguments.threads ? arguments.threads : coreCount();
  request.count = arguments.count;
  const signing::DocumentFacts facts = signing::describeDocument(request.pdf);
  const signing::SignBench bench = signing::benchSigning(request);
  JsonObject::Ptr object = newObject();
  object->set("documents_per_second_per_core", bench.pace.perSecond);
  object->set("raw_signs_per_second_per_core", bench.bareSigns.perSecond);
  object->set("efficiency", bench.efficiency.perSecond);
  object->set("hash_megabytes_per_second", bench.digests.perSecond * static_cast<double>(facts.octets) / 1e6);
  object->set("bound_documents_per_second_per_core", bench.boundPerSecond);
  object->set("share_of_bound", bench.shareOfBound.perSecond);
  object->set("documents_per_cpu_second", bench.pace.perCpuSecond);
  object->set("raw_signs_per_cpu_second", bench.bareSigns.perCpuSecond);
  object->set("cpu_efficiency", bench.efficiency.perCpuSecond);
  object->set("cpu_share_of_bound", bench.shareOfBound.perCpuSecond);
  object->set("slowest_round", bench.slowestRound);
  object->set("fastest_round", bench.fastestRound);
  object->set("signature_algorithm", signatureAlgorithmName(arguments.key));
  object->set("level", "PAdES-BASELINE-B");
  object->set("threads", request.threads);
  object->set("documents", bench.documents);
  object->set("verified", bench.verified);
  object->set("file", arguments.file.empty() ? "sample" : arguments.file);
  object->set("file_bytes", static_cast<std::uint64_t>(facts.octets));
  object->set("file_pages", static_cast<std::uint64_t>(facts.pages));
  object->set("file_objects", static_cast<std::uint64_t>(facts.objects));
  object->set("file_xref", facts.hasXrefStream ? "stream" : "table");
  object->set("signed_bytes", bench.octets);
  printResult(object, arguments.json);
  if (bench.verified == bench.documents) return 0;
  std::cerr << "qianda: only " << bench.verified << " of " << bench.documents << " signed files verify\n";
  return 3;
}

}  // namespace

Command addBenchSign(CLI::App& group) {
  CLI::App* command = group.add_subcommand("sign", "Sign an existing PDF again and again, in memory; verify all");
  auto arguments = std::make_shared<SignBenchArguments>();
  command->add_option("--file", arguments->file, "PDF to sign; default: a sample of six pages and 77 KB");
  command->add_option("--key", arguments->key, "Kind of key")
      ->capture_default_str()
      ->check(CLI::IsMember({"p256", "p384", "rsa2048", "rsa3072", "rsa4096", "sm2"}));
  command->add_option("--threads", arguments->threads, "Threads; 0: one per core")
      ->capture_default_str()
      ->check(CLI::Range(0u, 1024u));
  command->add_option("--count", arguments->count, "Signatures")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}));
  command->add_flag("--json", arguments->json, "One JSON object on standard output");
  return {command, [arguments] { return benchSign(*arguments); }};
}

}  // namespace qianda::cli
