#include "clients/sdk/transport.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <fstream>
#include <random>
#include <thread>

#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/String.h>
#include <Poco/URI.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "clients/sdk/json_reader.h"
#include "qianda/client/error.h"
#include "qianda/client/version.h"

namespace qianda::client {
namespace {

using Clock = std::chrono::steady_clock;
using Poco::Net::Context;
using Poco::Net::HTTPResponse;

constexpr std::size_t kLargestAnswer = 256u << 20, kMostIdle = 4;
constexpr std::chrono::milliseconds kLongestIdle{4000}, kFirstPause{250};  // the service keeps them for 5 s

[[noreturn]] void refuseArgument(const std::string& reason) { throw Error(0, "argument", reason); }

bool isLoopback(const std::string& host) {
  if (host == "localhost") return true;
  Poco::Net::IPAddress address;
  return Poco::Net::IPAddress::tryParse(host, address) && address.isLoopback();
}

Origin originOf(const std::string& server) {
  Origin origin;
  Poco::URI uri;
  try {
    uri = server;
  } catch (const Poco::Exception&) {
    refuseArgument("\"" + server + "\" is no address of a server, https://HOST[:PORT]");
  }
  const bool isPlain = (uri.getPath().empty() || uri.getPath() == "/") && uri.getRawQuery().empty() &&
                       uri.getFragment().empty() && uri.getUserInfo().empty() && !uri.getHost().empty();
  if ((uri.getScheme() != "https" && uri.getScheme() != "http") || !isPlain) {
    refuseArgument("\"" + server + "\" is no address of a server, https://HOST[:PORT]");
  }
  origin.isSecure = uri.getScheme() == "https";
  origin.host = uri.getHost();
  origin.port = uri.getPort();
  origin.authority = uri.getAuthority();
  if (!origin.isSecure && !isLoopback(origin.host)) {
    refuseArgument("http:// would send the API key over the network in clear: use https://");
  }
  return origin;
}

// OpenSSL's own verdict, without the handlers that a program may have given Poco to overrule it.
Context::Ptr contextFor(const Origin& origin, const std::filesystem::path& authorities) {
  Context::Params params;
  params.caLocation = authorities.string();
  params.loadDefaultCAs = authorities.empty();
  params.verificationMode = Context::VERIFY_STRICT;
  try {
    Context::Ptr context = new Context(Context::TLS_CLIENT_USE, params);
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    context->enableExtendedCertificateVerification(true);
    SSL_CTX* ssl = context->sslContext();
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
    X509_VERIFY_PARAM* name = SSL_CTX_get0_param(ssl);
    Poco::Net::IPAddress address;
    const bool isSet = Poco::Net::IPAddress::tryParse(origin.host, address)
                           ? X509_VERIFY_PARAM_set1_ip_asc(name, origin.host.c_str()) == 1
                           : X509_VERIFY_PARAM_set1_host(name, origin.host.c_str(), origin.host.size()) == 1;
    if (!isSet) throw Poco::Net::NetException("OpenSSL does not take the name " + origin.host);
    return context;
  } catch (const Poco::Exception& error) {
    ERR_clear_error();
    throw Error(0, "file", "cannot read the trust anchors " + authorities.string() + ": " + error.displayText());
  }
}

bool isHeaderText(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= ' ' && c != 0x7F; });
}

std::chrono::seconds retryAfterOf(const HTTPResponse& head) {
  const std::string text = head.get("Retry-After", "");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool isNumber = error == std::errc() && end == text.data() + text.size() && seconds >= 0;
  return std::chrono::seconds(isNumber ? seconds : 0);
}

bool isPassing(const Error& error) {
  return error.code() == "unreachable" || error.status() == 429 || error.status() == 502 || error.status() == 503 ||
         error.status() == 504;
}

// Doubling, with a fifth of chance so that clients do not come back all at once; not before the service wants it.
std::chrono::milliseconds pauseBefore(int attempt, const Error& error) {
  static thread_local std::minstd_rand chance{std::random_device{}()};
  const auto own = kFirstPause * (1 << std::min(attempt - 1, 6));
  const auto spread = std::chrono::milliseconds(own.count() * static_cast<long>(chance() % 200) / 1000);
  return std::max<std::chrono::milliseconds>(own + spread, error.details().retryAfter);
}

// Beside the target and renamed at the end; nothing stays of a download that failed.
class PartFile {
 public:
  explicit PartFile(const std::filesystem::path& target) : target_(target) {
    static std::atomic<unsigned> number = 0;
    part_ = target;
    part_ += "." + std::to_string(::getpid()) + "-" + std::to_string(number++) + ".part";
  }
  ~PartFile() {
    std::error_code ignored;
    if (!isDone_) std::filesystem::remove(part_, ignored);
  }
  void begin() {
    octets_ = 0;
    out_.close();
    out_.clear();
    out_.open(part_, std::ios::binary | std::ios::trunc);
    check();
  }
  void write(std::string_view octets) {
    out_.write(octets.data(), static_cast<std::streamsize>(octets.size()));
    octets_ += octets.size();
    check();
  }
  Download finish() {
    out_.close();
    check();
    std::error_code failure;
    std::filesystem::rename(part_, target_, failure);
    if (failure) throw Error(0, "file", "cannot write " + target_.string() + ": " + failure.message());
    isDone_ = true;
    return {target_, octets_};
  }

 private:
  void check() {
    if (!out_) throw Error(0, "file", "cannot write " + part_.string());
  }
  std::filesystem::path target_, part_;
  std::ofstream out_;
  std::uint64_t octets_ = 0;
  bool isDone_ = false;
};

// A file's octets piece by piece.
Source sourceOf(const std::filesystem::path& file, std::uint64_t& length) {
  const auto in = std::make_shared<std::ifstream>(file, std::ios::binary | std::ios::ate);
  if (!*in || std::filesystem::is_directory(file)) throw Error(0, "file", "cannot read " + file.string());
  length = static_cast<std::uint64_t>(in->tellg());
  in->seekg(0);
  const auto piece = std::make_shared<std::string>();
  return [in, piece, file]() -> std::string_view {
    piece->resize(256 << 10);
    in->read(piece->data(), static_cast<std::streamsize>(piece->size()));
    if (in->bad()) throw Error(0, "file", "cannot read " + file.string());
    return std::string_view(*piece).substr(0, static_cast<std::size_t>(in->gcount()));
  };
}

}  // namespace

std::string encoded(const std::string& text) {
  std::string out;
  for (const unsigned char c : text) {
    if (std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += static_cast<char>(c);
    } else {
      constexpr char kDigits[] = "0123456789ABCDEF";
      out += {'%', kDigits[c >> 4], kDigits[c & 15]};
    }
  }
  return out;
}

std::string pathOf(const std::vector<std::string>& segments) {
  std::string path = "/api/v1";
  for (const std::string& segment : segments) {
    if (segment.empty() || segment == "." || segment == "..") refuseArgument("an id is empty");
    path += "/" + encoded(segment);
  }
  return path;
}

Transport::Transport(ClientOptions options) : options_(std::move(options)), origin_(originOf(options_.server)) {
  if (!isHeaderText(options_.apiKey)) refuseArgument("the API key has characters that no key has");
  if (options_.attempts < 1 || options_.connectTime.count() < 1 || options_.silence.count() < 1) {
    refuseArgument("attempts and times are at least 1");
  }
  Poco::Net::initializeSSL();
  if (origin_.isSecure) tls_ = contextFor(origin_, options_.authorities);
}

std::unique_ptr<Connection> Transport::takeIdle() {
  decltype(idle_) dropped;  // closed after the lock
  const std::lock_guard lock(mutex_);
  while (!idle_.empty()) {
    dropped.splice(dropped.begin(), idle_, std::prev(idle_.end()));
    auto& [since, connection] = dropped.front();
    if (Clock::now() - since < kLongestIdle && connection->isAlive()) return std::move(connection);
  }
  return nullptr;
}

std::unique_ptr<Connection> Transport::open() {
  return std::make_unique<Connection>(origin_, tls_, options_.connectTime, options_.silence);
}

WireRequest Transport::wireOf(const Call& call) const {
  WireRequest wire{call.method, call.path, call.headers, 0, nullptr};
  char separator = '?';
  for (const auto& [name, value] : call.query) {
    if (value.empty()) continue;
    wire.target += separator + encoded(name) + "=" + encoded(value);
    separator = '&';
  }
  wire.headers.emplace_back("User-Agent", "qianda-client/" QIANDA_CLIENT_VERSION);
  if (!options_.apiKey.empty()) wire.headers.emplace_back("Authorization", "Bearer " + options_.apiKey);
  if (!call.mediaType.empty()) wire.headers.emplace_back("Content-Type", call.mediaType);
  for (const auto& [name, value] : wire.headers) {
    if (!isHeaderText(value)) refuseArgument(name + " has characters that no header may have");
  }
  if (!call.bodyFile.empty()) {
    wire.body = sourceOf(call.bodyFile, wire.length);
  } else if (!call.body.empty()) {
    wire.length = call.body.size();
    wire.body = [&call, isSent = false]() mutable -> std::string_view {
      return std::exchange(isSent, true) ? std::string_view() : std::string_view(call.body);
    };
  }
  return wire;
}

Answer Transport::finish(std::unique_ptr<Connection> connection, const HTTPResponse& head,
                         const std::function<void()>& begin, const Sink& sink) {
  Answer answer;
  answer.status = head.getStatus();
  answer.isReplay = head.get("Idempotent-Replayed", "") == "true";
  const bool isSuccess = answer.status >= 200 && answer.status < 300;
  std::string refusal;
  if (isSuccess) begin();
  connection->readBody(
      head, isSuccess ? sink : [&refusal](std::string_view octets) {
        if (refusal.size() + octets.size() > kLargestAnswer)
          throw Error(0, "answer_malformed", "the answer is too large");
        refusal += octets;
      });
  if (connection->isReusable()) {
    const std::lock_guard lock(mutex_);
    idle_.emplace_back(Clock::now(), std::move(connection));
    if (idle_.size() > kMostIdle) idle_.pop_front();
  }
  if (!isSuccess) throw errorOf(answer.status, refusal, head.get("X-Request-Id", ""), retryAfterOf(head));
  return answer;
}

// A connection that was idle may be closed by the peer at the moment it is taken: then, if the call may be repeated, a
// fresh one; a call that may not gets a fresh one from the start.
Answer Transport::once(const Call& call, const std::function<void()>& begin, const Sink& sink) {
  const auto silence = call.silence.value_or(options_.silence);
  if (auto kept = call.isRepeatable ? takeIdle() : nullptr) {
    std::optional<HTTPResponse> head;
    try {
      head = kept->ask(wireOf(call), silence);
    } catch (const Error& error) {
      if (error.code() != "unreachable" || kept->hasAnswerBegun()) throw;
    }
    if (head) return finish(std::move(kept), *head, begin, sink);
  }
  const WireRequest wire = wireOf(call);  // what is wrong with the call is found before anybody is asked
  auto fresh = open();
  const HTTPResponse head = fresh->ask(wire, silence);
  return finish(std::move(fresh), head, begin, sink);
}

Answer Transport::stream(const Call& call, const std::function<void()>& begin, const Sink& sink) {
  for (int attempt = 1;; ++attempt) {
    try {
      return once(call, begin, sink);
    } catch (const Error& error) {
      if (!call.isRepeatable || attempt >= options_.attempts || !isPassing(error)) throw;
      const auto pause = pauseBefore(attempt, error);
      if (pause > options_.longestWait) throw;
      std::this_thread::sleep_for(pause);
    }
  }
}

Answer Transport::ask(const Call& call) {
  std::string body;
  Answer answer = stream(
      call, [&body] { body.clear(); },
      [&body](std::string_view octets) {
        if (body.size() + octets.size() > kLargestAnswer) throw Error(0, "answer_malformed", "the answer is too large");
        body += octets;
      });
  answer.body = std::move(body);
  return answer;
}

Download Transport::download(const std::string& path, const std::filesystem::path& file) {
  PartFile part(file);
  Call call;
  call.path = path;
  call.isRepeatable = true;
  stream(
      call, [&part] { part.begin(); }, [&part](std::string_view octets) { part.write(octets); });
  return part.finish();
}

Client::Client(ClientOptions options) : transport_(std::make_unique<Transport>(std::move(options))) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

}  // namespace qianda::client
