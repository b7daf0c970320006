// Keys at the reference remote signer, a program of its own behind TLS.
#include "tests/support/remote_signer.h"

#include <algorithm>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "server/outbound/remote_key.h"
#include "signing/keys/sm2.h"
#include "tests/support/error_of.h"
#include "tests/support/self_signed.h"

namespace qianda::server {
namespace {

using core::Bytes;
using core::Error;
using core::ErrorCode;
using test::messageOf;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kKinds[] = {"rsa2048", "p256", "p384", "sm2"};

const test::TempFolder& keys() {
  static const test::TempFolder folder;
  static const bool made = [] {
    for (const char* kind : kKinds) test::writeSelfSigned(folder.path(), kind);
    return true;
  }();
  (void)made;
  return folder;
}

class RemoteSignerTest : public testing::TestWithParam<const char*> {
 protected:
  signing::Credential load(const std::string& credential) const {
    return loadRemoteCredential(parseRemoteAddress(signer_.addressOf(credential)), signer_.token());
  }
  static Bytes digestFor(const signing::Credential& credential, int fill) {
    return Bytes(static_cast<std::size_t>(EVP_MD_get_size(signing::opensslDigest(credential.key->digest()))),
                 static_cast<std::uint8_t>(fill));
  }
  static bool signs(const signing::Credential& credential, int fill = 7) {
    const Bytes digest = digestFor(credential, fill);
    Bytes signature;
    const std::size_t size = credential.key->signDigest(digest, signature);
    const signing::X509Handle certificate = signing::parseCertificate(credential.certificate);
    return size == signature.size() &&
           signing::verifiesDigest(X509_get0_pubkey(certificate.get()), credential.key->digest(), digest, signature);
  }
  // HTTP status of a request that curl makes.
  std::string curl(const std::string& path, const std::string& body, std::vector<std::string> more = {}) const {
    const test::TempFolder folder;
    core::writeFile(folder / "body", body);
    std::vector<std::string> arguments{"curl",
                                       "-sS",
                                       "--cacert",
                                       signer_.authorities(),
                                       "-o",
                                       folder / "answer",
                                       "-w",
                                       "%{http_code} ",
                                       "--data-binary",
                                       "@" + (folder / "body").string(),
                                       signer_.url() + path};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const test::Output done = test::run(arguments);
    return done.out + done.err + core::readFile(folder / "answer");
  }
  std::vector<std::string> authorized() const { return {"-H", "Authorization: Bearer " + signer_.token()}; }

  test::RemoteSigner signer_{keys().path()};
};
INSTANTIATE_TEST_SUITE_P(Server, RemoteSignerTest, testing::ValuesIn(kKinds),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(RemoteSignerTest, SignsWhatItsCertificateVerifies) {
  const signing::Credential credential = load(GetParam());
  EXPECT_EQ(credential.subjectName, GetParam());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(signs(credential, i));
  Bytes signature;
  messageOf([&] { credential.key->signDigest(Bytes(20), signature); }, ErrorCode::kInvalidInput);
  EXPECT_EQ(signer_.stop(), 0);
}

// openssl judges what curl fetched; another digest's signature is no good.
TEST_P(RemoteSignerTest, OpensslVerifiesWhatCurlFetched) {
  const struct {
    std::string kind, algorithm;
    std::vector<std::string> options;
  } known[] = {
      {"rsa2048", "1.2.840.113549.1.1.11", {"-pkeyopt", "digest:sha256"}},
      {"p256", "1.2.840.10045.4.3.2", {"-pkeyopt", "digest:sha256"}},
      {"p384", "1.2.840.10045.4.3.3", {"-pkeyopt", "digest:sha384"}},
      {"sm2", "1.2.156.10197.1.501", {"-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"}},
  };
  const std::string kind = GetParam();
  const auto& row = *std::find_if(std::begin(known), std::end(known), [&](const auto& k) { return k.kind == kind; });
  const test::TempFolder folder;
  const std::string pem = keys() / (kind + ".pem"), message = "a contract";
  Bytes digest;
  if (kind == "sm2") {  // openssl hashes Z || message itself
    const Bytes der = signing::readPemCertificates(core::readFile(pem)).at(0);
    digest = signing::sm2IdentityDigest(X509_get0_pubkey(signing::parseCertificate(der).get()));
    digest.insert(digest.end(), message.begin(), message.end());
    digest = signing::digestOf(signing::DigestAlgorithm::kSm3, digest);
    core::writeFile(folder / "input", message);
  } else {
    digest = signing::digestOf(kind == "p384" ? signing::DigestAlgorithm::kSha384 : signing::DigestAlgorithm::kSha256,
                               core::viewOf(message));
    core::writeFile(folder / "input", core::textOf(digest));
  }
  core::writeFile(folder / "digest", core::textOf(digest));
  core::writeFile(folder / "other", std::string(digest.size(), 'x'));
  const std::string hash = test::run({"openssl", "base64", "-A", "-in", folder / "digest"}).out;
  const std::string answer =
      curl("/signatures/signHash",
           R"({"credentialID":")" + kind + R"(","hashes":[")" + hash + R"("],"signAlgo":")" + row.algorithm + R"("})",
           authorized());
  ASSERT_THAT(answer, testing::StartsWith(R"(200 {"signatures":[")"));
  const std::size_t begin = answer.find('[') + 2;
  core::writeFile(folder / "base64", answer.substr(begin, answer.find('"', begin) - begin) + "\n");
  ASSERT_EQ(test::run({"openssl", "base64", "-d", "-A", "-in", folder / "base64", "-out", folder / "signature"}).status,
            0);
  const auto verify = [&](const char* input) {
    std::vector<std::string> arguments{"openssl", "pkeyutl", "-verify",      "-certin",  "-inkey",
                                       pem,       "-in",     folder / input, "-sigfile", folder / "signature"};
    arguments.insert(arguments.end(), row.options.begin(), row.options.end());
    const test::Output done = test::run(arguments);
    return done.out + done.err;
  };
  EXPECT_THAT(verify("input"), HasSubstr("Verified Successfully"));
  EXPECT_THAT(verify("other"), HasSubstr("Failure"));
}

class RemoteSigner : public RemoteSignerTest {};
INSTANTIATE_TEST_SUITE_P(Server, RemoteSigner, testing::Values("p256"),
                         [](const auto&) { return std::string("p256"); });

TEST_P(RemoteSigner, SignsForManyThreads) {
  const signing::Credential p256 = load("p256"), rsa = load("rsa2048");
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        try {
          good += signs(t % 2 ? p256 : rsa, t * 25 + i);
        } catch (const Error& error) {
          ADD_FAILURE() << error.what();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 200);
}

TEST_P(RemoteSigner, NamesWhatItRefuses) {
  const RemoteAddress address = parseRemoteAddress(signer_.addressOf("p256"));
  EXPECT_THAT(
      messageOf([&] { loadRemoteCredential(address, "wrong-token"); }, ErrorCode::kInvalidInput),
      AllOf(HasSubstr("\"p256\""), HasSubstr("invalid_token"), HasSubstr("401"), Not(HasSubstr("wrong-token"))));
  EXPECT_THAT(messageOf([&] { load("nobody"); }, ErrorCode::kInvalidInput),
              AllOf(HasSubstr("\"nobody\""), HasSubstr("credentialID")));
  messageOf([&] { loadRemoteCredential(address, ""); }, ErrorCode::kUsage);
  RemoteAddress elsewhere = address;
  elsewhere.base += "/elsewhere";
  EXPECT_THAT(messageOf([&] { loadRemoteCredential(elsewhere, signer_.token()); }, ErrorCode::kInvalidInput),
              HasSubstr("404"));
}

TEST_P(RemoteSigner, TrustsNoCertificateButThatOfItsAuthorities) {
  RemoteAddress address = parseRemoteAddress(signer_.addressOf("p256"));
  address.authorities.clear();
  messageOf([&] { loadRemoteCredential(address, signer_.token()); }, ErrorCode::kUnavailable);
  const test::TempFolder folder;
  test::makeTlsCertificate(folder);
  address.authorities = folder / "tls.crt";
  messageOf([&] { loadRemoteCredential(address, signer_.token()); }, ErrorCode::kUnavailable);
}

TEST_P(RemoteSigner, SignsAgainAfterTheServiceCameBack) {
  const signing::Credential credential = load("p256");
  EXPECT_TRUE(signs(credential));
  signer_.stop();
  for (int i = 0; i < 2; ++i) messageOf([&] { signs(credential); }, ErrorCode::kUnavailable);
  signer_.start();
  EXPECT_TRUE(signs(credential));
}

TEST_P(RemoteSigner, RefusesWhatTheInterfaceDoesNotAllow) {
  const auto ask = [&](const std::string& body) { return curl("/signatures/signHash", body, authorized()); };
  const std::string hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  const auto question = [&](const std::string& hashes, const std::string& algorithm) {
    return R"({"credentialID":"p256","hashes":[)" + hashes + R"(],"signAlgo":")" + algorithm + R"("})";
  };
  const std::string quoted = '"' + hash + '"', good = "1.2.840.10045.4.3.2";
  EXPECT_THAT(ask(question(quoted, good)), testing::StartsWith("200"));
  EXPECT_THAT(ask(question(quoted, "1.2.840.113549.1.1.11")), AllOf(HasSubstr("400"), HasSubstr("signAlgo")));
  EXPECT_THAT(ask(question(quoted, "1.2.840.10045.2.1")), AllOf(HasSubstr("400"), HasSubstr("hashAlgorithmOID")));
  EXPECT_THAT(ask(question("\"AAAA\"", good)), AllOf(HasSubstr("400"), HasSubstr("length")));
  EXPECT_THAT(ask(question("\"A*==\"", good)), AllOf(HasSubstr("400"), HasSubstr("base64")));
  EXPECT_THAT(ask(question("7", good)), HasSubstr("400"));
  EXPECT_THAT(ask(question("", good)), HasSubstr("400"));
  std::string many = quoted;
  for (int i = 0; i < 64; ++i) many += "," + quoted;
  EXPECT_THAT(ask(question(many, good)), AllOf(HasSubstr("400"), HasSubstr("Too many")));
  for (const char* nonsense : {"", "[]", "{", "{\"credentialID\":7}", "\xFF"}) {
    EXPECT_THAT(ask(nonsense), HasSubstr("400")) << nonsense;
  }
  EXPECT_THAT(ask(std::string(200'000, '[')), HasSubstr("400"));
  EXPECT_THAT(ask(std::string(300'000, ' ')), HasSubstr("413"));
  EXPECT_THAT(curl("/signatures/signHash", question(quoted, good)),
              AllOf(HasSubstr("401"), HasSubstr("invalid_token")));
  std::vector<std::string> put = authorized();
  put.insert(put.end(), {"-X", "PUT"});
  EXPECT_THAT(curl("/signatures/signHash", question(quoted, good), put), HasSubstr("405"));
}

}  // namespace
}  // namespace qianda::server
