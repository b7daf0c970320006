// A remote key against services that lie, break and hang; its addresses and messages.
#include "server/outbound/remote_key.h"

#include <condition_variable>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "server/outbound/remote_protocol.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"
#include "tests/support/http_server.h"

namespace qianda::server {
namespace {

using core::Bytes;
using core::Error;
using core::ErrorCode;
using namespace std::chrono_literals;
using test::Heard;
using test::HttpServer;
using test::Said;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const signing::Credential& own() {
  static const auto made = signing::makeThrowawayCredential("p256", "珠海示例科技有限公司");
  return made.credential;
}
const signing::Credential& others() {
  static const auto made = signing::makeThrowawayCredential("p256", "他人有限公司");
  return made.credential;
}

Said json(const Bytes& body, int status = 200) {
  return {status, "application/json", std::string(body.begin(), body.end())};
}

RemoteInfo infoOf(const signing::Credential& credential) {
  RemoteInfo info{{"1.2.840.10045.2.1", "1.2.840.10045.4.3.2"}, 256, {credential.certificate}, 64, true};
  info.certificates.insert(info.certificates.end(), credential.chain.begin(), credential.chain.end());
  return info;
}

Said signedBy(const signing::Credential& credential, const Heard& heard) {
  std::vector<Bytes> signatures;
  for (const Bytes& hash : readRemoteSignQuestion(core::viewOf(heard.body)).hashes) {
    credential.key->signDigest(hash, signatures.emplace_back());
  }
  return json(writeRemoteSignatures(signatures));
}

bool isForSignature(const Heard& heard) { return heard.path == "/csc/v2/signatures/signHash"; }

// An honest service but for what `sign` makes of a request to sign.
HttpServer::Answer serving(std::function<Said(const Heard&)> sign) {
  return [sign](const Heard& heard) { return isForSignature(heard) ? sign(heard) : json(writeRemote(infoOf(own()))); };
}

signing::Credential load(const HttpServer& server, const RemoteLimits& limits = {}) {
  return loadRemoteCredential({server.url("/csc/v2"), "seal", "", ""}, "the-token", limits);
}

std::string messageOf(const std::function<void()>& action, ErrorCode code) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_THAT(error.what(), Not(HasSubstr("the-token")));
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

Bytes signOnce(const signing::Credential& credential, std::uint8_t fill = 7) {
  Bytes signature;
  credential.key->signDigest(Bytes(32, fill), signature);
  return signature;
}

std::string refusalOf(std::function<Said(const Heard&)> sign, ErrorCode code, const RemoteLimits& limits = {}) {
  const HttpServer server(serving(std::move(sign)));
  const signing::Credential credential = load(server, limits);
  const std::string message = messageOf([&] { signOnce(credential); }, code);
  EXPECT_THAT(message, HasSubstr(server.url("/csc/v2")));
  return message;
}

TEST(RemoteKey, SignsWithTheChainAndTheNamesOfItsCertificate) {
  const HttpServer server(serving([](const Heard& heard) {
    EXPECT_EQ(heard.authorization, "Bearer the-token");
    EXPECT_EQ(heard.contentType, "application/json");
    const RemoteSignQuestion question = readRemoteSignQuestion(core::viewOf(heard.body));
    EXPECT_EQ(question.credential, "seal");
    EXPECT_EQ(question.signAlgo, "1.2.840.10045.4.3.2");
    EXPECT_EQ(question.hashAlgo, "2.16.840.1.101.3.4.2.1");
    return signedBy(own(), heard);
  }));
  const signing::Credential credential = load(server);
  EXPECT_EQ(credential.certificate, own().certificate);
  EXPECT_EQ(credential.chain, own().chain);
  EXPECT_EQ(credential.subjectName, "珠海示例科技有限公司");
  EXPECT_EQ(credential.key->name(), "P-256");
  EXPECT_GT(credential.key->concurrency(), 1u);
  EXPECT_FALSE(signOnce(credential).empty());
}

TEST(RemoteKey, NoSignatureIsUsedThatItsCertificateDoesNotVerify) {
  EXPECT_THAT(refusalOf([](const Heard& heard) { return signedBy(others(), heard); }, ErrorCode::kUnavailable),
              HasSubstr("does not verify"));
  const auto altered = [](const std::function<void(Bytes&)>& alter) {
    return [alter](const Heard& heard) {
      auto signatures = readRemoteSignatures(core::viewOf(signedBy(own(), heard).body));
      alter(signatures[0]);
      return json(writeRemoteSignatures(signatures));
    };
  };
  EXPECT_THAT(refusalOf(altered([](Bytes& s) { s[s.size() / 2] ^= 1; }), ErrorCode::kUnavailable), HasSubstr("verify"));
  EXPECT_THAT(refusalOf(altered([](Bytes& s) { s.pop_back(); }), ErrorCode::kUnavailable), HasSubstr("verify"));
  EXPECT_THAT(refusalOf(altered([](Bytes& s) { s.push_back(0); }), ErrorCode::kUnavailable), HasSubstr("verify"));
  EXPECT_THAT(refusalOf(altered([](Bytes& s) { s.assign(100'000, 0); }), ErrorCode::kUnavailable), HasSubstr("verify"));
  // A good signature, but of another digest.
  EXPECT_THAT(refusalOf(
                  [](const Heard&) {
                    std::vector<Bytes> signatures(1);
                    own().key->signDigest(Bytes(32, 8), signatures[0]);
                    return json(writeRemoteSignatures(signatures));
                  },
                  ErrorCode::kUnavailable),
              HasSubstr("verify"));
}

TEST(RemoteKey, BrokenAnswersAreNoSignatures) {
  for (const char* body : {"", "[]", "{}", "{\"signatures\":[]}", "{\"signatures\":[\"AAAA\",\"AAAA\"]}",
                           "{\"signatures\":[7]}", "{\"signatures\":[\"A\"]}", "{\"signatures\":[\"AA", "null"}) {
    EXPECT_THAT(refusalOf(
                    [&](const Heard&) {
                      return Said{200, "application/json", body};
                    },
                    ErrorCode::kUnavailable),
                HasSubstr("cannot be used"))
        << body;
  }
  const auto cut = [](const Heard& heard) {
    Said said = signedBy(own(), heard);
    said.body.resize(said.body.size() / 2);
    return said;
  };
  refusalOf(cut, ErrorCode::kUnavailable);
  EXPECT_THAT(refusalOf(
                  [](const Heard&) {
                    return Said{200, "application/json", std::string(2 << 20, ' ')};
                  },
                  ErrorCode::kUnavailable),
              HasSubstr("larger"));
}

TEST(RemoteKey, AConnectionThatEndsInTheMiddleIsUnavailable) {
  const std::string info = json(writeRemote(infoOf(own()))).body;
  const test::RawServer server([&](Poco::Net::StreamSocket& client, int) {
    for (int request = 0; request < 2; ++request) {
      test::RawServer::hear(client);
      const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: ";
      test::RawServer::say(client, request == 0 ? head + std::to_string(info.size()) + "\r\n\r\n" + info
                                                : head + "500\r\n\r\n{\"signatures\":[\"AAAA");
    }
  });
  const signing::Credential credential = loadRemoteCredential({server.url("/csc"), "seal", "", ""}, "the-token");
  messageOf([&] { signOnce(credential); }, ErrorCode::kUnavailable);
}

TEST(RemoteKey, AServiceThatHangsIsUnavailable) {
  RemoteLimits limits;
  limits.timeout = 300ms;
  EXPECT_THAT(refusalOf(
                  [](const Heard& heard) {
                    Said said = signedBy(own(), heard);
                    said.delay = 1500ms;
                    return said;
                  },
                  ErrorCode::kUnavailable, limits),
              HasSubstr("in time"));
}

TEST(RemoteKey, FailuresAreUnavailableAndRefusalsAreNamed) {
  const auto said = [](int status, const Bytes& body = {}) {
    return [status, body](const Heard&) { return json(body, status); };
  };
  for (const int status : {301, 408, 429, 500, 503}) {
    EXPECT_THAT(refusalOf(said(status), ErrorCode::kUnavailable), HasSubstr(std::to_string(status)));
  }
  const Bytes reason = writeRemoteError("invalid_request", "quota \x1b[31mused up\n");
  EXPECT_THAT(refusalOf(said(400, reason), ErrorCode::kInvalidInput),
              AllOf(HasSubstr("\"seal\""), HasSubstr("invalid_request"), HasSubstr("used up"), Not(HasSubstr("\x1b"))));
  EXPECT_THAT(refusalOf(said(404), ErrorCode::kInvalidInput), HasSubstr("404"));
}

TEST(RemoteKey, ARefusedAuthorisationIsNotTriedAgain) {
  for (const int status : {401, 403}) {
    std::atomic<int> asked = 0;
    const HttpServer server(serving([&](const Heard&) {
      ++asked;
      return json(writeRemoteError("access_denied", "revoked"), status);
    }));
    const signing::Credential credential = load(server);
    EXPECT_THAT(messageOf([&] { signOnce(credential); }, ErrorCode::kInvalidInput), HasSubstr("access_denied"));
    EXPECT_THAT(messageOf([&] { signOnce(credential); }, ErrorCode::kInvalidInput), HasSubstr("not asked again"));
    EXPECT_EQ(asked, 1);
  }
}

TEST(RemoteKey, AFailureIsForgottenWhenTheServiceSignsAgain) {
  std::atomic<bool> isWell = false;
  const HttpServer server(serving([&](const Heard& heard) { return isWell ? signedBy(own(), heard) : json({}, 503); }));
  const signing::Credential credential = load(server);
  messageOf([&] { signOnce(credential); }, ErrorCode::kUnavailable);
  isWell = true;
  EXPECT_FALSE(signOnce(credential).empty());
}

// Each request is answered only when all four are there.
TEST(RemoteKey, ManyRequestsAreUnderWayAtOnce) {
  constexpr int kThreads = 4;
  std::mutex mutex;
  std::condition_variable changed;
  int present = 0;
  const HttpServer server(serving([&](const Heard& heard) {
    std::unique_lock lock(mutex);
    ++present;
    changed.notify_all();
    return changed.wait_for(lock, 60s, [&] { return present >= kThreads; }) ? signedBy(own(), heard) : json({}, 503);
  }));
  RemoteLimits limits;
  limits.timeout = 120s;
  limits.requests = kThreads;
  const signing::Credential credential = load(server, limits);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      try {
        signOnce(credential, static_cast<std::uint8_t>(t));
      } catch (const Error& error) {
        ADD_FAILURE() << error.what();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(present, kThreads);
}

// One request at a time: what waits goes out together, never more than the service takes, and everybody gets the
// signature of their own digest (another's would not verify).
TEST(RemoteKey, DigestsThatWaitGoOutTogether) {
  constexpr std::size_t kMost = 3;
  constexpr int kThreads = 8;
  std::atomic<std::size_t> largest = 0, hashes = 0;
  std::atomic<int> present = 0;
  const HttpServer server([&](const Heard& heard) {
    if (!isForSignature(heard)) {
      RemoteInfo info = infoOf(own());
      info.mostHashes = kMost;
      return json(writeRemote(info));
    }
    EXPECT_EQ(++present, 1);
    const std::size_t count = readRemoteSignQuestion(core::viewOf(heard.body)).hashes.size();
    largest = std::max<std::size_t>(largest, count);
    hashes += count;
    Said said = signedBy(own(), heard);
    --present;
    return said;
  });
  RemoteLimits limits;
  limits.requests = 1;
  const signing::Credential credential = load(server, limits);
  std::size_t asked = 0;
  for (int round = 0; round < 100 && largest < kMost; ++round, asked += kThreads * 10) {
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        try {
          for (int i = 0; i < 10; ++i) signOnce(credential, static_cast<std::uint8_t>(t * 10 + i));
        } catch (const Error& error) {
          ADD_FAILURE() << error.what();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(largest, kMost);
  EXPECT_EQ(hashes, asked);
}

TEST(RemoteKey, RefusesUnusableCredentials) {
  const auto refused = [](const RemoteInfo& info, ErrorCode code) {
    const HttpServer server([&](const Heard&) { return json(writeRemote(info)); });
    return messageOf([&] { load(server); }, code);
  };
  RemoteInfo info = infoOf(own());
  info.isUsable = false;
  EXPECT_THAT(refused(info, ErrorCode::kInvalidInput), HasSubstr("disabled"));
  info = infoOf(own());
  info.algorithms = {"1.2.840.113549.1.1.11"};
  EXPECT_THAT(refused(info, ErrorCode::kUnsupported), HasSubstr("P-256"));
  info = infoOf(own());
  info.certificates = {Bytes{1, 2, 3}};
  EXPECT_THAT(refused(info, ErrorCode::kUnavailable), HasSubstr("certificate"));
  const HttpServer silent([](const Heard&) { return Said{200, "application/json", "{\"key\":{}}"}; });
  EXPECT_THAT(messageOf([&] { load(silent); }, ErrorCode::kUnavailable), HasSubstr("\"cert\" is missing"));
}

TEST(RemoteKey, ReadsAddresses) {
  const RemoteAddress address = parseRemoteAddress(
      "remote:https://Signer.example.com:8443/csc/v2/?credential=seal%201+a&authorities=/etc/ca.pem&token-file=/run/t");
  EXPECT_THAT(address.base, testing::EndsWith(":8443/csc/v2"));
  EXPECT_EQ(address.credential, "seal 1+a");
  EXPECT_EQ(address.authorities, "/etc/ca.pem");
  EXPECT_EQ(address.tokenFile, "/run/t");
  for (const char* good : {"remote:http://127.0.0.1:1/x?credential=a", "remote:http://localhost/?credential=a",
                           "remote:http://[::1]:8/?credential=a", "remote:https://10.0.0.1?credential=a"}) {
    EXPECT_EQ(parseRemoteAddress(good).credential, "a") << good;
  }
  for (const char* bad :
       {"", "pkcs11:x", "remote:", "remote:https://", "remote:https://host/x", "remote:ftp://h/?credential=a",
        "remote:https://host/?credential=", "remote:https://host/?credential=a&colour=red",
        "remote:https://user:word@host/?credential=a", "remote:https://host/?credential=a#b",
        "remote:host?credential=a", "remote:https://ho st/?credential=a"}) {
    messageOf([&] { parseRemoteAddress(bad); }, ErrorCode::kUsage);
  }
  for (const char* plain :
       {"remote:http://signer.example.com/?credential=a", "remote:http://10.0.0.1/?credential=a",
        "remote:http://localhost.example.com/?credential=a", "remote:http://127.0.0.1.example.com/?credential=a"}) {
    EXPECT_THAT(messageOf([&] { parseRemoteAddress(plain); }, ErrorCode::kUsage), HasSubstr("https"));
  }
  EXPECT_THAT(
      messageOf([] { parseRemoteAddress("remote:https://h/?credential=a&token=the-token"); }, ErrorCode::kUsage),
      HasSubstr("token"));
}

TEST(RemoteProtocol, MessagesComeBackAsTheyWere) {
  const RemoteSignQuestion question = readRemoteSignQuestion(
      writeRemote(RemoteSignQuestion{"a \"b\" 印", {Bytes{1}, Bytes{1, 2}, Bytes(3, 0xFF)}, "1.2", "1.3"}));
  EXPECT_EQ(question.credential, "a \"b\" 印");
  EXPECT_THAT(question.hashes, ElementsAre(Bytes{1}, Bytes{1, 2}, Bytes(3, 0xFF)));
  EXPECT_EQ(question.hashAlgo, "1.2");
  EXPECT_EQ(question.signAlgo, "1.3");
  const RemoteInfo info = readRemoteInfo(writeRemote(RemoteInfo{{"1.2", "1.3"}, 2048, {Bytes{9}, Bytes{8}}, 12, true}));
  EXPECT_THAT(info.algorithms, ElementsAre("1.2", "1.3"));
  EXPECT_EQ(info.bits, 2048u);
  EXPECT_THAT(info.certificates, ElementsAre(Bytes{9}, Bytes{8}));
  EXPECT_EQ(info.mostHashes, 12u);
  EXPECT_TRUE(info.isUsable);
}

// The answer of another maker's service, abridged from the form that the specification gives.
TEST(RemoteProtocol, ReadsWhatOtherServicesWrite) {
  const RemoteInfo info = readRemoteInfo(
      core::viewOf(R"({"description":"x","key":{"status":"enabled","algo":["1.2.840.113549.1.1.1"],"len":2048},)"
                   R"("cert":{"status":"valid","certificates":["MAA="],"issuerDN":"CN=x","validTo":"20300101000000Z"},)"
                   R"("auth":{"mode":"oauth2code"},"SCAL":"1","multisign":5,"lang":"en-US"})"));
  EXPECT_EQ(info.mostHashes, 5u);
  EXPECT_TRUE(info.isUsable);
  for (const char* unusable :
       {R"({"key":{"status":"disabled","algo":["1"]},"cert":{"certificates":["MAA="]}})",
        R"({"key":{"status":"enabled","algo":["1"]},"cert":{"status":"revoked","certificates":["MAA="]}})"}) {
    EXPECT_FALSE(readRemoteInfo(core::viewOf(unusable)).isUsable);
  }
  EXPECT_EQ(readRemoteError(core::viewOf("no JSON")), "");
  EXPECT_EQ(readRemoteError(core::viewOf(R"({"error":"a","error_description":"b"})")), "a (b)");
  EXPECT_LE(readRemoteError(writeRemoteError(std::string(1000, 'x'), "y")).size(), 300u);
}

}  // namespace
}  // namespace qianda::server
