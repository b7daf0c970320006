#include "server/outbound/remote_key.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include <Poco/String.h>
#include <Poco/URI.h>
#include <openssl/crypto.h>

#include "server/outbound/address_policy.h"
#include "server/outbound/http_client.h"
#include "server/outbound/remote_protocol.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"

namespace qianda::server {
namespace {

using core::Bytes;
using core::BytesView;
using core::Error;
using core::ErrorCode;

constexpr std::size_t kLargestAnswer = std::size_t{1} << 20;
constexpr unsigned kMostSingle = 16;   // requests under way at once, with one digest each
constexpr unsigned kMostCombined = 4;  // with several
constexpr unsigned kShare = 8;         // digests that may well wait for a request of several

OutboundPolicy policyOf(const RemoteAddress& address, const RemoteLimits& limits) {
  OutboundPolicy policy;
  policy.hosts = {parseTarget(address.base).authority};
  policy.privateAddresses = true;
  policy.largestAnswer = kLargestAnswer;
  policy.timeout = limits.timeout;
  policy.connections = std::max(kMostSingle, limits.requests);
  policy.authorities = address.authorities;
  return policy;
}

// One credential at one service: asks, and makes of every other answer than a good one an Error.
class RemoteService {
 public:
  RemoteService(RemoteAddress address, std::string_view token, const RemoteLimits& limits)
      : address_(std::move(address)), authorization_("Bearer "), client_(policyOf(address_, limits)) {
    authorization_ += token;
  }
  ~RemoteService() { OPENSSL_cleanse(authorization_.data(), authorization_.size()); }
  RemoteService(const RemoteService&) = delete;
  RemoteService& operator=(const RemoteService&) = delete;

  const std::string& credential() const { return address_.credential; }

  template <typename Read>
  auto ask(const char* method, Bytes body, Read read) const {
    if (isRefused_) refuse("refused before and not asked again");
    HttpRequest request{"POST",
                        address_.base + method,
                        {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
                        std::move(body)};
    request.headers.emplace_back("Authorization", authorization_);
    const HttpAnswer answer = client_.send(request);
    OPENSSL_cleanse(request.headers.back().second.data(), request.headers.back().second.size());
    if (answer.status != 200) failFor(answer);
    try {
      return read(answer.body);
    } catch (const Error& error) {
      fail("its answer cannot be used: " + std::string(error.what()));
    }
  }

  [[noreturn]] void refuse(const std::string& reason) const {
    throw Error(ErrorCode::kInvalidInput,
                "the remote signer " + address_.base + " refuses \"" + credential() + "\": " + reason,
                "the remote signer refuses the key");
  }
  [[noreturn]] void fail(const std::string& reason) const {
    throw Error(ErrorCode::kUnavailable,
                "the remote signer " + address_.base + " gives no signature by \"" + credential() + "\": " + reason,
                "the remote signer gives no signature");
  }

 private:
  [[noreturn]] void failFor(const HttpAnswer& answer) const {
    std::string reason = readRemoteError(answer.body);
    const std::string status = "HTTP status " + std::to_string(answer.status);
    reason = reason.empty() ? status : reason + ", " + status;
    constexpr int kTimeout = 408, kTooMany = 429;
    const bool isRefusal =
        answer.status >= 400 && answer.status < 500 && answer.status != kTimeout && answer.status != kTooMany;
    if (!isRefusal) fail(reason);
    if (answer.status == 401 || answer.status == 403) isRefused_ = true;
    refuse(reason);
  }

  const RemoteAddress address_;
  std::string authorization_;
  const HttpClient client_;
  mutable std::atomic<bool> isRefused_ = false;
};

class RemoteKey : public signing::SigningKey {
 public:
  RemoteKey(std::shared_ptr<const RemoteService> service, signing::X509Handle certificate, signing::KeyFacts facts,
            std::string signAlgo, const RemoteLimits& limits, std::size_t mostHashes)
      : service_(std::move(service)),
        certificate_(std::move(certificate)),
        publicKey_(X509_get0_pubkey(certificate_.get())),
        facts_(std::move(facts)),
        algorithm_(remoteAlgorithm(facts_.kind, facts_.digest)),
        signAlgo_(std::move(signAlgo)),
        mostHashes_(mostHashes),
        mostRequests_(limits.requests > 0 ? limits.requests
                      : mostHashes > 1    ? kMostCombined
                                          : kMostSingle) {}

  signing::KeyKind kind() const override { return facts_.kind; }
  std::string name() const override { return facts_.name; }
  signing::DigestAlgorithm digest() const override { return facts_.digest; }
  std::size_t maxSignatureSize() const override { return static_cast<std::size_t>(EVP_PKEY_get_size(publicKey_)); }
  unsigned concurrency() const override { return mostHashes_ > 1 ? mostRequests_ * kShare : mostRequests_; }

  std::size_t signDigest(BytesView digest, Bytes& signature) const override {
    if (digest.size() != algorithm_.hashSize) {
      throw Error(ErrorCode::kInvalidInput, "a " + facts_.name + " key was given a digest of the wrong length");
    }
    Job job;
    job.digest.assign(digest.begin(), digest.end());
    {
      std::unique_lock lock(mutex_);
      waiting_.push_back(&job);
      while (!job.isDone) {
        if (underWay_ < mostRequests_ && !job.isTaken) {
          sendSome(lock);
        } else {
          job.changed.wait(lock);
        }
      }
    }
    if (job.error) throw *job.error;
    if (job.signature.size() > maxSignatureSize() ||
        !signing::verifiesDigest(publicKey_, facts_.digest, digest, job.signature)) {
      service_->fail("it returned a signature that the key of its certificate does not verify");
    }
    signature = std::move(job.signature);
    return signature.size();
  }

 private:
  struct Job {
    Bytes digest, signature;
    std::optional<Error> error;
    bool isTaken = false, isDone = false;
    std::condition_variable changed;
  };

  void sendSome(std::unique_lock<std::mutex>& lock) const {
    const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), mostHashes_));
    const std::vector<Job*> jobs(waiting_.begin(), waiting_.begin() + count);
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    for (Job* job : jobs) job->isTaken = true;
    ++underWay_;
    lock.unlock();
    RemoteSignQuestion question{service_->credential(), {}, std::string(algorithm_.hashAlgo), signAlgo_};
    for (const Job* job : jobs) question.hashes.push_back(job->digest);
    std::vector<Bytes> signatures;
    std::optional<Error> error;
    try {
      signatures = service_->ask("/signatures/signHash", writeRemote(question), [&](BytesView body) {
        auto read = readRemoteSignatures(body);
        if (read.size() != jobs.size()) throw Error(ErrorCode::kInvalidInput, "not as many signatures as hashes");
        return read;
      });
    } catch (const Error& caught) {
      error = caught;
    } catch (const std::exception& caught) {
      error = Error(ErrorCode::kSystem, caught.what());
    }
    lock.lock();
    --underWay_;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (error) {
        jobs[i]->error = error;
      } else {
        jobs[i]->signature = std::move(signatures[i]);
      }
      jobs[i]->isDone = true;
      jobs[i]->changed.notify_one();
    }
    if (!waiting_.empty()) waiting_.front()->changed.notify_one();
  }

  const std::shared_ptr<const RemoteService> service_;
  const signing::X509Handle certificate_;
  EVP_PKEY* const publicKey_;
  const signing::KeyFacts facts_;
  const RemoteAlgorithm& algorithm_;
  const std::string signAlgo_;
  const std::size_t mostHashes_;
  const unsigned mostRequests_;
  mutable std::mutex mutex_;
  mutable std::deque<Job*> waiting_;
  mutable unsigned underWay_ = 0;
};

bool isThisMachine(const std::string& host) {
  Poco::Net::IPAddress address;
  return host == "localhost" || (Poco::Net::IPAddress::tryParse(host, address) && address.isLoopback());
}

}  // namespace

RemoteAddress parseRemoteAddress(std::string_view text) {
  const auto refuse = [](const std::string& reason) {
    throw Error(ErrorCode::kUsage, "the address of a remote key " + reason);
  };
  if (!text.starts_with(kRemoteScheme)) refuse("begins with remote:");
  RemoteAddress address;
  try {
    Poco::URI uri(std::string(text.substr(kRemoteScheme.size())));
    uri.setRawQuery(Poco::replace(uri.getRawQuery(), "+", "%2B"));  // a plus is a plus
    for (const auto& [name, value] : uri.getQueryParameters()) {
      if (name == "token") refuse("must not hold the token: everyone on the machine can read it");
      std::string* known = name == "credential"    ? &address.credential
                           : name == "authorities" ? &address.authorities
                           : name == "token-file"  ? &address.tokenFile
                                                   : nullptr;
      if (!known) refuse("knows no parameter \"" + name + "\"");
      *known = value;
    }
    if (!uri.getFragment().empty()) refuse("has no fragment");
    uri.setRawQuery("");
    address.base = uri.toString();
    while (address.base.ends_with('/')) address.base.pop_back();
    const Target target = parseTarget(address.base);
    if (!target.isSecure && !isThisMachine(target.host)) refuse("needs https: digests and the token would be readable");
  } catch (const Poco::Exception&) {
    refuse("is remote:https://host/path?credential=ID");
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kUsage) throw;
    refuse(std::string("is remote:https://host/path?credential=ID: ") + error.what());
  }
  if (address.credential.empty()) refuse("needs credential=ID");
  return address;
}

signing::Credential loadRemoteCredential(const RemoteAddress& address, std::string_view token,
                                         const RemoteLimits& limits) {
  if (token.empty()) throw Error(ErrorCode::kUsage, "the bearer token of the remote signer is empty");
  const auto service = std::make_shared<RemoteService>(address, token, limits);
  RemoteInfo info = service->ask("/credentials/info", writeRemote(RemoteInfoQuestion{address.credential}),
                                 [](BytesView body) { return readRemoteInfo(body); });
  if (!info.isUsable) service->refuse("the key is disabled, or its certificate not valid");
  signing::X509Handle certificate = signing::findCertificate(info.certificates[0]);
  EVP_PKEY* publicKey = certificate ? X509_get0_pubkey(certificate.get()) : nullptr;
  if (!publicKey) {
    signing::takeOpensslErrors();
    service->fail("its certificate cannot be read");
  }
  signing::KeyFacts facts = signing::describeKey(publicKey);
  const RemoteAlgorithm& algorithm = remoteAlgorithm(facts.kind, facts.digest);
  const auto lists = [&](std::string_view name) {
    return std::find(info.algorithms.begin(), info.algorithms.end(), name) != info.algorithms.end();
  };
  const std::string_view signAlgo = lists(algorithm.signAlgo) ? algorithm.signAlgo : algorithm.keyAlgo;
  if (!lists(signAlgo)) {
    throw Error(ErrorCode::kUnsupported, "the remote signer " + address.base + " signs with \"" + address.credential +
                                             "\" by no algorithm that goes with its " + facts.name + " key");
  }
  auto key = std::make_shared<RemoteKey>(service, std::move(certificate), std::move(facts), std::string(signAlgo),
                                         limits, std::min(info.mostHashes, limits.hashes));
  auto chain = signing::orderChain(info.certificates[0], info.certificates);
  return signing::makeCredential(std::move(key), std::move(info.certificates[0]), std::move(chain));
}

}  // namespace qianda::server
