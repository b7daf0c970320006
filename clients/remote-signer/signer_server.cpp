#include "clients/remote-signer/signer_server.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/ThreadPool.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "core/error.h"
#include "server/outbound/remote_protocol.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"

namespace qianda::remote_signer {
namespace {

using core::Bytes;
using core::Error;
using core::ErrorCode;
using Poco::Net::HTTPResponse;
using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;

constexpr std::size_t kLargestBody = 256 << 10;
constexpr std::streamsize kLargestWaste = 4 << 20;
constexpr int kQueued = 256;
constexpr std::string_view kBase = "/csc/v2";
const Poco::Timespan kSilence(10, 0);  // longest wait for the next octets of a request
const Poco::Timespan kIdle(60, 0);

struct Refusal {
  HTTPResponse::HTTPStatus status;
  const char* error;
  std::string description;
};

[[noreturn]] void refuse(const std::string& description) {
  throw Refusal{HTTPResponse::HTTP_BAD_REQUEST, "invalid_request", description};
}

class Signer {
 public:
  Signer(std::map<std::string, signing::Credential> credentials, const SignerOptions& options)
      : credentials_(std::move(credentials)),
        authorization_(digestOf("Bearer " + options.token)),
        mostHashes_(options.mostHashes) {}

  // Compared as digests, so that the time it takes says nothing of the token.
  bool knows(const std::string& authorization) const {
    return CRYPTO_memcmp(digestOf(authorization).data(), authorization_.data(), authorization_.size()) == 0;
  }

  Bytes info(const Bytes& body) const {
    const signing::Credential& credential = find(server::readRemoteInfoQuestion(body).credential);
    const auto& algorithm = server::remoteAlgorithm(credential.key->kind(), credential.key->digest());
    server::RemoteInfo info;
    info.algorithms = {std::string(algorithm.keyAlgo), std::string(algorithm.signAlgo)};
    info.certificates = credential.chain;
    info.certificates.insert(info.certificates.begin(), credential.certificate);
    const signing::X509Handle certificate = signing::parseCertificate(credential.certificate);
    info.bits = static_cast<std::size_t>(EVP_PKEY_get_bits(X509_get0_pubkey(certificate.get())));
    info.mostHashes = mostHashes_;
    return server::writeRemote(info);
  }

  Bytes sign(const Bytes& body) const {
    const server::RemoteSignQuestion question = server::readRemoteSignQuestion(body);
    const signing::SigningKey& key = *find(question.credential).key;
    const auto& algorithm = server::remoteAlgorithm(key.kind(), key.digest());
    if (question.signAlgo != algorithm.signAlgo && question.signAlgo != algorithm.keyAlgo) {
      refuse("Invalid parameter signAlgo");
    }
    const bool isNamed = !question.hashAlgo.empty();
    if (isNamed ? question.hashAlgo != algorithm.hashAlgo : question.signAlgo != algorithm.signAlgo) {
      refuse("Invalid parameter hashAlgorithmOID");
    }
    if (question.hashes.size() > mostHashes_) refuse("Too many hashes");
    std::vector<Bytes> signatures;
    for (const Bytes& hash : question.hashes) {
      if (hash.size() != algorithm.hashSize) refuse("Invalid length of a hash");
      key.signDigest(hash, signatures.emplace_back());
    }
    return server::writeRemoteSignatures(signatures);
  }

 private:
  static Bytes digestOf(const std::string& text) {
    return signing::digestOf(signing::DigestAlgorithm::kSha256, core::viewOf(text));
  }
  const signing::Credential& find(const std::string& name) const {
    const auto found = credentials_.find(name);
    if (found == credentials_.end()) refuse("Invalid parameter credentialID");
    return found->second;
  }

  const std::map<std::string, signing::Credential> credentials_;
  const Bytes authorization_;
  const std::size_t mostHashes_;
};

struct Method {
  std::string_view path;  // below kBase
  Bytes (Signer::*answer)(const Bytes& body) const;
};
constexpr Method kMethods[] = {{"/credentials/info", &Signer::info}, {"/signatures/signHash", &Signer::sign}};

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
  explicit Handler(const Signer& signer) : signer_(signer) {}

  void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
    Bytes octets;
    try {
      octets = answer(request);
    } catch (const Refusal& refusal) {
      response.setStatusAndReason(refusal.status);
      if (refusal.status == HTTPResponse::HTTP_UNAUTHORIZED) response.set("WWW-Authenticate", "Bearer");
      if (refusal.status == HTTPResponse::HTTP_REQUEST_ENTITY_TOO_LARGE) response.setKeepAlive(false);
      octets = server::writeRemoteError(refusal.error, refusal.description);
    } catch (const std::exception&) {
      response.setStatusAndReason(HTTPResponse::HTTP_INTERNAL_SERVER_ERROR);
      octets = server::writeRemoteError("server_error", "The request cannot be answered now");
    }
    response.setContentType("application/json");
    response.sendBuffer(octets.data(), octets.size());
  }

 private:
  // The body is read to its end: what is left of it would be taken for the next request, and a connection closed over
  // it takes the answer along. After kLargestWaste octets too many that is just what happens.
  Bytes answer(HTTPServerRequest& request) const {
    Bytes body(kLargestBody + 1);
    request.stream().read(reinterpret_cast<char*>(body.data()), static_cast<std::streamsize>(body.size()));
    body.resize(static_cast<std::size_t>(request.stream().gcount()));
    if (body.size() > kLargestBody) {
      request.stream().ignore(kLargestWaste);
      throw Refusal{HTTPResponse::HTTP_REQUEST_ENTITY_TOO_LARGE, "invalid_request", "The request is too large"};
    }
    if (!signer_.knows(request.get("Authorization", ""))) {
      throw Refusal{HTTPResponse::HTTP_UNAUTHORIZED, "invalid_token", "The access token is not valid"};
    }
    for (const Method& method : kMethods) {
      if (request.getURI() != std::string(kBase).append(method.path)) continue;
      if (request.getMethod() != "POST") {
        throw Refusal{HTTPResponse::HTTP_METHOD_NOT_ALLOWED, "invalid_request", "POST is the method"};
      }
      try {
        return (signer_.*method.answer)(body);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kInvalidInput) throw;
        refuse(error.what());
      }
    }
    throw Refusal{HTTPResponse::HTTP_NOT_FOUND, "invalid_request", "No such method"};
  }

  const Signer& signer_;
};

class Factory : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  explicit Factory(std::shared_ptr<const Signer> signer) : signer_(std::move(signer)) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override {
    return new Handler(*signer_);
  }

 private:
  const std::shared_ptr<const Signer> signer_;
};

Poco::Net::Context::Ptr makeTls(const SignerOptions& options) {
  try {
    Poco::Net::initializeSSL();
    Poco::Net::Context::Ptr context =
        new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, options.key, options.certificate, "");
    context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
    return context;
  } catch (const Poco::Exception& error) {
    ERR_clear_error();
    throw Error(ErrorCode::kInvalidInput, "the TLS certificate or its key cannot be used: " + error.displayText());
  }
}

Poco::Net::ServerSocket listenOn(const SignerOptions& options) {
  const bool isSecure = !options.certificate.empty();
  try {
    const Poco::Net::SocketAddress address(options.bind, options.port);
    if (!isSecure && !address.host().isLoopback()) {
      throw Error(ErrorCode::kUsage, "a remote signer beyond this machine needs a TLS certificate");
    }
    Poco::Net::ServerSocket socket =
        isSecure ? Poco::Net::SecureServerSocket(makeTls(options)) : Poco::Net::ServerSocket();
    socket.bind(address, true, false);  // SO_REUSEPORT would share a taken port in silence
    socket.listen(kQueued);
    return socket;
  } catch (const Poco::Exception& error) {
    throw Error(ErrorCode::kUnavailable, "cannot listen on " + options.bind + " port " + std::to_string(options.port) +
                                             ": " + error.displayText());
  }
}

Poco::Net::HTTPServerParams::Ptr parametersOf(const SignerOptions& options) {
  Poco::Net::HTTPServerParams::Ptr parameters = new Poco::Net::HTTPServerParams;
  parameters->setMaxThreads(options.threads);
  parameters->setMaxQueued(kQueued);
  parameters->setTimeout(kSilence);
  parameters->setKeepAlive(true);
  parameters->setKeepAliveTimeout(kIdle);
  return parameters;
}

}  // namespace

struct SignerServer::State {
  const bool isSecure;
  Poco::ThreadPool threads;
  Poco::Net::HTTPServer server;

  State(std::shared_ptr<const Signer> signer, const SignerOptions& options)
      : isSecure(!options.certificate.empty()),
        threads(2, std::max(2, options.threads) + 1),  // one of them accepts
        server(new Factory(std::move(signer)), threads, listenOn(options), parametersOf(options)) {}
};

SignerServer::SignerServer(std::map<std::string, signing::Credential> credentials, const SignerOptions& options)
    : state_(std::make_unique<State>(std::make_shared<const Signer>(std::move(credentials), options), options)) {
  state_->server.start();
}

SignerServer::~SignerServer() {
  state_->server.stopAll(true);
  state_->threads.joinAll();
}

std::string SignerServer::url() const {
  return (state_->isSecure ? "https://" : "http://") + state_->server.socket().address().toString() +
         std::string(kBase);
}

}  // namespace qianda::remote_signer
