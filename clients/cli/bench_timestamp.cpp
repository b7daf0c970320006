#include "clients/cli/bench_parts.h"
#include "server/outbound/address_policy.h"
#include "server/outbound/timestamp_client.h"
#include "server/timestamp_server.h"
#include "signing/bench/stamp_bench.h"
#include "signing/bench/verify_bench.h"
#include "signing/keys/bare_rate.h"

namespace qianda::cli {
namespace {

constexpr std::chrono::milliseconds kBareDuration{250};
constexpr unsigned kClients[] = {1, 8, 32};

struct TimestampBenchArguments {
  std::string tsa = "http", folder;
  std::uint64_t count = 2000;
  unsigned threads = 1, delay = 20;
  bool json = false;
};

// Rates of one source, beside the bare signing rate of one core.
class StampTable {
 public:
  StampTable(const TimestampBenchArguments& arguments, const signing::BareKey& bare)
      : arguments_(arguments), bare_(bare) {}

  void sampleBare(unsigned threads) { bares_.push_back(bare_.signs(threads, kBareDuration)); }
  signing::Pace barePace() const { return signing::medianOf(bares_); }

  // Tokens a second, all clients together.
  signing::Pace pace(const signing::TimestampSource& source, unsigned clients, std::chrono::milliseconds delay) {
    // With a delay the rate is known after a few rounds of every client.
    const std::uint64_t count =
        delay.count() > 0 ? std::min<std::uint64_t>(arguments_.count, 25ull * clients) : arguments_.count;
    return signing::timeStamps(source, clients, count, delay).paceOf(count, 1);
  }

  JsonArray::Ptr overHttp(const signing::TimestampSource& source, std::chrono::milliseconds delay) {
    JsonArray::Ptr rows = newArray();
    double first = 0;
    for (unsigned clients : kClients) {
      const double tokens = pace(source, clients, delay).perSecond;
      if (first == 0) first = tokens;
      JsonObject::Ptr row = newObject();
      row->set("clients", clients);
      row->set("tokens_per_second", tokens);
      row->set("times_one_client", tokens / first);
      row->set("ratio_to_raw_signs", tokens / (barePace().perSecond * coreCount()));
      rows->add(row);
    }
    return rows;
  }

 private:
  const TimestampBenchArguments& arguments_;
  const signing::BareKey& bare_;
  std::vector<signing::Pace> bares_;
};

server::OutboundPolicy policyFor(const std::string& url) {
  server::OutboundPolicy policy;
  policy.hosts = {server::parseTarget(url).authority};
  policy.privateAddresses = true;
  policy.connections = kClients[2];
  return policy;
}

void benchHttp(const std::string& url, const TimestampBenchArguments& arguments, StampTable& table,
               JsonObject& object) {
  const server::HttpClient client(policyFor(url));
  server::TimestampService service;
  service.url = url;
  const server::HttpTimestampSource source(client, service);
  table.pace(source, kClients[2], std::chrono::milliseconds(1));  // every connection once
  object.set("http", table.overHttp(source, std::chrono::milliseconds(0)));
  if (arguments.delay == 0) return;
  object.set("added_delay_milliseconds", arguments.delay);
  object.set("http_far_away", table.overHttp(source, std::chrono::milliseconds(arguments.delay)));
}

int benchTimestamp(const TimestampBenchArguments& arguments) {
  const signing::BareKey bare("p256");
  StampTable table(arguments, bare);
  JsonObject::Ptr object = newObject();
  const unsigned threads = arguments.threads ? arguments.threads : coreCount();
  table.sampleBare(threads);
  if (arguments.tsa == "local" || arguments.tsa == "http") {
    const WorkFolder folder(arguments.folder.empty() ? std::filesystem::temp_directory_path().string()
                                                     : arguments.folder);
    const auto authority = signing::makeThrowawayTimestampAuthority(folder.path());
    const signing::Pace tokens = table.pace(*authority, threads, std::chrono::milliseconds(0));
    table.sampleBare(threads);
    object->set("tokens_per_second_per_core", tokens.perSecond / threads);
    object->set("raw_signs_per_second_per_core", table.barePace().perSecond);
    object->set("efficiency", tokens.perSecond / threads / table.barePace().perSecond);
    object->set("tokens_per_cpu_second", tokens.perCpuSecond);
    object->set("cpu_efficiency", tokens.perCpuSecond / table.barePace().perCpuSecond);
    if (arguments.tsa == "http") {
      const server::TimestampServer server(authority, "127.0.0.1", 0);
      benchHttp(server.url(), arguments, table, *object);
    }
  } else {
    table.sampleBare(threads);
    object->set("raw_signs_per_second_per_core", table.barePace().perSecond);
    benchHttp(arguments.tsa, arguments, table, *object);
  }
  object->set("authority", arguments.tsa);
  object->set("signature_algorithm", signatureAlgorithmName("p256"));
  object->set("threads", threads);
  object->set("cores", coreCount());
  object->set("tokens", arguments.count);
  printResult(object, arguments.json);
  return 0;
}

}  // namespace

Command addBenchTimestamp(CLI::App& group) {
  CLI::App* command = group.add_subcommand("timestamp", "Timestamps in this process and over kept-alive connections");
  auto arguments = std::make_shared<TimestampBenchArguments>();
  command
      ->add_option("--tsa", arguments->tsa,
                   "local: in this process; http: also over HTTP from a server of this process; or a URL")
      ->capture_default_str();
  command->add_option("--threads", arguments->threads, "Threads in this process; 0: one per core")
      ->capture_default_str()
      ->check(CLI::Range(0u, 1024u));
  command->add_option("--count", arguments->count, "Tokens of each measurement")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}));
  command->add_option("--delay", arguments->delay, "Milliseconds that stand for the way to a far authority; 0: none")
      ->capture_default_str()
      ->check(CLI::Range(0u, 10'000u));
  command->add_option("--folder", arguments->folder, "Where the bench keeps its files; default: the system's");
  command->add_flag("--json", arguments->json, "One JSON object on standard output");
  return {command, [arguments] { return benchTimestamp(*arguments); }};
}

}  // namespace qianda::cli
