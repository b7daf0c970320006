// `qianda ca` as a user runs it, judged by openssl and pdfsig: a closed deployment's authority from its first day to a
// revoked key, and an authority outside behind a command.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"
#include "tests/support/child.h"
#include "tests/support/http_server.h"
#include "tests/support/plain_pdf.h"

namespace qianda::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class CaTest : public testing::Test {
 protected:
  explicit CaTest(const std::string& kind = "p256") {
    const Output made = qianda({"ca", "init", ca(), "--organisation", "示例电子认证", "--kind", kind, "--json"});
    if (made.status != 0) throw std::runtime_error(made.err);
    founded_ = jsonObject(made.out);
  }
  std::string ca() const { return folder_ / "ca"; }
  std::string file(const std::string& name) const { return folder_ / name; }
  // Its JSON; empty for a failure.
  Json issue(const std::string& profile, const std::string& name, std::vector<std::string> more) const {
    std::vector<std::string> all{"ca", "issue", ca(), "--profile", profile, "--name", name, "--json"};
    all.insert(all.end(), more.begin(), more.end());
    const Output made = qianda(all);
    EXPECT_EQ(made.status, 0) << made.err;
    return made.status == 0 ? jsonObject(made.out) : Json();
  }
  Json issueKey(const std::string& profile, const std::string& name, const std::string& out,
                std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"--key-kind", "p256", "--out", out});
    return issue(profile, name, more);
  }
  // A request by openssl: NAME.csr and NAME.key.
  std::string request(const std::string& name) const {
    const Output made =
        run({"openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8",
             "-subj", "/CN=从请求来", "-keyout", file(name + ".key"), "-out", file(name + ".csr")});
    EXPECT_EQ(made.status, 0) << made.err;
    return file(name + ".csr");
  }
  void revoke(const Json& issued, const std::string& reason) const {
    const Output done = qianda({"ca", "revoke", ca(), text(issued, "serial"), "--reason", reason, "--json"});
    EXPECT_EQ(done.status, 0) << done.err;
    EXPECT_EQ(text(jsonObject(done.out), "reason"), reason);
  }
  // `openssl verify` of the whole path with CRLs of both CAs.
  std::string judge(const std::string& certificate) const {
    EXPECT_EQ(qianda({"ca", "crl", ca(), "--out", file("issuing-crl.pem")}).status, 0);
    EXPECT_EQ(qianda({"ca", "crl", ca(), "--root", "--out", file("root-crl.pem")}).status, 0);
    core::writeFile(file("crls.pem"), core::readFile(file("issuing-crl.pem")) + core::readFile(file("root-crl.pem")));
    const Output judged = run({"openssl", "verify", "-x509_strict", "-crl_check_all", "-CAfile", ca() + "/root.pem",
                               "-untrusted", ca() + "/issuing.pem", "-CRLfile", file("crls.pem"), certificate});
    return judged.out + judged.err;
  }
  std::vector<std::string> asking(const std::string& certificate, std::vector<std::string> more) const {
    more.insert(more.begin(), {"openssl", "ocsp", "-issuer", ca() + "/issuing.pem", "-CAfile", ca() + "/root.pem",
                               "-cert", certificate});
    return more;
  }
  std::string pdf() const {
    core::writeFile(file("plain.pdf"), plainPdf());
    return file("plain.pdf");
  }
  Output sign(const std::string& key, const std::string& level, const std::string& out,
              std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"sign", pdf(), "--key", key, "--level", level, "--out", out, "--json"});
    return qianda(more);
  }
  // Verdict of the file, with the exit status before it.
  Json verify(const std::string& signedFile, std::vector<std::string> more) const {
    more.insert(more.begin(), {"verify", signedFile, "--json"});
    const Output judged = qianda(more);
    const Json verdict = jsonObject(judged.out)->getArray("files")->getObject(0);
    EXPECT_EQ(judged.status == 0, text(verdict, "indication") == "TOTAL_PASSED") << judged.err;
    return verdict;
  }

  const TempFolder folder_;
  Json founded_;
};

// The next whole second begins after this returns: what follows is later in every list and token.
void passASecond() { std::this_thread::sleep_for(std::chrono::milliseconds(2100)); }

TEST_F(CaTest, IsFoundedOnceWithADrawnPassphrase) {
  EXPECT_EQ(text(founded_, "passphrase_file"), ca() + "/passphrase");
  using fs::perms;
  EXPECT_EQ(fs::status(ca() + "/passphrase").permissions(), perms::owner_read | perms::owner_write);
  const std::string shown =
      run({"openssl", "x509", "-in", ca() + "/root.pem", "-noout", "-fingerprint", "-sha256"}).out;
  std::string fingerprint = shown.substr(shown.find('=') + 1);
  std::erase_if(fingerprint, [](char c) { return c == ':' || c == '\n'; });
  std::transform(fingerprint.begin(), fingerprint.end(), fingerprint.begin(), [](char c) { return std::tolower(c); });
  EXPECT_EQ(text(founded_, "root_sha256"), fingerprint);
  fs::create_directory(file("here"));
  const Output here = run(
      {"sh", "-c", "cd \"$0\" && exec \"$1\" ca init . --organisation x", file("here"), QIANDA_BINARY_DIR "/qianda"});
  EXPECT_EQ(here.status, 0) << here.err;
  EXPECT_EQ(qianda({"ca", "list", file("here")}).status, 0);
  const Output again = qianda({"ca", "init", ca(), "--organisation", "x"});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("not an empty folder"));
  core::writeFile(file("pass"), "of my own\n");
  EXPECT_EQ(qianda({"ca", "init", file("other"), "--organisation", "x", "--pass-file", file("pass")}).status, 0);
  EXPECT_FALSE(fs::exists(file("other/passphrase")));
  EXPECT_EQ(qianda({"ca", "list", file("other")}).status, 1);
  EXPECT_EQ(qianda({"ca", "list", file("other"), "--pass-file", file("pass")}).status, 0);
}

TEST_F(CaTest, FaultsAreNamedWithTheirExitStatus) {
  const auto fails = [&](std::vector<std::string> arguments, int status, const std::string& reason) {
    arguments.insert(arguments.begin(), "ca");
    const Output made = qianda(arguments);
    EXPECT_EQ(made.status, status) << made.err;
    EXPECT_THAT(made.err, HasSubstr(reason));
    EXPECT_EQ(made.out, "");
  };
  const std::string csr = request("r"), out = file("out.pem");
  fails({"list", file("none")}, 1, "not an authority");
  fails({"issue", ca(), "--profile", "root", "--request", csr, "--out", out}, 1, "company-seal, person, event");
  fails({"issue", ca(), "--profile", "event", "--request", csr, "--out", out}, 1, "needs an event id");
  fails({"issue", ca(), "--profile", "person", "--request", csr, "--out", file("none/out")}, 1, "no folder");
  fails({"issue", ca(), "--profile", "person", "--request", ca() + "/root.pem", "--out", out}, 1, "PKCS#10");
  fails({"issue", ca(), "--profile", "person", "--request", csr, "--lifetime", "1y", "--out", out}, 2, "7d, 2h, 30m");
  fails({"issue", ca(), "--profile", "person", "--request", csr, "--lifetime", "9999d", "--out", out}, 1, "lives");
  fails({"issue", ca(), "--profile", "person", "--out", out}, 2, "--key-kind");
  fails({"issue", "--profile", "person", "--request", csr, "--out", out}, 2, "--issuer");
  fails({"issue", ca(), "--profile", "person", "--key-kind", "p256", "--out", out}, 2, "--name");
  fails({"issue", ca(), "--profile", "person", "--name", "x", "--key-kind", "dsa", "--out", out}, 1, "dsa");
  fails({"revoke", ca(), "12ab", "--reason", "superseded"}, 1, "no certificate 12ab was issued here");
  fails({"revoke", ca(), "xyz", "--reason", "superseded"}, 1, "hexadecimal");
  fails({"revoke", ca(), "12ab", "--reason", "boredom"}, 1, "keyCompromise");
  fails({"revoke", ca(), "12ab"}, 2, "--reason");
  core::writeFile(file("wrong"), "wrong");
  fails({"list", ca(), "--pass-file", file("wrong")}, 1, "issuing.p12");
  fails({"serve", ca(), "--bind", "203.0.113.1", "--port", "0"}, 3, "cannot listen");
  EXPECT_FALSE(fs::exists(out));
  EXPECT_EQ(jsonObject(qianda({"ca", "list", ca(), "--json"}).out)->getArray("certificates")->size(), 0u);
  fails({"ocsp", ca(), "--request", csr, "--out", out}, 1, "not an OCSP request");
  EXPECT_FALSE(fs::exists(out));
  core::writeFile(ca() + "/issuing.index", "nonsense\n");
  fails({"list", ca()}, 3, "line 1 is damaged");
}

TEST_F(CaTest, OpensslVerifiesItsCertificatesAgainstItsLists) {
  const Json good = issue("person", "张某", {"--request", request("good"), "--out", file("good.pem")});
  const Json bad = issue("company-seal", "某公司", {"--request", request("bad"), "--out", file("bad.pem")});
  EXPECT_EQ(number(good, "chain"), 2u);
  EXPECT_EQ(run({"openssl", "x509", "-in", file("good.pem"), "-noout", "-pubkey"}).out,
            run({"openssl", "pkey", "-in", file("good.key"), "-pubout"}).out);
  EXPECT_THAT(judge(file("bad.pem")), HasSubstr("bad.pem: OK"));
  revoke(bad, "keyCompromise");
  EXPECT_THAT(judge(file("bad.pem")), AllOf(HasSubstr("certificate revoked"), Not(HasSubstr(": OK"))));
  EXPECT_THAT(judge(file("good.pem")), HasSubstr("good.pem: OK"));
  const std::string list = run({"openssl", "crl", "-in", file("issuing-crl.pem"), "-noout", "-text"}).out;
  EXPECT_THAT(list, AllOf(HasSubstr("Key Compromise"), HasSubstr("Revocation Date: ")));

  const JsonList certificates = jsonObject(qianda({"ca", "list", ca(), "--json"}).out)->getArray("certificates");
  ASSERT_EQ(certificates->size(), 2u);
  EXPECT_EQ(text(certificates->getObject(0), "state"), "good");
  EXPECT_EQ(text(certificates->getObject(1), "state"), "revoked");
  EXPECT_EQ(text(certificates->getObject(1), "serial"), text(bad, "serial"));
  const Output again = qianda({"ca", "revoke", ca(), text(bad, "serial"), "--reason", "superseded"});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("was revoked at"));
  // As openssl prints it.
  const std::string serial = run({"openssl", "x509", "-in", file("good.pem"), "-noout", "-serial"}).out;
  const std::string upper = serial.substr(7, serial.size() - 8);
  EXPECT_EQ(qianda({"ca", "revoke", ca(), upper, "--reason", "superseded"}).status, 0);
  EXPECT_THAT(judge(file("good.pem")), HasSubstr("certificate revoked"));
}

TEST_F(CaTest, ShortLivedEventCertificatesEndWithTheirCeremony) {
  const Json issued = issueKey("event", "张某", file("worker.p12"), {"--event", "01J0ENVELOPE", "--lifetime", "1h"});
  EXPECT_EQ(text(issued, "event"), "01J0ENVELOPE");
  run({"openssl", "pkcs12", "-in", file("worker.p12"), "-passin", "file:" + file("passphrase"), "-nokeys", "-clcerts",
       "-out", file("worker.pem")});
  EXPECT_EQ(run({"openssl", "x509", "-in", file("worker.pem"), "-noout", "-checkend", "3000"}).status, 0);
  EXPECT_EQ(run({"openssl", "x509", "-in", file("worker.pem"), "-noout", "-checkend", "3700"}).status, 1);
  EXPECT_THAT(run({"openssl", "x509", "-in", file("worker.pem"), "-noout", "-text"}).out, HasSubstr("01J0ENVELOPE"));
  const JsonList all = jsonObject(qianda({"ca", "profiles", "--json"}).out)->getArray("profiles");
  bool isNamed = false;
  for (unsigned i = 0; i < all->size(); ++i) isNamed = isNamed || all->getObject(i)->getValue<bool>("needs_event");
  EXPECT_TRUE(isNamed);
}

TEST_F(CaTest, OcspOverHttpAndFromFilesSaysWhatWasRevokedWhenAndWhy) {
  issue("person", "张某", {"--request", request("good"), "--out", file("good.pem")});
  const Json bad = issue("person", "李某", {"--request", request("bad"), "--out", file("bad.pem")});
  Child server({QIANDA_BINARY_DIR "/qianda", "ca", "serve", ca(), "--port", "0", "--json"});
  const std::string url = text(jsonObject(server.line() + "\n"), "url");
  ASSERT_THAT(url, testing::StartsWith("http://127.0.0.1:"));
  EXPECT_THAT(run(asking(file("bad.pem"), {"-url", url})).out, HasSubstr("bad.pem: good"));
  revoke(bad, "keyCompromise");  // another process, seen at once
  const Output revoked = run(asking(file("bad.pem"), {"-url", url}));
  EXPECT_THAT(revoked.out,
              AllOf(HasSubstr("bad.pem: revoked"), HasSubstr("Reason: keyCompromise"), HasSubstr("Revocation Time: ")));
  EXPECT_THAT(revoked.err, HasSubstr("Response verify OK"));
  const Output good256 = run({"openssl", "ocsp", "-sha256", "-issuer", ca() + "/issuing.pem", "-CAfile",
                              ca() + "/root.pem", "-cert", file("good.pem"), "-url", url + "ocsp"});
  EXPECT_THAT(good256.out, HasSubstr("good.pem: good"));
  ASSERT_EQ(run({"curl", "-sS", "--fail", "-o", file("http.crl"), url + "issuing.crl"}).status, 0);
  ASSERT_EQ(qianda({"ca", "crl", ca(), "--out", file("file.crl")}).status, 0);
  EXPECT_EQ(core::readFile(file("http.crl")), core::readFile(file("file.crl")));
  EXPECT_EQ(run({"curl", "-sS", "--fail", "-o", file("root.p12"), url + "private/root.p12"}).status, 22);
  EXPECT_EQ(server.end(), 0);

  const std::string ask = file("ask"), answer = file("answer");
  ASSERT_EQ(run(asking(file("bad.pem"), {"-no_nonce", "-reqout", ask})).status, 0);
  const Output made = qianda({"ca", "ocsp", ca(), "--request", ask, "--out", answer, "--json"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(number(jsonObject(made.out), "bytes"), fs::file_size(answer));
  EXPECT_THAT(run(asking(file("bad.pem"), {"-no_nonce", "-respin", answer})).out, HasSubstr("bad.pem: revoked"));
  // One octet altered, in the times.
  std::string octets = core::readFile(answer);
  const std::size_t time = octets.find(
      "\x18\x0f"
      "20");
  ASSERT_NE(time, octets.npos);
  octets[time + 5] = octets[time + 5] == '9' ? '8' : '9';
  core::writeFile(answer, octets);
  const Output tampered = run(asking(file("bad.pem"), {"-no_nonce", "-respin", answer}));
  EXPECT_THAT(tampered.err, HasSubstr("Response Verify Failure"));
}

TEST_F(CaTest, ItsKeysSignAtEveryLevelWithItsOwnTimeAndAnswers) {
  issueKey("company-seal", "珠海示例科技有限公司", file("seal.p12"), {"--organisation", "珠海示例科技有限公司"});
  for (const std::string level : {"B-B", "B-T", "B-LT", "B-LTA"}) {
    const std::string out = file(level + ".pdf");
    const Output made = sign(file("seal.p12"), level, out, {"--ca", ca()});
    ASSERT_EQ(made.status, 0) << level << made.err;
    const Json verdict = verify(out, {"--ca", ca(), "--require-revocation"});
    EXPECT_EQ(text(verdict, "indication"), "TOTAL_PASSED") << text(verdict, "reason");
    EXPECT_EQ(text(verdict, "level"), "PAdES-BASELINE-" + level.substr(2));
    // Without the folder, with its root alone: what the file brings along must do.
    const Json alone = verify(out, {"--trust", ca() + "/root.pem", "--require-revocation"});
    EXPECT_EQ(text(alone, "indication"), level.size() < 4 ? "INDETERMINATE" : "TOTAL_PASSED") << level;
    const Json stranger = verify(out, {"--trust", developmentPki() / "root.pem"});
    EXPECT_EQ(text(stranger, "sub_indication"), "NO_CERTIFICATE_CHAIN_FOUND");
  }
  ASSERT_EQ(qianda({"extend", file("B-B.pdf"), "--level", "B-LTA", "--ca", ca(), "--out", file("raised.pdf")}).status,
            0);
  EXPECT_EQ(text(verify(file("raised.pdf"), {"--ca", ca()}), "level"), "PAdES-BASELINE-LTA");
  trustInNss(folder_ / "nss", ca() + "/root.pem");
  const std::string judged = run({"pdfsig", "-nssdir", "sql:" + file("nss"), file("B-LTA.pdf")}).out;
  EXPECT_THAT(judged, AllOf(HasSubstr("Signature is Valid."), HasSubstr("Certificate is Trusted.")));
  std::string octets = core::readFile(file("B-LTA.pdf"));
  octets[octets.find("%PDF") + 9] ^= 1;
  core::writeFile(file("tampered.pdf"), octets);
  EXPECT_EQ(text(verify(file("tampered.pdf"), {"--ca", ca()}), "indication"), "TOTAL_FAILED");
}

TEST_F(CaTest, ASignatureOfALaterRevokedKeyStandsOnlyWithATimestampBefore) {
  const Json seal = issueKey("person", "张某", file("key.p12"));
  ASSERT_EQ(sign(file("key.p12"), "B-B", file("bare.pdf"), {"--ca", ca()}).status, 0);
  ASSERT_EQ(sign(file("key.p12"), "B-T", file("stamped.pdf"), {"--ca", ca()}).status, 0);
  EXPECT_EQ(text(verify(file("bare.pdf"), {"--ca", ca()}), "indication"), "TOTAL_PASSED");
  passASecond();
  revoke(seal, "keyCompromise");
  const Json bare = verify(file("bare.pdf"), {"--ca", ca()});
  EXPECT_EQ(text(bare, "indication"), "INDETERMINATE");
  EXPECT_EQ(text(bare, "sub_indication"), "REVOKED_NO_POE");
  EXPECT_THAT(text(bare, "reason"), HasSubstr("keyCompromise"));
  const Json stamped = verify(file("stamped.pdf"), {"--ca", ca()});
  EXPECT_EQ(text(stamped, "indication"), "TOTAL_PASSED") << text(stamped, "reason");
  const Json answer = stamped->getArray("signatures")->getObject(0)->getArray("revocation")->getObject(0);
  EXPECT_EQ(text(answer, "status"), "revoked");
  EXPECT_EQ(text(answer, "reason"), "keyCompromise");
  EXPECT_NE(text(answer, "revoked_at"), "");
  passASecond();
  ASSERT_EQ(sign(file("key.p12"), "B-T", file("late.pdf"), {"--ca", ca()}).status, 0);
  EXPECT_EQ(text(verify(file("late.pdf"), {"--ca", ca()}), "sub_indication"), "REVOKED_NO_POE");
  // And it can be raised no further.
  const Output raised = sign(file("key.p12"), "B-LT", file("lt.pdf"), {"--ca", ca()});
  EXPECT_EQ(raised.status, 1);
  EXPECT_THAT(raised.err, HasSubstr("was revoked on"));
  EXPECT_FALSE(fs::exists(file("lt.pdf")));
}

TEST_F(CaTest, TheNetworkIsAskedOnlyWhenTheUserSaysSo) {
  Child server({QIANDA_BINARY_DIR "/qianda", "ca", "serve", ca(), "--port", "0"});
  const std::string url = server.line().substr(0, server.line().size() - 1), host = url.substr(7);
  core::writeFile(ca() + "/address", url + "\n");  // what certificates name from now on
  const Json key = issueKey("person", "张某", file("key.p12"));
  ASSERT_EQ(sign(file("key.p12"), "B-B", file("bare.pdf"), {"--ca", ca()}).status, 0);
  revoke(key, "superseded");
  const auto verdict = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--trust", ca() + "/root.pem"});
    const Json found = verify(file("bare.pdf"), more);
    return text(found, "indication") + " " + text(found, "sub_indication");
  };
  EXPECT_EQ(verdict({}), "TOTAL_PASSED ") << "nobody was asked, and revocation_status says so";
  EXPECT_EQ(verdict({"--online-host", host}), "INDETERMINATE REVOKED_NO_POE");
  EXPECT_EQ(verdict({"--online-host", "ca.example"}), "TOTAL_PASSED ") << "another host";
  EXPECT_EQ(verdict({"--online"}), "TOTAL_PASSED ") << "a private address is not asked unless it is named";
  EXPECT_EQ(verdict({"--online", "--require-revocation"}), "INDETERMINATE TRY_LATER");
  EXPECT_EQ(server.end(), 0);
  EXPECT_EQ(verdict({"--online-host", host, "--require-revocation"}), "INDETERMINATE TRY_LATER") << "nobody there";
}

TEST_F(CaTest, AResponderThatFailsGivesWayToAList) {
  std::atomic<int> asked = 0;
  const std::string other = file("other");
  const HttpServer front([&](const Heard& heard) -> Said {
    if (heard.path == "/ocsp") ++asked;
    const bool isList = heard.path == "/issuing.crl" || heard.path == "/root.crl";
    return isList ? Said{200, "application/pkix-crl", core::readFile(other + heard.path)} : Said{503, "text/plain", ""};
  });
  const auto done = [](const std::vector<std::string>& arguments) {
    const Output made = qianda(arguments);
    EXPECT_EQ(made.status, 0) << made.err;
  };
  done({"ca", "init", other, "--organisation", "外部", "--address", front.url("")});
  done({"ca", "issue", other, "--profile", "person", "--name", "张某", "--key-kind", "p256", "--out", file("k.p12")});
  Child time({QIANDA_BINARY_DIR "/qianda", "tsa", "serve", "--ca", other, "--port", "0"});
  done({"ca", "crl", other, "--out", file("ignored.crl")});
  const std::string root = other + "/root.pem", host = front.url("").substr(7);
  const auto raise = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--tsa", time.line(), "--trust", root});
    return sign(file("k.p12"), "B-LTA", file("lta.pdf"), more);
  };
  const Output offline = raise({});
  EXPECT_EQ(offline.status, 3) << "nobody may be asked";
  EXPECT_FALSE(fs::exists(file("lta.pdf")));
  const Output online = raise({"--online-host", host});
  ASSERT_EQ(online.status, 0) << online.err;
  EXPECT_GT(asked, 0);
  const Json verdict = verify(file("lta.pdf"), {"--trust", root, "--require-revocation"});
  EXPECT_EQ(text(verdict, "indication"), "TOTAL_PASSED") << text(verdict, "reason");
  EXPECT_EQ(text(verdict, "level"), "PAdES-BASELINE-LTA");
  fs::remove(other + "/issuing.crl");
  core::writeFile(other + "/issuing.crl", core::readFile(other + "/root.crl"));  // another issuer's
  EXPECT_EQ(raise({"--online-host", host}).status, 3);
}

TEST_F(CaTest, ItsTimestampAuthorityServes) {
  Child server({QIANDA_BINARY_DIR "/qianda", "tsa", "serve", "--ca", ca(), "--port", "0"});
  issueKey("person", "张某", file("key.p12"));
  ASSERT_EQ(sign(file("key.p12"), "B-T", file("stamped.pdf"), {"--tsa", server.line()}).status, 0);
  const Json verdict = verify(file("stamped.pdf"), {"--ca", ca()});
  EXPECT_EQ(text(verdict, "indication"), "TOTAL_PASSED") << text(verdict, "reason");
  EXPECT_EQ(text(verdict, "level"), "PAdES-BASELINE-T");
  EXPECT_EQ(qianda({"tsa", "serve", "--port", "0"}).status, 2) << "whose timestamps?";
}

TEST_F(CaTest, AnAuthorityOutsideIsAskedThroughItsCommand) {
  const std::string root = file("outside.pem"), key = file("outside.key");
  ASSERT_EQ(run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                 "2", "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-subj", "/CN=Outside Root", "-keyout", key,
                 "-out", root})
                .status,
            0);
  core::writeFile(file("ask"),
                  "#!/bin/sh\nopenssl x509 -req -in /dev/stdin -CA \"$1\" -CAkey \"$2\" -extfile \"$3\" -set_serial 77 "
                  "-days 2 2>/dev/null && cat \"$1\"\n");
  core::writeFile(file("extensions"),
                  "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n"
                  "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n");
  fs::permissions(file("ask"), fs::perms::owner_all);
  const auto describe = [&](const std::string& command) {
    core::writeFile(file("issuer.json"), "{\"command\": [" + command + "], \"timeout_seconds\": 60}");
  };
  const auto ask = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"ca", "issue", "--issuer", file("issuer.json"), "--profile", "person", "--json"});
    return qianda(more);
  };
  describe("\"" + file("ask") + "\", \"" + root + "\", \"" + key + "\", \"" + file("extensions") + "\"");
  const Output given = ask({"--request", request("r"), "--out", file("leaf.pem")});
  ASSERT_EQ(given.status, 0) << given.err;
  EXPECT_EQ(text(jsonObject(given.out), "serial"), "4d");
  EXPECT_EQ(run({"openssl", "verify", "-CAfile", root, file("leaf.pem")}).status, 0);
  ASSERT_EQ(ask({"--name", "某公司", "--key-kind", "rsa2048", "--out", file("seal.p12")}).status, 0);
  ASSERT_EQ(sign(file("seal.p12"), "B-B", file("signed.pdf")).status, 0);
  const Json verdict = verify(file("signed.pdf"), {"--trust", root});
  EXPECT_EQ(text(verdict, "indication"), "TOTAL_PASSED") << text(verdict, "reason");

  describe("\"cat\", \"" + root + "\"");
  const Output other = ask({"--request", request("r"), "--out", file("other.pem")});
  EXPECT_EQ(other.status, 3);
  EXPECT_THAT(other.err, HasSubstr("has the request's key"));
  EXPECT_FALSE(fs::exists(file("other.pem")));
  describe("");
  EXPECT_EQ(ask({"--request", request("r"), "--out", file("other.pem")}).status, 1);
  core::writeFile(file("issuer.json"), "[]");
  EXPECT_EQ(ask({"--request", request("r"), "--out", file("other.pem")}).status, 1);
}

class Sm2CaTest : public CaTest {
 protected:
  Sm2CaTest() : CaTest("sm2") {}
};

TEST_F(Sm2CaTest, Sm2KeysOfAnSm2AuthorityReachLta) {
  issue("company-seal", "某公司", {"--key-kind", "sm2", "--out", file("seal.p12")});
  const Output made = sign(file("seal.p12"), "B-LTA", file("lta.pdf"), {"--ca", ca()});
  ASSERT_EQ(made.status, 0) << made.err;
  const Json verdict = verify(file("lta.pdf"), {"--trust", ca() + "/root.pem", "--require-revocation"});
  EXPECT_EQ(text(verdict, "indication"), "TOTAL_PASSED") << text(verdict, "reason");
  EXPECT_EQ(text(verdict, "level"), "PAdES-BASELINE-LTA");
}

}  // namespace
}  // namespace qianda::test
