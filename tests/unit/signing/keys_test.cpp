#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"
#include "tests/support/pki.h"

namespace qianda::signing {
namespace {

using core::Error;
using core::ErrorCode;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Verified through the certificate alone, not through our key object.
bool verifies(const core::Bytes& certificate, DigestAlgorithm algorithm, core::BytesView digest,
              const core::Bytes& signature) {
  const X509Handle x509 = parseCertificate(certificate);
  const KeyContextHandle context(EVP_PKEY_CTX_new(X509_get0_pubkey(x509.get()), nullptr));
  EVP_PKEY_verify_init(context.get());
  if (algorithm != DigestAlgorithm::kSm3) EVP_PKEY_CTX_set_signature_md(context.get(), opensslDigest(algorithm));
  const bool answer =
      EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
  ERR_clear_error();
  return answer;
}

std::string messageOf(const std::function<void()>& action, ErrorCode code) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_EQ(ERR_peek_error(), 0u) << "the error queue was left full";
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

struct Kind {
  const char* kind;
  const char* name;
  KeyKind type;
  DigestAlgorithm digest;
  std::size_t maxSignature;
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.kind; }
class EveryKind : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(Keys, EveryKind,
                         testing::Values(Kind{"p256", "P-256", KeyKind::kEcdsa, DigestAlgorithm::kSha256, 72},
                                         Kind{"p384", "P-384", KeyKind::kEcdsa, DigestAlgorithm::kSha384, 104},
                                         Kind{"rsa2048", "RSA-2048", KeyKind::kRsa, DigestAlgorithm::kSha256, 256},
                                         Kind{"rsa3072", "RSA-3072", KeyKind::kRsa, DigestAlgorithm::kSha256, 384},
                                         Kind{"rsa4096", "RSA-4096", KeyKind::kRsa, DigestAlgorithm::kSha256, 512},
                                         Kind{"sm2", "SM2", KeyKind::kSm2, DigestAlgorithm::kSm3, 72}),
                         [](const auto& parameter) { return std::string(parameter.param.kind); });

TEST_P(EveryKind, SignsADigestThatItsCertificateVerifiesAndNoOther) {
  const Kind& expected = GetParam();
  const Credential credential = makeThrowawayCredential(expected.kind, "珠海示例科技有限公司").credential;
  EXPECT_EQ(credential.key->name(), expected.name);
  EXPECT_EQ(credential.key->kind(), expected.type);
  EXPECT_EQ(credential.key->digest(), expected.digest);
  EXPECT_EQ(credential.key->maxSignatureSize(), expected.maxSignature);
  EXPECT_EQ(credential.subjectName, "珠海示例科技有限公司");

  core::Bytes digest = digestOf(expected.digest, core::viewOf("text")), signature;
  const std::size_t size = credential.key->signDigest(digest, signature);
  EXPECT_EQ(size, signature.size());
  EXPECT_LE(signature.size(), expected.maxSignature);
  EXPECT_TRUE(verifies(credential.certificate, expected.digest, digest, signature));
  digest[0] ^= 1;
  EXPECT_FALSE(verifies(credential.certificate, expected.digest, digest, signature));
}

TEST_P(EveryKind, RefusesADigestOfAnotherLength) {
  const Credential credential = makeThrowawayCredential(GetParam().kind, "A").credential;
  core::Bytes signature;
  EXPECT_THROW(credential.key->signDigest(core::Bytes(20), signature), Error);
}

TEST(Keys, OneKeySignsForManyThreads) {
  const Credential credential = makeThrowawayCredential("p256", "A").credential;
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      core::Bytes signature;
      for (int i = 0; i < 50; ++i) {
        const core::Bytes digest =
            digestOf(DigestAlgorithm::kSha256, core::viewOf(std::to_string(t) + "/" + std::to_string(i)));
        credential.key->signDigest(digest, signature);
        good += verifies(credential.certificate, DigestAlgorithm::kSha256, digest, signature);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 200);
}

class Pkcs12 : public testing::Test {
 protected:
  const test::Pki pki_ = test::developmentPki();
  const test::TempFolder folder_;
  std::string load(const std::string& path, const std::string& passphrase, ErrorCode code = ErrorCode::kInvalidInput) {
    return messageOf([&] { loadPkcs12(path, passphrase); }, code);
  }
  // A PKCS#12 file of a new key of those genpkey options, with a certificate of its own.
  std::string makeFile(const std::vector<std::string>& keyOptions, const std::vector<std::string>& exportOptions) {
    const std::string key = folder_ / "key.pem", certificate = folder_ / "certificate.pem", out = folder_ / "made.p12";
    std::vector<std::string> generate{"openssl", "genpkey", "-out", key};
    generate.insert(generate.end(), keyOptions.begin(), keyOptions.end());
    EXPECT_EQ(test::run(generate).status, 0);
    EXPECT_EQ(test::run({"openssl", "req", "-x509", "-new", "-key", key, "-subj", "/CN=x", "-out", certificate}).status,
              0);
    std::vector<std::string> pack{"openssl",   "pkcs12", "-export", "-inkey",   key,          "-in",
                                  certificate, "-out",   out,       "-passout", "pass:secret"};
    pack.insert(pack.end(), exportOptions.begin(), exportOptions.end());
    const test::Output packed = test::run(pack);
    EXPECT_EQ(packed.status, 0) << packed.err;
    return out;
  }
};

TEST_F(Pkcs12, GivesTheKeyItsCertificateAndTheChainInOrder) {
  const Credential credential = loadPkcs12(pki_ / "employer-seal.p12", pki_.passphrase());
  EXPECT_EQ(credential.key->name(), "P-256");
  EXPECT_EQ(credential.subjectName, "珠海示例科技有限公司");
  ASSERT_EQ(credential.chain.size(), 2u);
  EXPECT_EQ(credential.chain[0], readPemCertificates(core::readFile(pki_ / "issuing.pem")).at(0));
  EXPECT_EQ(credential.chain[1], readPemCertificates(core::readFile(pki_ / "root.pem")).at(0));
  EXPECT_EQ(credential.certificate, readPemCertificates(core::readFile(pki_ / "employer-seal.pem")).at(0));
  const test::Output serial = test::run({"openssl", "x509", "-in", pki_ / "employer-seal.pem", "-noout", "-serial"});
  EXPECT_EQ(strcasecmp(serial.out.c_str(), ("serial=" + credential.serialHex + "\n").c_str()), 0) << serial.out;
  EXPECT_EQ(loadPkcs12(pki_ / "worker.p12", pki_.passphrase()).subjectName, "示例劳动者");
}

TEST_F(Pkcs12, AWrongPassphraseIsNamedAsSuchAndNotShown) {
  const std::string path = pki_ / "employer-seal.p12";
  EXPECT_THAT(load(path, "not-this-one"),
              AllOf(HasSubstr(path), HasSubstr("passphrase"), Not(HasSubstr("not-this-one"))));
  EXPECT_THAT(load(path, ""), HasSubstr("passphrase"));
}

TEST_F(Pkcs12, ABrokenFileIsRefused) {
  std::string bytes = core::readFile(pki_ / "employer-seal.p12");
  core::writeFile(folder_ / "short.p12", std::string_view(bytes).substr(0, bytes.size() / 2));
  EXPECT_THAT(load(folder_ / "short.p12", pki_.passphrase()), HasSubstr("not a PKCS#12 file"));
  bytes[bytes.size() / 3] ^= 1;
  core::writeFile(folder_ / "altered.p12", bytes);
  EXPECT_THAT(load(folder_ / "altered.p12", pki_.passphrase()), HasSubstr("altered.p12"));
  load(folder_ / "none.p12", "x", ErrorCode::kNotFound);
}

TEST_F(Pkcs12, LegacyEncryptionGetsAnAnswerThatHelps) {
  const std::string path = makeFile({"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"},
                                    {"-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-RC2-40"});
  EXPECT_THAT(load(path, "secret"), AllOf(HasSubstr("RC2"), HasSubstr("openssl pkcs12 -legacy")));
  EXPECT_THAT(load(path, "wrong"), HasSubstr("passphrase"));
}

TEST_F(Pkcs12, KeysOfOtherKindsAreRefusedByName) {
  const auto refused = [&](const std::vector<std::string>& options, const char* name) {
    EXPECT_THAT(load(makeFile(options, {}), "secret"), AllOf(HasSubstr("made.p12"), HasSubstr(name)));
  };
  refused({"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"}, "RSA key of 1024 bits");
  refused({"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"}, "secp521r1");
  refused({"-algorithm", "ED25519"}, "ED25519");
}

TEST_F(Pkcs12, AFileWithoutAKeyIsRefused) {
  const std::string out = folder_ / "certificates.p12";
  ASSERT_EQ(test::run({"openssl", "pkcs12", "-export", "-nokeys", "-in", pki_ / "root.pem", "-out", out, "-passout",
                       "pass:secret"})
                .status,
            0);
  EXPECT_THAT(load(out, "secret"), HasSubstr("no private key"));
}

TEST(X509, ReadsPemAndRefusesABrokenBlock) {
  const test::Pki pki = test::developmentPki();
  const std::string pem = core::readFile(pki / "chain.pem");
  EXPECT_EQ(readPemCertificates("text before\n" + pem).size(), 2u);
  EXPECT_TRUE(readPemCertificates("nothing here").empty());
  std::string broken = pem;
  broken[pem.find('\n') + 20] = '!';
  EXPECT_THROW(readPemCertificates(broken), Error);
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(X509, NamesItsParties) {
  const test::Pki pki = test::developmentPki();
  const core::Bytes der = readPemCertificates(core::readFile(pki / "worker.pem")).at(0);
  const X509Handle worker = parseCertificate(der);
  EXPECT_EQ(partyName(worker.get()), "示例劳动者");
  EXPECT_EQ(organisationOf(X509_get_subject_name(worker.get())), "");
  EXPECT_EQ(organisationOf(X509_get_issuer_name(worker.get())), "示例电子认证");
  EXPECT_EQ(textOf(X509_get_subject_name(worker.get())), "CN=示例劳动者,C=CN");
  EXPECT_FALSE(isSelfSigned(worker.get()));
  EXPECT_TRUE(isSelfSigned(parseCertificate(readPemCertificates(core::readFile(pki / "root.pem")).at(0)).get()));
  core::Bytes longer = der;
  longer.push_back(0);
  EXPECT_FALSE(findCertificate(longer));
  EXPECT_FALSE(findCertificate(core::BytesView(der).first(der.size() - 1)));
}

}  // namespace
}  // namespace qianda::signing
