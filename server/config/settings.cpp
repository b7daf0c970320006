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

      {"session-idle-time", kDuration, "30m", "A user's session ends when it is not used for so long", kMinute,
       24 * kHour},
      {"session-longest-time", kDuration, "12h", "A user's session ends after this time in any case", kMinute,
       30 * 24 * kHour},
      {"password-memory", kOctets, "64MiB", "Memory of one Argon2id hashing of a password", 8 * kMiB, 4 * kGiB},
      {"password-passes", kInteger, "3", "Passes of one Argon2id hashing", 1, 100},
      {"password-hashings", kInteger, "4", "Passwords hashed at once; others wait", 1, 64},
      {"login-rate", kInteger, "30", "Logins and codes a minute from one address; a third of it to one account", 3,
       1000000},
      {"key-rate", kInteger, "6000", "Requests a minute by one API key", 1, 100000000},

      {"batch-shard-rows", kInteger, "20000",
       "Rows of a batch that a node takes at once; a larger one is made by several nodes together", 100, 100000},
      {"work-lease", kDuration, "15s", "How long the work of a node that died waits before another one takes it",
       kSecond, kHour},

      {"metrics-listen", kText, "", "\"127.0.0.1:9090\": /metrics by plain HTTP here and nowhere else"},
      {"log-level",
       kChoice,
       "info",
       "Least level that is written",
       0,
       INT64_MAX,
       {"debug", "info", "warning", "error"}},
      {"log-file", kText, "", "File the log is appended to; empty: standard error"},

      {"authority-folder", kText, "",
       "Folder of the authority that issues certificates (`qianda ca init`); empty: a development PKI in the data "
       "folder"},
      {"authority-pass-file", kText, "", "File with its passphrase; empty: the file `passphrase` in it"},
      {"issuer-command", kList, "", "Command that issues certificates instead: the program, then its arguments"},
      {"timestamp-url", kText, "", "Timestamp authority (RFC 3161); empty: the certificate authority's own"},
      {"timestamp-policy", kText, "", "Policy to ask it for, a dotted identifier"},
      {"trust", kList, "", "PEM or DER files of further trust anchors"},
      {"revocation-online", kBoolean, "false", "Ask what certificates name (OCSP, CRL) at public addresses"},
      {"revocation-hosts", kList, "", "Ask only these hosts, wherever they are: \"host\" or \"host:port\""},
      {"level", kChoice, "B-T", "Level of every signature (ETSI EN 319 142-1)", 0, INT64_MAX, {"B-T", "B-LT", "B-LTA"}},
      {"seal-keys", kList, "",
       "Keys for seals on tokens or at remote signers: NAME=pkcs11:... or NAME=remote:..., with their PIN or token "
       "file"},
      {"redis",
       kText,
       "",
       "\"redis://[[user:]password@]host[:port][/database]\", \"unix:/path\", \"sentinel://...\" or \"cluster://...\" "
       "(docs/postal-queue.md): nodes wake each other, share the limits of requests and the index of the postal queue; "
       "empty: each has its own, and looks at the database",
       0,
       INT64_MAX,
       {},
       true},
      {"secret-file", kText, "",
       "File with the passphrase that seal keys in the database are encrypted under, the same on every node; empty: "
       "one of its own in the data folder"},
      {"verification-address", kText, "",
       "Before the number of a document in its QR code, upper case: \"HTTPS://SIGN.EXAMPLE.CN/V/\""},

      {"postal-partners", kText, "",
       "File of the postal partners (docs/postal-partners.md); empty: nothing is sent by post"},
      {"postal-threads", kInteger, "4", "Calls to postal partners at once, of this node", 1, 64},
      {"postal-shards", kInteger, "16", "Streams of the postal queue, the same number on all nodes", 1, 256},
      {"postal-timeout", kDuration, "8s", "Longest wait for a postal partner; a stop waits for calls under way", 100,
       2 * kMinute},
      {"postal-unknown-wait", kDuration, "3m",
       "An order of unknown fate counts as absent when the partner says so and this time has passed; longer than any "
       "call lasts",
       0, kHour},
      {"postal-poll", kDuration, "30m", "Between two looks at a parcel under way", kSecond, 24 * kHour},
      {"postal-authorities", kText, "", "PEM file of TLS trust anchors for postal partners; empty: the system's"},

      {"outbound-private", kList, "",
       "Private addresses the service may connect to: \"host\" or \"host:port\" (time stamps, webhooks, providers)"},

      {"development-providers", kBoolean, "true",
       "Stand-ins where no provider is set: codes, links and notices go to a file in the data folder, nothing is "
       "checked"},
      {"sms-url", kText, "", "Provider of SMS codes (docs/ceremony.md)"},
      {"identity-url", kText, "", "Provider that checks name, identity number and phone"},
      {"face-url", kText, "", "Provider that compares faces"},
      {"notice-url", kText, "", "Provider that delivers invitations, reminders and copies"},
      {"provider-key-id", kText, "", "Name of the key that signs what is asked of the providers"},
      {"provider-key-file", kText, "", "File with that key"},
      {"provider-timeout", kDuration, "10s", "Longest wait for a provider", 100, kMinute},
      {"ceremony-face", kBoolean, "false", "Workers show their face before they sign"},
      {"ceremony-willingness-code", kBoolean, "false", "The will to sign is declared by a code instead of typed words"},
      {"ceremony-reading-per-page", kDuration, "1s", "Least time of reading, for each page", 0, kHour},
      {"link-lifetime", kDuration, "72h", "How long a signing link is good", kMinute, 90 * 24 * kHour},
      {"envelope-deadline", kDuration, "30d", "After which what is not signed expires", kHour, 366 * 24 * kHour},
      {"reminder-interval", kDuration, "2d", "Between reminders, five at most", kMinute, 90 * 24 * kHour},
      {"erasure-notice", kDuration, "30d", "Between telling the persons that a contract will be erased and erasing it",
       kSecond, 366 * 24 * kHour},

      {"platform-key", kText, "",
       "PKCS#12 file the service signs evidence with; empty: one of its own in the data folder"},
      {"platform-pass-file", kText, "", "File with its passphrase; empty: `passphrase` beside it"},
      {"platform-name", kText, "签达 Qianda", "Name on the certificate of a key of its own"},
      {"anchor-interval", kDuration, "1h", "Time between two anchors of the audit log", kSecond, 24 * kHour},
      {"webhook-http", kBoolean, "false", "Webhook addresses may begin with http://"},
      {"webhook-authorities", kText, "", "PEM file of TLS trust anchors for webhooks; empty: the system's"},
  };
  return kSettings;
}

}  // namespace qianda::server
