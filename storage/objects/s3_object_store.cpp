#include "storage/objects/s3_object_store.h"

#include <cstring>
#include <functional>
#include <mutex>
#include <thread>

#include <Poco/Exception.h>
#include <Poco/URI.h>
#include <libs3.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;

// Later versions of libs3 sign with the region and take a time-out; both have defaults there.
#ifdef QIANDA_LIBS3_REGION
#define QIANDA_S3_TIMEOUT 0,
#else
#define QIANDA_S3_TIMEOUT
#endif

// What one request answered.
struct Outcome {
  S3Status status = S3StatusInternalError;
  std::string message;
  std::string octets;                     // received
  std::string_view send;                  // not sent yet
  std::optional<std::uint64_t> expected;  // octets to receive: libs3 takes an answer that is cut off for a whole one
  bool isShort() const { return expected && octets.size() != *expected; }
};

S3Status onProperties(const S3ResponseProperties*, void*) { return S3StatusOK; }

void onComplete(S3Status status, const S3ErrorDetails* details, void* data) {
  auto& outcome = *static_cast<Outcome*>(data);
  outcome.status = status;
  outcome.message = S3_get_status_name(status);
  if (details && details->message) outcome.message += std::string(": ") + details->message;
}

int onSend(int size, char* buffer, void* data) {
  auto& outcome = *static_cast<Outcome*>(data);
  const std::size_t count = std::min(static_cast<std::size_t>(size), outcome.send.size());
  std::memcpy(buffer, outcome.send.data(), count);
  outcome.send.remove_prefix(count);
  return static_cast<int>(count);
}

S3Status onReceive(int size, const char* buffer, void* data) {
  static_cast<Outcome*>(data)->octets.append(buffer, static_cast<std::size_t>(size));
  return S3StatusOK;
}

std::string md5Of(std::string_view octets) {
  std::uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (EVP_Digest(octets.data(), octets.size(), digest, &length, EVP_md5(), nullptr) != 1) {
    throw Error(ErrorCode::kSystem, "MD5 failed");
  }
  std::string text(25, '\0');
  text.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<std::uint8_t*>(text.data()), digest, static_cast<int>(length))));
  return text;
}

void initialize() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (S3_initialize("qianda", S3_INIT_ALL, nullptr) != S3StatusOK) throw Error(ErrorCode::kSystem, "libs3 failed");
  });
}

}  // namespace

S3Options parseS3Address(const std::string& address, const std::filesystem::path& keyFile) {
  const auto refuse = [&](const std::string& why) { return Error(ErrorCode::kUsage, why + ": " + address); };
  if (!address.starts_with("s3://")) throw refuse("an S3 address begins with s3://");
  S3Options options;
  try {
    const Poco::URI uri(address);
    options.bucket = uri.getHost();
    options.folder = uri.getPath().size() > 1 ? uri.getPath().substr(1) : "";
    if (!options.folder.empty() && !options.folder.ends_with('/')) options.folder += '/';
    for (const auto& [name, value] : uri.getQueryParameters()) {
      if (name == "host") {
        options.host = value;
      } else if (name == "style" && (value == "path" || value == "virtual")) {
        options.pathStyle = value == "path";
      } else if (name == "tls" && (value == "yes" || value == "no")) {
        options.tls = value == "yes";
      } else {
        throw refuse("\"" + name + "=" + value + "\" is no part of an S3 address");
      }
    }
  } catch (const Poco::Exception&) {
    throw refuse("not an address");
  }
  if (options.host.empty()) throw refuse("host=... is missing");
  struct stat status {};
  if (::stat(keyFile.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    throw Error(ErrorCode::kUsage, keyFile.string() + " must be readable for its owner alone (chmod 600)");
  }
  const std::string keys = core::readFile(keyFile, 4096);
  const std::size_t line = keys.find('\n');
  options.accessKey = core::trim(keys.substr(0, line));
  if (line != std::string::npos) options.secretKey = core::trim(std::string_view(keys).substr(line + 1));
  if (options.accessKey.empty() || options.secretKey.empty()) {
    throw Error(ErrorCode::kUsage, keyFile.string() + " must hold two lines: access key, secret key");
  }
  return options;
}

struct S3ObjectStore::State {
  explicit State(S3Options wanted) : options(std::move(wanted)) {
    context.hostName = options.host.c_str();
    context.bucketName = options.bucket.c_str();
    context.protocol = options.tls ? S3ProtocolHTTPS : S3ProtocolHTTP;
    context.uriStyle = options.pathStyle ? S3UriStylePath : S3UriStyleVirtualHost;
    context.accessKeyId = options.accessKey.c_str();
    context.secretAccessKey = options.secretKey.c_str();
  }

  // Runs `request` until it has an outcome that trying again would not change.
  Outcome run(const std::string& name, const std::function<void(Outcome&)>& request) const {
    for (int attempt = 1;; ++attempt) {
      Outcome outcome;
      request(outcome);
      if (outcome.status == S3StatusOK && !outcome.isShort()) return outcome;
      const std::string text = describe(name) + ": " + outcome.message;
      switch (outcome.status) {
        case S3StatusErrorNoSuchKey:
        case S3StatusHttpErrorNotFound:
          throw Error(ErrorCode::kNotFound, text, "the stored document is not there");
        case S3StatusErrorInvalidRange:
          throw Error(ErrorCode::kCorrupt, text, "the stored document is damaged");
        default:
          break;
      }
      const bool refused =
          outcome.status == S3StatusErrorAccessDenied || outcome.status == S3StatusErrorSignatureDoesNotMatch ||
          outcome.status == S3StatusErrorInvalidAccessKeyId || outcome.status == S3StatusErrorNoSuchBucket;
      if (outcome.isShort() && outcome.status == S3StatusOK && attempt >= options.tries) {
        throw Error(ErrorCode::kCorrupt, describe(name) + " is shorter than it was", "the stored document is damaged");
      }
      if (refused || attempt >= options.tries) {
        throw Error(ErrorCode::kUnavailable, text, "the document storage is not available");
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50 << attempt));
    }
  }

  std::string describe(const std::string& name) const {
    return "s3://" + options.bucket + "/" + options.folder + name + " at " + options.host;
  }

  const S3Options options;
  S3BucketContext context{};
};

S3ObjectStore::S3ObjectStore(S3Options options) {
  initialize();
  state_ = std::make_unique<State>(std::move(options));
  if (S3_validate_bucket_name(state_->options.bucket.c_str(), state_->context.uriStyle) != S3StatusOK) {
    throw Error(ErrorCode::kUsage, "\"" + state_->options.bucket + "\" cannot be the name of a bucket");
  }
  put("reachable", "qianda");
}

S3ObjectStore::~S3ObjectStore() = default;

void S3ObjectStore::put(const std::string& name, std::string_view octets) {
  const std::string key = state_->options.folder + name, md5 = md5Of(octets);
  S3PutProperties properties{};
  properties.contentType = "application/octet-stream";
  properties.md5 = md5.c_str();
  properties.expires = -1;
  S3PutObjectHandler handler{{onProperties, onComplete}, onSend};
  state_->run(name, [&](Outcome& outcome) {
    outcome.send = octets;
    S3_put_object(&state_->context, key.c_str(), octets.size(), &properties, nullptr, QIANDA_S3_TIMEOUT & handler,
                  &outcome);
  });
}

std::string S3ObjectStore::get(const std::string& name, std::uint64_t start, std::optional<std::uint64_t> length) {
  if (length == std::uint64_t{0}) return "";
  const std::string key = state_->options.folder + name;
  S3GetConditions conditions{-1, -1, nullptr, nullptr};
  S3GetObjectHandler handler{{onProperties, onComplete}, onReceive};
  return state_
      ->run(name,
            [&](Outcome& outcome) {
              outcome.expected = length;
              S3_get_object(&state_->context, key.c_str(), &conditions, start, length.value_or(0), nullptr,
                            QIANDA_S3_TIMEOUT & handler, &outcome);
            })
      .octets;
}

void S3ObjectStore::remove(const std::string& name) {
  const std::string key = state_->options.folder + name;
  S3ResponseHandler handler{onProperties, onComplete};
  try {
    state_->run(name, [&](Outcome& outcome) {
      S3_delete_object(&state_->context, key.c_str(), nullptr, QIANDA_S3_TIMEOUT & handler, &outcome);
    });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
  }
}

std::string S3ObjectStore::describe() const { return state_->describe(""); }

}  // namespace qianda::storage
