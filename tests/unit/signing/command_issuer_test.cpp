// An outside authority behind a command: openssl as the honest one, and those that lie, hang or talk too much.
#include "signing/ca/command_issuer.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include "signing/keys/signing_key.h"
#include "signing/keys/x509.h"
#include "tests/support/authority.h"

namespace qianda::signing {
namespace {

using namespace std::chrono_literals;
using core::Error;
using core::ErrorCode;
using test::kP256;
using test::run;
using testing::AllOf;
using testing::HasSubstr;

class Outside : public testing::Test {
 protected:
  Outside() {
    makeRoot("root");
    core::writeFile(ca_.temp / "issue",
                    "#!/bin/sh\nset -e\nexport LC_ALL=C\ncd \"${0%/*}\"\n"
                    "openssl x509 -req -in /dev/stdin -CA \"$1\".pem -CAkey \"$1\".key -set_serial 77 "
                    "-days 2 2>/dev/null\ncat \"${2:-$1}\".pem\n");
    std::filesystem::permissions(ca_.temp / "issue", std::filesystem::perms::owner_all);
  }
  void makeRoot(const std::string& name) const {
    const test::Output made =
        run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=Outside Root", "-keyout", ca_.file(name + ".key"), "-out", ca_.file(name + ".pem")});
    if (made.status != 0) throw std::runtime_error(made.err);
  }
  IssuedCertificate issue(std::vector<std::string> arguments, std::chrono::milliseconds timeout = 60s,
                          const CertificateOrder& order = {"person", {"张某", ""}, std::nullopt, ""}) const {
    return CommandIssuer({std::move(arguments), timeout, 1u << 20}).issue(request_, order);
  }
  IssuedCertificate shell(const std::string& script, std::chrono::milliseconds timeout = 60s) const {
    return issue({"sh", "-c", script}, timeout);
  }
  // What is said of an authority that goes wrong.
  std::string refusal(const std::string& script, std::chrono::milliseconds timeout = 60s) const {
    try {
      shell(script, timeout);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnavailable) << error.what();
      EXPECT_EQ(ERR_peek_error(), 0u);
      return error.what();
    }
    return "accepted";
  }

  test::TestAuthority ca_;
  const core::Bytes request_ = ca_.request(kP256, "/CN=asker");
};

TEST_F(Outside, GivesACertificateForTheRequestsKeyWithItsPath) {
  const IssuedCertificate issued = issue({ca_.file("issue"), "root"});
  ASSERT_EQ(issued.chain.size(), 1u);
  const std::string leaf = ca_.write("leaf.der", issued.certificate);
  EXPECT_EQ(run({"openssl", "verify", "-CAfile", ca_.file("root.pem"), leaf}).status, 0);
  const std::string key = run({"openssl", "pkey", "-in", ca_.file("key.pem"), "-pubout"}).out;
  EXPECT_EQ(run({"openssl", "x509", "-in", leaf, "-noout", "-pubkey"}).out, key);
}

TEST_F(Outside, GivesAKeyFileThatSigns) {
  CommandIssuer issuer({{ca_.file("issue"), "root"}});
  const CertificateOrder order{"company-seal", {"某公司", "某公司"}, std::nullopt, ""};
  issueWithKey(issuer, "p256", order, ca_.file("seal.p12"), "x");
  const Credential credential = loadPkcs12(ca_.file("seal.p12"), "x");
  EXPECT_EQ(credential.subjectName, "某公司");
  EXPECT_EQ(credential.serialHex, "4d");
  EXPECT_THROW(issueWithKey(issuer, "p256", order, ca_.file("none/seal.p12"), "x"), Error);
}

TEST_F(Outside, HearsTheOrderInItsEnvironmentAlone) {
  const std::string script =
      "printf '%s|' \"$#\" \"$QIANDA_PROFILE\" \"$QIANDA_COMMON_NAME\" \"$QIANDA_ORGANISATION\" "
      "\"$QIANDA_COUNTRY\" \"$QIANDA_EVENT\" \"$QIANDA_LIFETIME\" >" +
      ca_.file("heard") + "; exit 1";
  const CertificateOrder order{"event", {"--help; $(reboot) `x`", "甲\n乙"}, 1h, "E-1"};
  EXPECT_THROW(issue({"sh", "-c", script}, 60s, order), Error);
  EXPECT_EQ(core::readFile(ca_.file("heard")), "0|event|--help; $(reboot) `x`|甲\n乙|CN|E-1|3600|");
  const CertificateOrder plain{"person", {"", ""}, std::nullopt, ""};
  EXPECT_THROW(issue({"sh", "-c", script}, 60s, plain), Error);
  EXPECT_EQ(core::readFile(ca_.file("heard")), "0|person|asker||CN|||") << "the request's own name";
}

TEST_F(Outside, CertificatesOfAnotherKeyAreRefused) {
  EXPECT_THAT(refusal("cat " + ca_.file("root.pem")), HasSubstr("has the request's key"));
  EXPECT_THAT(refusal("exit 0"), HasSubstr("no certificate (PEM) came back"));
  EXPECT_THAT(refusal("echo hello"), HasSubstr("no certificate (PEM) came back"));
  EXPECT_THAT(refusal("echo '-----BEGIN CERTIFICATE-----'; echo MIIB; echo '-----END CERTIFICATE-----'"),
              HasSubstr("certificate"));
  EXPECT_THAT(refusal("head -c 100 " + ca_.file("root.pem")), HasSubstr("PEM"));
  // An issuer of the same name whose key did not sign.
  makeRoot("impostor");
  EXPECT_THAT(refusal(ca_.file("issue") + " root impostor"), HasSubstr("not signed by the issuer beside it"));
  EXPECT_EQ(refusal(ca_.file("issue") + " root"), "accepted");
}

TEST_F(Outside, ACertificateThatIsOverIsRefused) {
  const std::string over = "openssl x509 -req -in /dev/stdin -CA " + ca_.file("root.pem") + " -CAkey " +
                           ca_.file("root.key") + " -set_serial 77 -days -1 2>/dev/null";
  EXPECT_THAT(refusal(over), HasSubstr("has expired"));
}

TEST_F(Outside, ItsOwnWordsReachTheUser) {
  const std::string said = refusal("echo 'quota exceeded' >&2; echo more >&2; exit 7");
  EXPECT_THAT(said, HasSubstr("sh: exit status 7: quota exceeded more"));
  EXPECT_THAT(refusal("printf '\\377\\376' >&2; exit 1"), HasSubstr("octets that are no text"));
  EXPECT_LT(refusal("head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 1").size(), 3000u);
  EXPECT_THAT(refusal("kill -9 $$"), HasSubstr("exit status 137"));
  EXPECT_THROW(CommandIssuer(IssuerCommand{}), Error);
  try {
    issue({ca_.file("no-such-program")});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("cannot run"), HasSubstr("no-such-program")));
  }
}

TEST_F(Outside, HangsAndFloodsEnd) {
  EXPECT_THAT(refusal("sleep 600", 200ms), HasSubstr("not done in time"));
  EXPECT_THAT(refusal("exec >&- 2>&-; sleep 600", 200ms), HasSubstr("not done in time"));
  EXPECT_THAT(refusal("yes"), HasSubstr("said more than 1048576 octets"));
  // What it leaves behind holds the output open, and is ended with it.
  EXPECT_THAT(refusal("sleep 600 & echo $! >" + ca_.file("pid") + "; exit 0", 3s), HasSubstr("not done in time"));
  const pid_t left = std::stoi(core::readFile(ca_.file("pid")));
  const auto isRunning = [&] {  // a zombie waits for init to take it
    std::error_code ignored;
    const std::string stat = "/proc/" + std::to_string(left) + "/stat";
    if (!std::filesystem::exists(stat, ignored)) return false;
    try {
      const std::string text = core::readFile(stat);
      return text.find(") Z ") == text.npos;
    } catch (const Error&) {
      return false;
    }
  };
  for (int i = 0; i < 500 && isRunning(); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_FALSE(isRunning());
}

TEST_F(Outside, ABrokenRequestStartsNothing) {
  const CommandIssuer untouched({{"sh", "-c", "touch " + ca_.file("ran")}});
  CommandIssuer issuer = untouched;
  core::Bytes other = request_;
  other[other.size() - 3] ^= 1;
  try {
    issuer.issue(other, {"person", {"x", ""}, std::nullopt, ""});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidInput);
  }
  EXPECT_FALSE(std::filesystem::exists(ca_.file("ran")));
}

}  // namespace
}  // namespace qianda::signing
