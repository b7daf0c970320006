// The local timestamp authority and the reader of answers, judged by `openssl ts`.
#include <algorithm>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include "core/error.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"
#include "signing/trust/timestamp_authority.h"
#include "signing/trust/timestamp_protocol.h"
#include "tests/support/tsa.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::Error;
using core::ErrorCode;
using test::Output;
using test::run;
using test::TempFolder;
using testing::AllOf;
using testing::HasSubstr;

struct Tsa {
  TempFolder folder;
  std::unique_ptr<LocalTimestampAuthority> authority;

  explicit Tsa(const std::string& algorithm = "ec:P-256", const std::string& usage = "critical,timeStamping") {
    test::makeTimestampIdentity(folder.path(), algorithm, usage);
    authority = std::make_unique<LocalTimestampAuthority>(openPkcs12(folder / "tsa.p12", "secret"));
  }
  std::vector<Bytes> root() const { return readPemCertificates(core::readFile(folder / "root.pem")); }
};

Bytes readBytes(const std::filesystem::path& path) {
  const std::string text = core::readFile(path);
  return {text.begin(), text.end()};
}

std::string messageOf(const std::function<void()>& action, ErrorCode code) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_EQ(ERR_peek_error(), 0u) << "the error queue was left full";
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

class EveryKey : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Timestamp, EveryKey, testing::Values("ec:P-256", "ec:P-384", "rsa:2048"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
                           return name;
                         });

TEST_P(EveryKey, AnswersWhatOpensslAsksAndOpensslVerifiesIt) {
  const Tsa tsa(GetParam());
  const std::string data = tsa.folder / "data", query = tsa.folder / "query", answer = tsa.folder / "answer";
  core::writeFile(data, "a contract");
  core::writeFile(tsa.folder / "other", "another contract");
  for (const char* digest : {"-sha256", "-sha384", "-sha512", "-sm3"}) {
    ASSERT_EQ(run({"openssl", "ts", "-query", "-data", data, digest, "-cert", "-out", query}).status, 0);
    core::writeFile(answer, core::textOf(tsa.authority->answer(readBytes(query))));
    const std::vector<std::string> verify{"openssl", "ts",   "-verify", "-queryfile",           query,
                                          "-in",     answer, "-CAfile", tsa.folder / "root.pem"};
    const Output judged = run(verify);
    EXPECT_THAT(judged.out + judged.err, HasSubstr("Verification: OK")) << digest;
    const Output text = run({"openssl", "ts", "-reply", "-in", answer, "-text"});
    EXPECT_THAT(text.out, AllOf(HasSubstr("Policy OID: 0.4.0.2023.1.1"), HasSubstr("0x01 seconds"))) << text.err;
    EXPECT_THAT(text.out, testing::ContainsRegex("Time stamp: [A-Z][a-z]+ +[0-9]+ [0-9:]+\\.[0-9]{1,3} "));
    const Output twin = run(
        {"openssl", "ts", "-verify", "-data", tsa.folder / "other", "-in", answer, "-CAfile", tsa.folder / "root.pem"});
    EXPECT_NE(twin.status, 0);
  }
}

TEST_P(EveryKey, ItsTokensAreReadAndFitTheirReservation) {
  const Tsa tsa(GetParam());
  for (const DigestAlgorithm algorithm :
       {DigestAlgorithm::kSha256, DigestAlgorithm::kSha384, DigestAlgorithm::kSha512, DigestAlgorithm::kSm3}) {
    const Bytes digest = digestOf(algorithm, core::viewOf("text"));
    const Bytes query = writeTimestampQuery(algorithm, digest);
    const Bytes token = readTimestampAnswer(query, tsa.authority->answer(query), tsa.root());
    EXPECT_FALSE(token.empty());
    for (int i = 0; i < 50; ++i)
      EXPECT_LE(tsa.authority->stamp(algorithm, digest).size(), tsa.authority->maxTokenSize());
  }
}

TEST(Timestamp, AQueryOfOursIsReadByOpenssl) {
  const TempFolder folder;
  const Bytes digest = digestOf(DigestAlgorithm::kSha256, core::viewOf("text"));
  const Bytes query = writeTimestampQuery(DigestAlgorithm::kSha256, digest, "1.2.3.4");
  core::writeFile(folder / "query", core::textOf(query));
  EXPECT_THAT(run({"openssl", "ts", "-query", "-in", folder / "query", "-text"}).out,
              AllOf(HasSubstr("Hash Algorithm: sha256"), HasSubstr("Policy OID: 1.2.3.4"), HasSubstr("Nonce: 0x"),
                    HasSubstr("Certificate required: yes")));
  EXPECT_NE(query, writeTimestampQuery(DigestAlgorithm::kSha256, digest, "1.2.3.4")) << "the nonce is not random";
  messageOf([&] { writeTimestampQuery(DigestAlgorithm::kSha384, digest); }, ErrorCode::kInvalidInput);
  messageOf([&] { writeTimestampQuery(DigestAlgorithm::kSha256, digest, "policy"); }, ErrorCode::kInvalidInput);
}

TEST(Timestamp, RejectionsNameTheirFailure) {
  const Tsa tsa;
  const Bytes good = writeTimestampQuery(DigestAlgorithm::kSha256, Bytes(32));
  const std::string file = tsa.folder / "query", data = tsa.folder / "data";
  core::writeFile(data, "text");
  const auto refusal = [&](const Bytes& query) {
    return messageOf([&] { readTimestampAnswer(good, tsa.authority->answer(query)); }, ErrorCode::kUnavailable);
  };
  ASSERT_EQ(run({"openssl", "ts", "-query", "-data", data, "-sha1", "-out", file}).status, 0);
  EXPECT_THAT(refusal(readBytes(file)), AllOf(HasSubstr("refused: rejection: "), HasSubstr("(badAlg)")));
  ASSERT_EQ(run({"openssl", "ts", "-query", "-data", data, "-sha3-256", "-out", file}).status, 0);
  EXPECT_THAT(refusal(readBytes(file)), HasSubstr("(badAlg)"));
  EXPECT_THAT(refusal(writeTimestampQuery(DigestAlgorithm::kSha256, Bytes(32), "1.2.3.4")),
              HasSubstr("(unacceptedPolicy)"));
  Bytes longer = good, shorter(good.begin(), good.end() - 1);
  longer.push_back(0);
  for (const Bytes& broken : {Bytes{}, Bytes{0x30}, Bytes(1000, 0xFF), shorter, longer}) {
    EXPECT_THAT(refusal(broken), HasSubstr("(badDataFormat)"));
  }
  // A SHA-256 imprint of 31 octets.
  const Bytes wrongLength =
      core::fromHex("303c020101302e300b0609608648016503040201041f" + std::string(62, '0') + "0204010203040101ff");
  EXPECT_THAT(refusal(wrongLength), HasSubstr("(badDataFormat)"));
}

TEST(Timestamp, EveryAlteredOctetOfAnAnswerIsRefused) {
  const Tsa tsa;
  const Bytes digest(32, 7), query = writeTimestampQuery(DigestAlgorithm::kSha256, digest);
  const Bytes answer = tsa.authority->answer(query);
  const Bytes token = readTimestampAnswer(query, answer, tsa.root());
  for (std::size_t at = 0; at < answer.size(); ++at) {
    Bytes altered = answer;
    altered[at] ^= 1;
    try {
      // What is not signed (the order of certificates, say) may change: never what the token tells.
      const Bytes read = readTimestampAnswer(query, altered, tsa.root());
      EXPECT_EQ(read.size(), token.size()) << at;
      const auto imprint = std::search(read.begin(), read.end(), digest.begin(), digest.end());
      EXPECT_NE(imprint, read.end()) << at;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnavailable) << at;
    }
    EXPECT_EQ(ERR_peek_error(), 0u);
  }
  for (std::size_t size = 0; size < answer.size(); size += 7) {
    messageOf([&] { readTimestampAnswer(query, core::BytesView(answer).first(size)); }, ErrorCode::kUnavailable);
  }
}

TEST(Timestamp, AnAnswerToAnotherQueryIsRefused) {
  const Tsa tsa;
  const auto refusal = [&](const Bytes& asked, const Bytes& sent, const std::vector<Bytes>& anchors = {}) {
    return messageOf([&] { readTimestampAnswer(asked, tsa.authority->answer(sent), anchors); },
                     ErrorCode::kUnavailable);
  };
  const Bytes query = writeTimestampQuery(DigestAlgorithm::kSha256, Bytes(32));
  EXPECT_THAT(refusal(query, writeTimestampQuery(DigestAlgorithm::kSha256, Bytes(32))), HasSubstr("nonce mismatch"));
  EXPECT_THAT(refusal(query, writeTimestampQuery(DigestAlgorithm::kSha256, Bytes(32, 1))), HasSubstr("imprint"));
  EXPECT_THAT(refusal(query, writeTimestampQuery(DigestAlgorithm::kSm3, Bytes(32))), HasSubstr("imprint"));
  EXPECT_THAT(refusal(writeTimestampQuery(DigestAlgorithm::kSha256, Bytes(32), "1.2.3.4"), query), HasSubstr("policy"));
  const Tsa stranger;
  EXPECT_THAT(refusal(query, query, stranger.root()), HasSubstr("does not verify"));
  EXPECT_FALSE(readTimestampAnswer(query, tsa.authority->answer(query)).empty());
}

TEST(Timestamp, ACertificateWithoutItsCriticalUsageIsNone) {
  for (const char* usage : {"", "timeStamping", "critical,emailProtection", "critical,timeStamping,emailProtection"}) {
    EXPECT_THAT(messageOf([&] { const Tsa tsa("ec:P-256", usage); }, ErrorCode::kInvalidInput),
                HasSubstr("must be critical"))
        << usage;
  }
  const TempFolder folder;
  test::makeTimestampIdentity(folder.path(), "ec:secp256k1");
  const auto make = [&] { const LocalTimestampAuthority tsa(openPkcs12(folder / "tsa.p12", "secret")); };
  EXPECT_THAT(messageOf(make, ErrorCode::kUnsupported), HasSubstr("secp256k1"));
  const Tsa good;
  messageOf([&] { const LocalTimestampAuthority tsa(openPkcs12(good.folder / "tsa.p12", "secret"), "no"); },
            ErrorCode::kInvalidInput);
}

TEST(Timestamp, OneAuthorityStampsForManyThreads) {
  const Tsa tsa;
  const std::vector<Bytes> root = tsa.root();
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        const Bytes query = writeTimestampQuery(DigestAlgorithm::kSha256, Bytes(32, static_cast<std::uint8_t>(i)));
        good += !readTimestampAnswer(query, tsa.authority->answer(query), root).empty();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 400);
}

}  // namespace
}  // namespace qianda::signing
