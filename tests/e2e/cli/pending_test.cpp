// What happens to a level when a timestamp authority or a source of revocation data stays away, answers wrongly, or
// says no: nothing is written, nothing lowered, and the state is named.
#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"
#include "tests/support/child.h"
#include "tests/support/http_server.h"

namespace qianda::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Pending : public ::testing::Test {
 protected:
  // A key far from any development PKI, and a contract that the employer signed.
  void SetUp() override {
    fs::copy(pki_ / "employer-seal.p12", folder_ / "seal.p12");
    fs::copy(pki_ / "passphrase", folder_ / "passphrase");
    ASSERT_EQ(qianda({"template", "preview", "labour-general", "--out", file("contract.pdf")}).status, 0);
    ASSERT_EQ(qianda({"sign", file("contract.pdf"), "--key", file("seal.p12"), "--out", file("signed.pdf")}).status, 0);
  }
  std::string file(const std::string& name) const { return folder_ / name; }
  Output sign(std::vector<std::string> more) const {
    more.insert(more.begin(),
                {"sign", file("contract.pdf"), "--key", file("seal.p12"), "--out", file("out.pdf"), "--json"});
    return qianda(more);
  }
  Output extend(std::vector<std::string> more) const {
    more.insert(more.begin(), {"extend", file("signed.pdf"), "--out", file("out.pdf"), "--json"});
    return qianda(more);
  }
  void expectPending(const Output& output, const std::string& state, const std::string& wanted,
                     const std::string& reached, unsigned attempts, const std::string& reason) const {
    EXPECT_EQ(output.status, 3) << output.err;
    const Json said = jsonObject(output.out);
    EXPECT_EQ(text(said, "state"), state);
    EXPECT_EQ(text(said, "level_wanted"), wanted);
    EXPECT_EQ(text(said, "level_reached"), reached);
    EXPECT_EQ(number(said, "attempts"), attempts);
    EXPECT_THAT(text(said, "reason"), HasSubstr(reason));
    EXPECT_THAT(output.err, HasSubstr(reason));
    EXPECT_FALSE(fs::exists(file("out.pdf"))) << "a file was written below the level asked for";
  }

  const Pki pki_ = developmentPki();
  TempFolder folder_;
};

TEST_F(Pending, WithoutATimestampAuthorityNothingIsWritten) {
  fs::copy(pki_ / "root.pem", file("root.pem"));
  for (const char* level : {"B-T", "B-LT", "B-LTA"}) {
    SCOPED_TRACE(level);
    const std::string wanted = "PAdES-BASELINE-" + std::string(level).substr(2);
    expectPending(sign({"--level", level}), "pending_timestamp", wanted, "", 1, "no timestamp authority is configured");
    expectPending(extend({"--level", level, "--trust", file("root.pem")}), "pending_timestamp", wanted,
                  "PAdES-BASELINE-B", 1, "no timestamp authority is configured");
  }
}

TEST_F(Pending, ADeadAuthorityIsAskedAgainThenNamed) {
  std::string dead;
  {
    dead = HttpServer([](const Heard&) { return Said{}; }).url();
  }  // nobody listens there any more
  expectPending(sign({"--level", "B-T", "--tsa", dead, "--attempts", "3", "--retry", "0.01"}), "pending_timestamp",
                "PAdES-BASELINE-T", "", 3, dead);
  fs::copy(pki_ / "root.pem", file("root.pem"));
  expectPending(
      extend({"--level", "B-LTA", "--trust", file("root.pem"), "--tsa", dead, "--attempts", "2", "--retry", "0.01"}),
      "pending_timestamp", "PAdES-BASELINE-LTA", "PAdES-BASELINE-B", 2, dead);
}

// Stands before a real authority and may change the query on its way.
class Proxy {
 public:
  Proxy(const Pki& pki, std::function<std::string(const std::string& query, int number)> change)
      : authority_({QIANDA_BINARY_DIR "/qianda", "tsa", "serve", "--key", pki / "tsa.p12", "--port", "0"}),
        server_([this, change](const Heard& heard) {
          const std::string query = change(heard.body, asked_++);
          if (query.empty()) return Said{503, "text/plain", "busy"};
          const TempFolder folder;
          core::writeFile(folder / "query", query);
          const Output fetched =
              run({"curl", "-sS", "--fail", "-H", "Content-Type: application/timestamp-query", "--data-binary",
                   "@" + (folder / "query").string(), "-o", folder / "answer", authority_.line()});
          if (fetched.status != 0) return Said{500, "text/plain", fetched.err};
          return Said{200, "application/timestamp-reply", core::readFile(folder / "answer")};
        }) {}
  std::string url() const { return server_.url(); }
  int asked() const { return asked_; }

 private:
  Child authority_;
  std::atomic<int> asked_ = 0;
  HttpServer server_;
};

// A query by openssl for a digest in hexadecimal, with a nonce of its own.
std::string queryFor(const std::string& digest) {
  const TempFolder folder;
  const Output made = run({"openssl", "ts", "-query", "-digest", digest, "-sha256", "-cert", "-out", folder / "query"});
  if (made.status != 0) throw std::runtime_error(made.err);
  return core::readFile(folder / "query");
}

std::string imprintOf(const std::string& query) {
  const std::size_t at = query.find("\x04\x20");  // OCTET STRING of 32
  std::string digest;
  for (const char c : query.substr(at + 2, 32)) {
    digest += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    digest += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return digest;
}

TEST_F(Pending, AnswersToAnotherQuestionAreRefused) {
  const auto sameDigest = [](const std::string& query, int) { return queryFor(imprintOf(query)); };
  const auto otherDigest = [](const std::string&, int) { return queryFor(std::string(64, '7')); };
  {
    const Proxy proxy(pki_, sameDigest);
    expectPending(sign({"--level", "B-T", "--tsa", proxy.url(), "--attempts", "2", "--retry", "0.01"}),
                  "pending_timestamp", "PAdES-BASELINE-T", "", 2, "nonce mismatch");
  }
  const Proxy proxy(pki_, otherDigest);
  expectPending(sign({"--level", "B-T", "--tsa", proxy.url(), "--attempts", "1"}), "pending_timestamp",
                "PAdES-BASELINE-T", "", 1, "message imprint mismatch");
}

TEST_F(Pending, AnAuthorityThatComesBackIsWaitedFor) {
  const Proxy proxy(pki_, [](const std::string& query, int number) { return number < 2 ? "" : query; });
  const Output made = sign({"--level", "B-T", "--tsa", proxy.url(), "--attempts", "3", "--retry", "0.01"});
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(proxy.asked(), 3);
  const Output judged = qianda({"verify", "--json", "--trust", pki_ / "root.pem", file("out.pdf")});
  EXPECT_EQ(judged.status, 0) << judged.out;
  EXPECT_EQ(text(jsonObject(judged.out)->getArray("files")->getObject(0), "level"), "PAdES-BASELINE-T");
}

TEST_F(Pending, WithoutRevocationDataNothingIsWritten) {
  fs::copy(pki_ / "root.pem", file("root.pem"));
  const Proxy proxy(pki_, [](const std::string& query, int) { return query; });
  for (const char* level : {"B-LT", "B-LTA"}) {
    SCOPED_TRACE(level);
    const std::vector<std::string> services{"--level", level, "--tsa", proxy.url(), "--trust", file("root.pem")};
    const std::string wanted = "PAdES-BASELINE-" + std::string(level).substr(2);
    expectPending(sign(services), "pending_revocation", wanted, "", 1, "no source of revocation data is configured");
    expectPending(extend(services), "pending_revocation", wanted, "PAdES-BASELINE-B", 1,
                  "no source of revocation data is configured");
  }
}

TEST_F(Pending, ARevokedCertificateIsRefusedForGood) {
  const Output made = qianda({"sign", file("contract.pdf"), "--key", pki_ / "revoked.p12", "--level", "B-LT", "--out",
                              file("out.pdf"), "--json"});
  EXPECT_EQ(made.status, 1);
  EXPECT_THAT(made.err, HasSubstr("was revoked on"));
  EXPECT_FALSE(fs::exists(file("out.pdf")));
}

TEST_F(Pending, WhatCannotBeExtendedIsTheFilesFault) {
  const std::vector<std::string> services{"--level", "B-LTA", "--trust", pki_ / "root.pem"};
  std::string spoilt = core::readFile(file("signed.pdf"));
  spoilt[spoilt.size() / 3] = static_cast<char>(spoilt[spoilt.size() / 3] ^ 1);
  core::writeFile(file("signed.pdf"), spoilt);
  const Output altered = extend(services);
  EXPECT_EQ(altered.status, 1);
  EXPECT_THAT(altered.err, HasSubstr("cannot be extended: the document's octets are not those that were signed"));
  fs::copy(file("contract.pdf"), file("signed.pdf"), fs::copy_options::overwrite_existing);
  const Output unsignedFile = extend(services);
  EXPECT_EQ(unsignedFile.status, 1);
  EXPECT_THAT(unsignedFile.err, HasSubstr("no signature to extend"));
  EXPECT_FALSE(fs::exists(file("out.pdf")));
}

}  // namespace
}  // namespace qianda::test
