// Signing and sealing with a key at a remote signer, judged like any other signature.
#include "tests/support/remote_signer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"

namespace qianda::test {
namespace {

using testing::HasSubstr;

// The development PKI's keys, served.
struct Remote {
  Pki pki = developmentPki();
  TempFolder folder;
  std::unique_ptr<RemoteSigner> signer;

  Remote() {
    std::filesystem::create_directory(folder / "keys");
    for (const char* name : {"employer-seal.p12", "passphrase"}) {
      std::filesystem::copy_file(pki / name, folder / ("keys/" + std::string(name)));
    }
    signer = std::make_unique<RemoteSigner>(folder / "keys");
  }
  std::string seal() const { return signer->addressOf("employer-seal"); }
  Output batch(int rows) const {
    sampleRoster(folder, static_cast<std::size_t>(rows)).write(folder / "roster.csv");
    return qianda({"batch", "--template", "labour-general", "--roster", folder / "roster.csv", "--seal", seal(),
                   "--pass-file", signer->tokenFile(), "--out", folder / "out", "--data", folder / "data", "--json"});
  }
};

TEST(RemoteKey, SealsABatchThatVerifies) {
  const Remote remote;
  const Output made = remote.batch(50);
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(number(jsonObject(made.out), "contracts"), 50u);
  std::vector<std::string> verify{"verify", "--trust", remote.pki / "root.pem"};
  for (const auto& [name, octets] : filesOf(remote.folder / "out")) verify.push_back(remote.folder / ("out/" + name));
  EXPECT_EQ(verify.size(), 53u);
  EXPECT_EQ(qianda(verify).status, 0);
}

TEST(RemoteKey, SignsAFileThatPdfsigTrusts) {
  const Remote remote;
  ASSERT_EQ(remote.batch(1).status, 0);
  const std::string sealed = std::filesystem::directory_iterator(remote.folder / "out")->path();
  const std::string twice = remote.folder / "signed.pdf";
  const Output made =
      qianda({"sign", sealed, "--key", remote.seal() + "&token-file=" + remote.signer->tokenFile(), "--out", twice});
  ASSERT_EQ(made.status, 0) << made.err;
  trustInNss(remote.folder / "nss", remote.pki / "root.pem");
  const auto judged = [&](const std::string& file) {
    return run({"pdfsig", "-nssdir", "sql:" + (remote.folder / "nss").string(), file}).out;
  };
  const std::string good = judged(twice);
  EXPECT_THAT(good, HasSubstr("Signature #2"));
  EXPECT_THAT(good, HasSubstr("Signature is Valid."));
  EXPECT_THAT(good, HasSubstr("Certificate is Trusted."));
  EXPECT_THAT(good, testing::Not(HasSubstr("Mismatch")));
  EXPECT_EQ(qianda({"verify", "--trust", remote.pki / "root.pem", twice}).status, 0);

  std::string altered = core::readFile(twice);
  altered[altered.size() / 2] ^= 1;
  core::writeFile(twice, altered);
  EXPECT_NE(qianda({"verify", "--trust", remote.pki / "root.pem", twice}).status, 0);
  EXPECT_THAT(judged(twice), HasSubstr("Digest Mismatch"));
}

TEST(RemoteKey, RefusalsHaveTheirExitStatus) {
  const Remote remote;
  ASSERT_EQ(remote.batch(1).status, 0);
  const std::string sealed = std::filesystem::directory_iterator(remote.folder / "out")->path();
  core::writeFile(remote.folder / "wrong", "another-token\n");
  const std::string token = remote.signer->tokenFile(), out = remote.folder / "refused.pdf";
  const auto sign = [&](const std::string& key, const std::string& tokenFile) {
    std::vector<std::string> arguments{"sign", sealed, "--key", key, "--out", out};
    if (!tokenFile.empty()) arguments.insert(arguments.end(), {"--pass-file", tokenFile});
    return qianda(arguments);
  };
  EXPECT_EQ(sign(remote.seal(), "").status, 2);
  EXPECT_EQ(sign(remote.seal() + "&token=x", token).status, 2);
  EXPECT_EQ(sign("remote:http://signer.example.com/?credential=a", token).status, 2);
  const Output wrong = sign(remote.seal(), remote.folder / "wrong");
  EXPECT_EQ(wrong.status, 1);
  EXPECT_THAT(wrong.err, testing::AllOf(HasSubstr("invalid_token"), testing::Not(HasSubstr("another-token"))));
  EXPECT_EQ(sign(remote.signer->addressOf("nobody"), token).status, 1);
  remote.signer->stop();
  EXPECT_EQ(sign(remote.seal(), token).status, 3);
  EXPECT_FALSE(std::filesystem::exists(out));
}

}  // namespace
}  // namespace qianda::test
