// Signing and sealing with a key on a token, judged like any other signature.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"
#include "tests/support/softhsm.h"

namespace qianda::test {
namespace {

using testing::HasSubstr;

// The development PKI's employer, moved onto a token.
struct TokenSeal {
  SoftHsm hsm;
  Pki pki = developmentPki();
  std::string address, pinFile;

  TokenSeal() {
    hsm.makeToken("seals");
    const std::string key = hsm.folder() / "seal.key", chain = hsm.folder() / "seal.pem";
    const Output opened = run({"openssl", "pkcs12", "-in", pki / "employer-seal.p12", "-nocerts", "-nodes", "-passin",
                               "file:" + (pki / "passphrase").string(), "-out", key});
    if (opened.status != 0) throw std::runtime_error(opened.err);
    hsm.importKey("seals", key, "employer", "0a");
    core::writeFile(chain, core::readFile(pki / "employer-seal.pem") + core::readFile(pki / "issuing.pem"));
    pinFile = hsm.folder() / "pin";
    core::writeFile(pinFile, "1234\n");
    address = std::string("pkcs11:module=") + kSoftHsm + ";token=seals;object=employer;certificate=" + chain;
  }
};

TEST(TokenKey, SealsABatchThatVerifies) {
  const TokenSeal seal;
  const TempFolder folder;
  sampleRoster(folder, 20).write(folder / "roster.csv");
  const Output made =
      qianda({"batch", "--template", "labour-general", "--roster", folder / "roster.csv", "--seal", seal.address,
              "--pass-file", seal.pinFile, "--out", folder / "out", "--data", folder / "data", "--json"});
  ASSERT_EQ(made.status, 0) << made.err;
  std::vector<std::string> verify{"verify", "--trust", seal.pki / "root.pem"};
  for (const auto& [name, octets] : filesOf(folder / "out")) verify.push_back(folder / ("out/" + name));
  EXPECT_EQ(verify.size(), 23u);
  EXPECT_EQ(qianda(verify).status, 0);

  // The same key from the PIN of the address, over a contract that is sealed already; then one octet is altered.
  const std::string first = verify[3], second = folder / "signed.pdf";
  const Output again = qianda({"sign", first, "--key", seal.address + ";pin-source=" + seal.pinFile, "--out", second});
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(qianda({"verify", "--trust", seal.pki / "root.pem", second}).status, 0);
  std::string altered = core::readFile(second);
  altered[altered.size() / 2] ^= 1;
  core::writeFile(second, altered);
  EXPECT_NE(qianda({"verify", "--trust", seal.pki / "root.pem", second}).status, 0);
}

TEST(TokenKey, RefusalsHaveTheirExitStatus) {
  const TokenSeal seal;
  const TempFolder folder;
  core::writeFile(folder / "in.pdf", "%PDF-1.7\n");
  core::writeFile(folder / "wrong", "0000");
  const auto sign = [&](const std::string& key, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"sign", folder / "in.pdf", "--key", key, "--out", folder / "out.pdf"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return qianda(arguments);
  };
  EXPECT_EQ(sign(seal.address).status, 2);
  EXPECT_EQ(sign(seal.address + ";pin-value=1234").status, 2);
  EXPECT_EQ(sign("pkcs11:nonsense").status, 2);
  const Output wrong = sign(seal.address, {"--pass-file", folder / "wrong"});
  EXPECT_EQ(wrong.status, 1);
  EXPECT_THAT(wrong.err, HasSubstr("wrong PIN"));
  std::filesystem::remove_all(seal.hsm.tokens());
  std::filesystem::create_directory(seal.hsm.tokens());
  EXPECT_EQ(sign(seal.address, {"--pass-file", seal.pinFile}).status, 3);
  EXPECT_FALSE(std::filesystem::exists(folder / "out.pdf"));
}

}  // namespace
}  // namespace qianda::test
