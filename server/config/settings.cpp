#include "server/config/settings.h"

namespace qianda::server {

const std::vector<Setting>& settings() {
  using enum SettingKind;
  constexpr std::int64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute;
  constexpr std::int64_t kKiB = 1024, kMiB = 1024 * kKiB, kGiB = 1024 * kMiB;
  static const std::vector<Setting> kSettings = {
      {"listen", kText, "127.0.0.1", "Address to listen on"},
      {"port", kInteger, "8443", "Port; 0 takes a free one, the first line of output tells which", 0, 65535},
      {"public-url", kText, "", "Where clients find the service, \"https://sign.example.cn\"; empty: where it listens"},
      {"data-folder", kText, "qianda-data", "Folder of documents, the SQLite database and development keys"},
      {"database",
       kText,
       "",
       "\"sqlite:/path\" or \"postgresql://user:password@host/name\"; empty: SQLite in the data folder",
       0,
       INT64_MAX,
       {},
       true},

      {"documents", kText, "",
       "\"s3://bucket/folder?host=name:port\" (style=path or virtual, tls=yes or no); empty: files in the data folder"},
      {"documents-key-file", kText, "", "File with the access key and the secret key of that storage, one a line"},

      {"tls", kBoolean, "true", "Speak TLS; plain HTTP only behind a proxy on the same machine"},
      {"tls-certificate", kText, "", "PEM file, the server's certificate first; empty: a development certificate"},
      {"tls-key", kText, "", "PEM file of its private key"},
      {"trusted-proxies", kList, "", "Addresses of proxies whose X-Forwarded-For is believed when it names the client"},

      {"threads", kInteger, "32", "Requests handled at once", 1, 1024},
      {"queue", kInteger, "256", "Requests that may wait for a thread; more are answered 503", 0, 100000},
      {"queue-time", kDuration, "10s", "Longest wait for a thread, then 503", 1, kHour},
      {"connections", kInteger, "1024", "Connections open at once; idle ones make room for new ones", 8, 32768},
      {"streams", kInteger, "256", "Answers streamed at once (progress events, archives)", 1, 32768},
      {"header-octets", kOctets, "32KiB", "Largest request line and header", 1 * kKiB, 1 * kMiB},
      {"header-fields", kInteger, "100", "Most header fields of a request", 10, 100},
      {"body-memory", kOctets, "512MiB", "Memory for the bodies of all requests together", 1 * kMiB, 64 * kGiB},
      {"header-time", kDuration, "10s", "Longest time for a TLS handshake and a request's header", 100, kHour},
      {"body-time", kDuration, "20s", "Longest time for a request's body beyond what body-rate allows", 100, kHour},
      {"body-rate", kOctets, "16KiB", "Octets a second that a slow client must send", 1, 1 * kGiB},
      {"write-time", kDuration, "30s", "Longest time for a client to take 64 KiB of an answer", 100, kHour},
      {"keep-alive-time", kDuration, "5s", "How long an idle connection is kept", 1, kHour},
      {"keep-alive-requests", kInteger, "1000", "Requests on one connection", 1, 1000000},
      {"shutdown-grace", kDuration, "30s", "How long a stop waits for requests under way", 0, kHour},
      {"shutdown-delay", kDuration, "0s", "How long readiness is refused before a stop closes the port", 0, kHour},

      {"metrics-listen", kText, "", "\"127.0.0.1:9090\": /metrics by plain HTTP here and nowhere else"},
      {"log-level",
       kChoice,
       "info",
       "Least level that is written",
       0,
       INT64_MAX,
       {"debug", "info", "warning", "error"}},
      {"log-file", kText, "", "File the log is appended to; empty: standard error"},

      {"outbound-private", kList, "",
       "Private addresses the service may connect to: \"host\" or \"host:port\" (time stamps, webhooks, providers)"},
  };
  return kSettings;
}

}  // namespace qianda::server
