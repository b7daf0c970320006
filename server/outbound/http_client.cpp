#include "server/outbound/http_client.h"

#include <algorithm>
#include <csignal>
#include <list>
#include <mutex>

#include <Poco/Exception.h>
#include <Poco/Net/NetSSL.h>
#include <openssl/err.h>

#include "core/error.h"
#include "server/outbound/http_connection.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;
using Clock = std::chrono::steady_clock;
using Poco::Net::Context;

constexpr auto kLongestIdle = std::chrono::seconds(30);

// A write to a connection the peer closed must be an error, not the end of the process (TLS writes know no flag for
// it).
void ignoreBrokenPipes() {
  struct sigaction present {};
  if (::sigaction(SIGPIPE, nullptr, &present) == 0 && present.sa_handler == SIG_DFL) ::signal(SIGPIPE, SIG_IGN);
}

Context::Ptr makeContext(const OutboundPolicy& policy) {
  Context::Params params;
  params.caLocation = policy.authorities;
  params.loadDefaultCAs = policy.authorities.empty();
  params.verificationMode = Context::VERIFY_STRICT;
  try {
    Context::Ptr context = new Context(Context::TLS_CLIENT_USE, params);
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    context->enableExtendedCertificateVerification(true);
    return context;
  } catch (const Poco::Exception& error) {
    ERR_clear_error();
    throw Error(ErrorCode::kInvalidInput,
                "cannot read the trust anchors " + policy.authorities + ": " + error.displayText());
  }
}

void check(const HttpRequest& request) {
  const auto isToken = [](const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
      return std::isalnum(c) ||
             std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
    });
  };
  bool isGood = isToken(request.method);
  for (const auto& [name, value] : request.headers) {
    isGood = isGood && isToken(name) && std::all_of(value.begin(), value.end(), [](unsigned char c) {
               return c == '\t' || (c >= ' ' && c != 0x7F);
             });
  }
  if (!isGood) throw Error(ErrorCode::kInvalidInput, "a request with a method or a header that HTTP does not allow");
}

struct Idle {
  std::string origin;
  std::unique_ptr<HttpConnection> connection;
  Clock::time_point since;
};

}  // namespace

struct HttpClient::State {
  OutboundPolicy policy;
  std::once_flag tlsOnce;
  Context::Ptr tls;
  std::mutex mutex;
  std::list<Idle> idle;  // the longest idle first

  // Null when none of that origin is usable.
  std::unique_ptr<HttpConnection> takeIdle(const std::string& origin) {
    std::list<Idle> dropped;  // closed after the lock
    const std::lock_guard lock(mutex);
    while (!idle.empty() && Clock::now() - idle.front().since > kLongestIdle) {
      dropped.splice(dropped.end(), idle, idle.begin());
    }
    for (auto at = idle.end(); at != idle.begin();) {
      if ((--at)->origin != origin) continue;
      dropped.splice(dropped.begin(), idle, at);
      if (dropped.front().connection->isAlive()) return std::move(dropped.front().connection);
      at = idle.end();
    }
    return nullptr;
  }

  void keep(const std::string& origin, std::unique_ptr<HttpConnection> connection) {
    std::list<Idle> dropped;
    const std::lock_guard lock(mutex);
    idle.push_back({origin, std::move(connection), Clock::now()});
    if (idle.size() > policy.connections) dropped.splice(dropped.end(), idle, idle.begin());
  }

  std::unique_ptr<HttpConnection> connect(const Target& target, Deadline deadline) {
    const auto addresses = resolve(target, policy, deadline);
    if (target.isSecure) std::call_once(tlsOnce, [this] { tls = makeContext(policy); });
    return std::make_unique<HttpConnection>(addresses, target, target.isSecure ? tls : nullptr, deadline);
  }

  HttpAnswer exchange(const HttpRequest& request, const Target& target, Deadline deadline) {
    const std::string origin = (target.isSecure ? "https://" : "http://") + target.authority;
    std::unique_ptr<HttpConnection> connection = takeIdle(origin);
    HttpAnswer answer;
    const auto ask = [&] { answer = connection->exchange(request, target, policy.largestAnswer, deadline); };
    bool isAnswered = false;
    if (connection) {
      // The peer may have closed an idle connection at the moment it was taken: only then, once, on a fresh one.
      try {
        ask();
        isAnswered = true;
      } catch (const std::exception&) {
        if (connection->hasAnswerBegun() || Clock::now() >= deadline) throw;
        ERR_clear_error();
      }
    }
    if (!isAnswered) {
      connection = connect(target, deadline);
      ask();
    }
    if (connection->isReusable()) keep(origin, std::move(connection));
    return answer;
  }
};

HttpClient::HttpClient(OutboundPolicy policy) : state_(std::make_unique<State>()) {
  static std::once_flag once;
  std::call_once(once, [] {
    Poco::Net::initializeSSL();
    ignoreBrokenPipes();
  });
  state_->policy = std::move(policy);
}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::send(const HttpRequest& request) const {
  check(request);
  const Target target = parseTarget(request.url);
  const Deadline deadline = Clock::now() + state_->policy.timeout;
  const std::string what = request.method + " " + target.shown + ": ";
  try {
    checkHost(target, state_->policy);
    return state_->exchange(request, target, deadline);
  } catch (const Error& error) {
    throw Error(error.code(), what + error.what(), "an outside service cannot be asked");
  } catch (const Poco::Exception& error) {
    ERR_clear_error();
    throw Error(ErrorCode::kUnavailable, what + error.displayText(), "an outside service does not answer");
  }
}

}  // namespace qianda::server
