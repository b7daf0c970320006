#include "server/application.h"

#include <thread>

#include <fmt/format.h>
#include <sys/resource.h>

#include "contracts/seals/granted_seals.h"
#include "contracts/seals/seal_cabinet.h"
#include "core/error.h"
#include "core/id.h"
#include "server/accounts/account_settings.h"
#include "server/accounts/authenticate.h"
#include "server/api/health_routes.h"
#include "server/batches/batch_desk.h"
#include "server/ceremony_access.h"
#include "server/ceremony_setup.h"
#include "server/delivery/delivery_desk.h"
#include "server/delivery/delivery_jobs.h"
#include "server/evidence/evidence_room.h"
#include "server/http/chain.h"
#include "server/http/connections.h"
#include "server/http/tls.h"
#include "server/jobs/job_table.h"
#include "server/log/log.h"
#include "server/metrics/health.h"
#include "server/metrics/metrics.h"
#include "server/places.h"
#include "server/signing_configuration.h"
#include "server/version.h"
#include "storage/redis/redis_signal.h"
#include "storage/sql/database.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;

constexpr std::chrono::milliseconds kStopTick{20};

HttpLimits limitsOf(const Configuration& configuration) {
  HttpLimits limits;
  limits.connections = static_cast<std::size_t>(configuration.integer("connections"));
  limits.streams = static_cast<std::size_t>(configuration.integer("streams"));
  limits.headerOctets = configuration.octets("header-octets");
  limits.headerFields = static_cast<std::size_t>(configuration.integer("header-fields"));
  limits.bodyMemory = configuration.octets("body-memory");
  limits.bodyRate = configuration.octets("body-rate");
  limits.keepAliveRequests = static_cast<std::size_t>(configuration.integer("keep-alive-requests"));
  limits.headerTime = configuration.duration("header-time");
  limits.bodyTime = configuration.duration("body-time");
  limits.writeTime = configuration.duration("write-time");
  limits.keepAliveTime = configuration.duration("keep-alive-time");
  return limits;
}

// Connections, database sessions, segments and logs need a descriptor each.
void raiseDescriptorLimit(std::size_t connections) {
  const rlim_t needed = connections + 256;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= needed) return;
  if (limit.rlim_max < needed) {
    throw Error(ErrorCode::kUsage, fmt::format("{} connections need {} file descriptors, the system allows {}: set "
                                               "connections lower or the limit higher",
                                               connections, needed, limit.rlim_max));
  }
  limit.rlim_cur = needed;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

Poco::Net::Context::Ptr tlsOf(const Configuration& configuration, Log& log) {
  const std::string& certificate = configuration.text("tls-certificate");
  const std::string& key = configuration.text("tls-key");
  if (!configuration.flag("tls")) return nullptr;
  if (certificate.empty() != key.empty()) {
    throw Error(ErrorCode::kUsage, "tls-certificate and tls-key belong together");
  }
  if (!certificate.empty()) return tlsContext({certificate, key});
  const TlsFiles files = developmentTls(dataFolder(configuration), configuration.text("listen"));
  log.warning("development_certificate", {{"certificate", files.certificate.string()},
                                          {"hint", "set tls-certificate and tls-key before others use the service"}});
  return tlsContext(files);
}

// "host:port", "[::1]:port"
std::pair<std::string, std::uint16_t> addressOf(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  const bool isPort = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos &&
                      std::stoi(port) <= 65535;
  if (!isPort) throw Error(ErrorCode::kUsage, "metrics-listen must be ADDRESS:PORT, not " + text);
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {host, static_cast<std::uint16_t>(std::stoi(port))};
}

Response getNumbers(Services& services, const Request&) {
  Response response;
  response.mediaType = "text/plain; version=0.0.4; charset=utf-8";
  response.body = services.metrics->text();
  return response;
}

}  // namespace

struct Application::State {
  explicit State(const Configuration& c)
      : configuration(c),
        log(Log::levelOf(c.text("log-level")), c.text("log-file")),
        database(databaseAddress(c)),
        documents(openDocuments(c, database)),
        redis(openRedis(c)),
        signing(signingSettings(c)),
        cabinet(cabinetOptions(c, database, signing)),
        batches(database, *documents, cabinet, signing, verificationAddress(c), core::now,
                c.integer("batch-shard-rows")),
        accounts(
            database, accountPolicyOf(c), [this] { return services.clock(); }, redis.get()) {
    services.configuration = &configuration;
    services.log = &log;
    services.metrics = &metrics;
    services.health = &health;
    services.database = &database;
    services.documents = documents.get();
    services.redis = redis.get();
    const auto& proxies = configuration.list("trusted-proxies");
    services.trustedProxies = {proxies.begin(), proxies.end()};
    health.addCheck("database", [this, opened = database.schemaVersion()] {
      const std::int64_t schema = database.schemaVersion();
      return schema == opened ? std::string()
                              : fmt::format("its schema is {}, this program works with {}", schema, opened);
    });
    services.publicUrl = configuration.text("public-url");
    services.signing = &signing;
    services.cabinet = &cabinet;
    services.batches = &batches;
    if (signing.isDevelopment()) {
      log.warning("signing", {{"what", signing.describe()}});
    } else {
      log.info("signing", {{"what", signing.describe()}});
    }
    services.accounts = &accounts;
    ceremony = std::make_unique<CeremonySetup>(services, signing, seals);
    if (!ceremony->standIns().empty()) {
      log.warning("development_providers", {{"which", ceremony->standIns()},
                                            {"hint", "nobody's identity is checked; set the providers' addresses"}});
    }
    services.authenticate = withCeremony(
        services, [this](const Request& request) { return authenticate(accounts, services.publicUrl, request); });
    evidence = std::make_unique<EvidenceRoom>(configuration, services);
    delivery = std::make_unique<DeliveryDesk>(
        configuration, services,
        CourtPressParts{database, *documents, cabinet, signing, verificationAddress(configuration)});
    startSweeping(database, services.clock());
    startJobs();
    delivery->startQueue();
    relay = evidence->startRelay();
    serve();  // handlers see `services` from here on: everything of it is set before
  }

  void serve() {
    raiseDescriptorLimit(static_cast<std::size_t>(configuration.integer("connections")));
    const auto threads = static_cast<std::size_t>(configuration.integer("threads"));
    const auto queue = static_cast<std::size_t>(configuration.integer("queue"));
    const Poco::Net::Context::Ptr tls = tlsOf(configuration, log);
    // Handlers see `services` from here on: everything of it is set before.
    chain = std::make_unique<Chain>(services, routes(), !tls.isNull(), threads, queue,
                                    configuration.duration("queue-time"));
    const auto port = static_cast<std::uint16_t>(configuration.integer("port"));
    server =
        std::make_unique<HttpServer>(chain->hooks(), limitsOf(configuration), configuration.text("listen"), port, tls);
    if (const std::string& listen = configuration.text("metrics-listen"); !listen.empty()) {
      const auto [host, metricsPort] = addressOf(listen);
      metricsChain = std::make_unique<Chain>(services,
                                             std::vector<Route>{{.method = "GET",
                                                                 .pattern = "/metrics",
                                                                 .operation = "getMetrics",
                                                                 .access = Access::kPublic,
                                                                 .handler = getNumbers,
                                                                 .largestBody = 0,
                                                                 .always = true}},
                                             false, 4, 4, std::chrono::seconds(1));
      HttpLimits limits;
      limits.connections = 16;
      metricsServer = std::make_unique<HttpServer>(metricsChain->hooks(), limits, host, metricsPort);
    }
    watchLoad();
    std::vector<Json::Member> facts = {{"url", server->url()}, {"version", kVersion}, {"database", database.name()}};
    if (metricsServer) facts.emplace_back("metrics", metricsServer->url());
    log.info("listening", std::move(facts));
  }

  void startJobs() {
    if (redis) signal = std::make_unique<storage::SignalSender>(wakeChannel());
    for (JobLane& lane : jobLanes(services)) {
      JobRunnerOptions options;
      options.threads = lane.threads;
      options.lease = configuration.duration("work-lease");
      options.onFault = [this](const std::string& kind, const std::string& subject, const std::string& message) {
        log.warning("job_fault", {{"kind", kind}, {"subject", subject}, {"reason", message}});
      };
      lanes.push_back(std::make_unique<JobRunner>(database, std::move(lane.kinds), std::move(options)));
    }
    services.wakeJobs = [this] {
      for (const auto& lane : lanes) lane->wake();
      if (signal) signal->send();
    };
    if (!redis) return;
    listener = std::make_unique<storage::SignalListener>(wakeChannel(), [this] {
      for (const auto& lane : lanes) lane->wake();
    });
  }

  // Nodes tell each other that there is work; without it they look four times a second.
  storage::SignalChannel wakeChannel() {
    return {redis->address(), "qianda:wake", node, [this](const std::string& reason) {
              log.warning("redis_away", {{"reason", reason}});
            }};
  }

  void watchLoad() {
    auto& open = metrics.gauge("qianda_http_connections", "Open connections");
    auto& idle = metrics.gauge("qianda_http_connections_idle", "Connections between two requests");
    auto& streams = metrics.gauge("qianda_http_streams", "Answers being streamed");
    const std::string name = "qianda_http_connections_total", help = "Connections by what became of them";
    auto& accepted = metrics.counter(name, help, {{"outcome", "accepted"}});
    auto& refused = metrics.counter(name, help, {{"outcome", "refused"}});  // answered 503
    auto& dropped = metrics.counter(name, help, {{"outcome", "dropped"}});  // closed without an answer
    auto& lost = metrics.counter("qianda_log_lines_lost_total", "Lines of the log that could not be written");
    collection = metrics.atCollection([&, this] {
      const HttpServer::Load load = server->load();
      open.Set(static_cast<double>(load.connections));
      idle.Set(static_cast<double>(load.idle));
      streams.Set(static_cast<double>(load.streams));
      accepted.Increment(static_cast<double>(load.accepted - load.refused - load.dropped) - accepted.Value());
      refused.Increment(static_cast<double>(load.refused) - refused.Value());
      dropped.Increment(static_cast<double>(load.dropped) - dropped.Value());
      lost.Increment(static_cast<double>(log.lost()) - lost.Value());
    });
  }

  ~State() { metrics.dropCollection(collection); }

  const Configuration& configuration;
  Log log;
  Metrics metrics;
  Health health;
  storage::Database database;
  std::unique_ptr<storage::DocumentStore> documents;
  const std::unique_ptr<storage::Redis> redis;
  const std::string node = core::DocumentId::random().text();  // of this process
  const SigningServices signing;
  contracts::SealCabinet cabinet;
  contracts::GrantedSeals seals{database, cabinet};
  BatchDesk batches;
  Accounts accounts;
  Services services;
  std::unique_ptr<CeremonySetup> ceremony;
  std::unique_ptr<EvidenceRoom> evidence;
  std::unique_ptr<DeliveryDesk> delivery;
  int collection = -1;
  std::unique_ptr<Chain> chain, metricsChain;
  std::unique_ptr<storage::SignalSender> signal;
  std::vector<std::unique_ptr<JobRunner>> lanes;      // signal
  std::unique_ptr<storage::SignalListener> listener;  // wakes the lanes
  std::unique_ptr<WebhookRelay> relay;                // wakes the lanes
  std::unique_ptr<HttpServer> server, metricsServer;
};

Application::Application(const Configuration& configuration) : state_(std::make_unique<State>(configuration)) {}

Application::~Application() = default;

std::string Application::url() const { return state_->server->url(); }

Services& Application::services() { return state_->services; }

bool Application::stop(const std::function<bool()>& hurry) {
  State& state = *state_;
  state.health.beginStop();
  state.log.info("stopping");
  const auto ready = Steady::now() + state.configuration.duration("shutdown-delay");
  while (Steady::now() < ready && !(hurry && hurry())) std::this_thread::sleep_for(kStopTick);
  const std::size_t cut = state.server->stop(state.configuration.duration("shutdown-grace"));
  state.delivery->stopQueue();
  for (const auto& lane : state.lanes) lane->stop();
  state.log.write(cut == 0 ? Log::Level::kInfo : Log::Level::kWarning, "stopped", {{"cut", std::uint64_t{cut}}});
  return cut == 0;
}

}  // namespace qianda::server
