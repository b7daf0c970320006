// `qianda tsa serve` asked by curl and judged by `openssl ts`.
#include "tests/support/tsa.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"
#include "tests/support/child.h"

namespace qianda::test {
namespace {

using testing::HasSubstr;

std::vector<std::string> serving(const TempFolder& folder) {
  core::writeFile(folder / "passphrase", "secret\n");
  return {QIANDA_BINARY_DIR "/qianda", "tsa", "serve", "--key", folder / "tsa.p12", "--port", "0"};
}

TEST(TsaServe, OpensslVerifiesWhatCurlFetched) {
  const TempFolder folder;
  makeTimestampIdentity(folder.path());
  Child server(serving(folder));
  ASSERT_THAT(server.line(), testing::StartsWith("http://127.0.0.1:"));
  core::writeFile(folder / "data", "a contract");
  core::writeFile(folder / "other", "another contract");
  const std::string query = folder / "query", answer = folder / "answer";
  ASSERT_EQ(run({"openssl", "ts", "-query", "-data", folder / "data", "-sha256", "-cert", "-out", query}).status, 0);
  const Output fetched = run({"curl", "-sS", "--fail", "-H", "Content-Type: application/timestamp-query",
                              "--data-binary", "@" + query, "-o", answer, server.line()});
  ASSERT_EQ(fetched.status, 0) << fetched.err;
  const auto judged = [&](const char* data) {
    const Output verdict =
        run({"openssl", "ts", "-verify", "-data", folder / data, "-in", answer, "-CAfile", folder / "root.pem"});
    return verdict.out + verdict.err;
  };
  EXPECT_THAT(judged("data"), HasSubstr("Verification: OK"));
  EXPECT_THAT(judged("other"), HasSubstr("Verification: FAILED"));
  EXPECT_EQ(server.end(), 0);
}

TEST(TsaServe, RefusesAWrongPassphraseAnotherKeyAndATakenPort) {
  const TempFolder folder;
  makeTimestampIdentity(folder.path());
  Child server(serving(folder));
  const std::string line = server.line(), port = line.substr(17, line.size() - 18);
  EXPECT_THAT(qianda({"tsa", "serve", "--key", folder / "tsa.p12", "--port", port}).err, HasSubstr("cannot listen"));
  const Pki pki = developmentPki();
  const Output another = qianda({"tsa", "serve", "--key", pki / "worker.p12", "--port", "0"});
  EXPECT_EQ(another.status, 1);
  EXPECT_THAT(another.err, HasSubstr("extended key usage"));
  core::writeFile(folder / "wrong", "wrong");
  EXPECT_EQ(qianda({"tsa", "serve", "--key", folder / "tsa.p12", "--pass-file", folder / "wrong"}).status, 1);
}

}  // namespace
}  // namespace qianda::test
