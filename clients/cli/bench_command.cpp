#include <iostream>

#include "clients/cli/bench_parts.h"
#include "clients/cli/commands.h"
#include "contracts/bench.h"
#include "core/error.h"

namespace qianda::cli {
namespace {

struct BenchArguments {
  std::string form = "labour-general", key = "p256", folder;
  std::uint64_t count = 10000, seed = 1;
  unsigned threads = 0;
  bool json = false;
};

contracts::BenchRequest requestOf(const BenchArguments& arguments, const WorkFolder& folder) {
  contracts::BenchRequest request;
  request.form = templates::getTemplate(arguments.form);
  request.key = arguments.key;
  request.count = arguments.count;
  request.threads = arguments.threads ? arguments.threads : coreCount();
  request.seed = arguments.seed;
  request.folder = folder.path();
  return request;
}

int benchBatch(const BenchArguments& arguments) {
  const WorkFolder folder(arguments.folder.empty() ? "." : arguments.folder);
  const contracts::BenchRequest request = requestOf(arguments, folder);
  const contracts::BatchBench bench = contracts::benchBatch(request);
  const auto contracts = static_cast<double>(bench.contracts);
  const double rate = contracts / bench.seconds;
  const double efficiency = rate / (request.threads * bench.bareRatePerCore);
  JsonObject::Ptr object = newObject();
  object->set("contracts", bench.contracts);
  object->set("seconds", bench.seconds);
  object->set("contracts_per_second", rate);
  object->set("signature_algorithm", signatureAlgorithmName(arguments.key));
  object->set("threads", request.threads);
  object->set("raw_signs_per_second_per_core", bench.bareRatePerCore);
  object->set("key_signs_per_second_per_core", bench.keyRatePerCore);
  object->set("efficiency", efficiency);
  object->set("bytes_per_contract", static_cast<double>(bench.octets) / contracts);
  object->set("stored_bytes_per_contract", static_cast<double>(bench.storedOctets) / contracts);
  object->set("peak_rss_bytes", bench.peakRssOctets);
  object->set("verified", bench.verified);
  object->set("template", request.form->id);
  object->set("check_seconds", bench.checkSeconds);
  printResult(object, arguments.json);
  if (bench.verified == bench.contracts) return 0;
  std::cerr << "qianda: only " << bench.verified << " of " << bench.contracts << " contracts verify\n";
  return 3;
}

int benchTemplate(const BenchArguments& arguments) {
  const WorkFolder folder(arguments.folder.empty() ? "." : arguments.folder);
  const contracts::BenchRequest request = requestOf(arguments, folder);
  const contracts::TemplateBench bench = contracts::benchTemplate(request);
  const double perContract = 1e6 / static_cast<double>(bench.contracts);
  JsonObject::Ptr object = newObject();
  object->set("template", request.form->id);
  object->set("contracts", bench.contracts);
  object->set("microseconds_per_contract", bench.seconds * perContract);
  const std::pair<const char*, double> parts[] = {{"parse_us", bench.parse},
                                                  {"layout_us", bench.cost.compose.layout},
                                                  {"emission_us", bench.cost.compose.emission},
                                                  {"fonts_us", bench.cost.compose.fonts},
                                                  {"qr_us", bench.cost.compose.qr},
                                                  {"closing_us", bench.cost.compose.closing},
                                                  {"hash_us", bench.cost.hash},
                                                  {"sign_us", bench.cost.sign},
                                                  {"complete_us", bench.cost.complete},
                                                  {"write_us", bench.store}};
  for (const auto& [name, seconds] : parts) object->set(name, seconds * perContract);
  object->set("tail_bytes", static_cast<double>(bench.tailOctets) / static_cast<double>(bench.contracts));
  object->set("prefix_bytes", bench.prefixOctets);
  printResult(object, arguments.json);
  return 0;
}

void addOptions(CLI::App* command, const std::shared_ptr<BenchArguments>& arguments) {
  command->add_option("--count", arguments->count, "Contracts")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{10'000'000}));
  command->add_option("--key", arguments->key, "Kind of key")
      ->capture_default_str()
      ->check(CLI::IsMember({"p256", "p384", "rsa2048", "rsa3072", "rsa4096", "sm2"}));
  command->add_option("--template", arguments->form, "Template id or path")->capture_default_str();
  command->add_option("--seed", arguments->seed, "Of the invented people")->capture_default_str();
  command->add_option("--folder", arguments->folder, "Where the bench keeps its files; default: here");
  command->add_flag("--json", arguments->json, "One JSON object on standard output");
}

}  // namespace

std::vector<Command> addBenchCommands(CLI::App& app) {
  CLI::App* group = app.add_subcommand("bench", "Measure the main job, signing, verifying, timestamps and service");
  group->require_subcommand(1);
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App* batch = group->add_subcommand("batch", "Generate, seal, store durably, verify");
  addOptions(batch, arguments);
  batch->add_option("--threads", arguments->threads, "Workers; default: one per core");
  CLI::App* form = group->add_subcommand("template", "What each part of one contract costs, on one core");
  addOptions(form, arguments);
  return {{batch, [arguments] { return benchBatch(*arguments); }},
          {form, [arguments] { return benchTemplate(*arguments); }},
          addBenchSign(*group),
          addBenchVerify(*group),
          addBenchTimestamp(*group),
          addBenchDelivery(*group),
          addBenchReindex(*group)};
}

}  // namespace qianda::cli
