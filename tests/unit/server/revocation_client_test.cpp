// Revocation answers over HTTP: an authority that names the test's own server, and servers that lie.
#include "server/outbound/revocation_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/authority_server.h"
#include "signing/ca/ocsp_responder.h"
#include "signing/keys/signing_key.h"
#include "signing/keys/x509.h"
#include "signing/pades/long_term.h"
#include "signing/pades/revision_writer.h"
#include "signing/trust/timestamp_authority.h"
#include "signing/verify/trust.h"
#include "tests/support/authority.h"
#include "tests/support/error_of.h"
#include "tests/support/http_server.h"
#include "tests/support/plain_pdf.h"

namespace qianda::server {
namespace {

using core::Bytes;
using core::ErrorCode;
using namespace std::chrono_literals;
using signing::Authority;
using test::errorOf;
using test::Heard;
using test::HttpServer;
using test::kP256;
using test::Output;
using test::run;
using test::Said;
using testing::AllOf;
using testing::HasSubstr;

HttpClient localClient(std::chrono::milliseconds timeout = 10s, std::size_t largest = kLargestList) {
  OutboundPolicy policy;
  policy.privateAddresses = true;
  policy.timeout = timeout;
  policy.largestAnswer = largest;
  return HttpClient(policy);
}

Said said(const char* type, const Bytes& octets) { return {200, type, std::string(octets.begin(), octets.end())}; }

// An authority whose certificates name a server of ours, which answers as the test wants.
class RevocationClient : public testing::Test {
 protected:
  RevocationClient() {
    Authority::create(folder_ / "ca", {"示例", "p256", 48h, 48h, server_.url("")}, "x");
    authority_ = std::make_shared<Authority>(folder_ / "ca", "x");
    certificate_ = authority_->issue(helper_.request(kP256), test::orderOf("event")).certificate;
    issuing_ = authority_->issuingCertificate();
  }
  Said honest(const Heard& heard) {
    if (heard.path == "/ocsp")
      return said("application/ocsp-response", authority_->answerOcsp(core::viewOf(heard.body)));
    if (heard.path == "/issuing.crl") return said("application/pkix-crl", authority_->currentCrl());
    if (heard.path == "/root.crl") return said("application/pkix-crl", authority_->rootCrl());
    return {404, "text/plain", ""};
  }
  std::string serial() const { return signing::serialHex(signing::parseCertificate(certificate_).get()); }
  std::string refusal(const HttpServer::Answer& answer, bool ofList, const HttpClient& client = localClient()) {
    answer_ = answer;
    const HttpRevocationSource source(client);
    return errorOf([&] { ofList ? source.findCrl(certificate_, issuing_) : source.findOcsp(certificate_, issuing_); },
                   ErrorCode::kUnavailable);
  }

  const test::TempFolder folder_;
  test::TestAuthority helper_;
  HttpServer::Answer answer_ = [this](const Heard& heard) { return honest(heard); };
  HttpServer server_{[this](const Heard& heard) { return answer_(heard); }};
  std::shared_ptr<Authority> authority_;
  Bytes certificate_, issuing_;
};

TEST_F(RevocationClient, AsksWhatTheCertificatesName) {
  const HttpClient client = localClient();
  const auto states = [&] {
    const HttpRevocationSource source(client);
    signing::verify::Evidence evidence;
    evidence.addOcsp(source.findOcsp(certificate_, issuing_).value(), "http");
    const signing::X509Handle subject = signing::parseCertificate(certificate_),
                              above = signing::parseCertificate(issuing_);
    const auto verdict = signing::verify::judgeRevocation(subject.get(), above.get(), evidence, core::now());
    signing::verify::Evidence lists;
    lists.addCrl(source.findCrl(certificate_, issuing_).value(), "http");
    return std::pair(verdict.status,
                     signing::verify::judgeRevocation(subject.get(), above.get(), lists, core::now()).status);
  };
  EXPECT_EQ(states(), std::pair(std::string("good"), std::string("good")));
  authority_->revoke(serial(), signing::RevocationReason::kKeyCompromise);
  EXPECT_EQ(states(), std::pair(std::string("revoked"), std::string("revoked")));
  const HttpRevocationSource source(client);
  EXPECT_FALSE(source.findOcsp(issuing_, authority_->rootCertificate())) << "it names no responder";
  EXPECT_EQ(source.findCrl(issuing_, authority_->rootCertificate()), authority_->rootCrl());
  EXPECT_FALSE(source.findCrl(authority_->rootCertificate(), authority_->rootCertificate()));
  EXPECT_FALSE(source.findOcsp(Bytes{0x30, 0}, issuing_));
}

TEST_F(RevocationClient, KeepsAnswersAndFailuresForAWhile) {
  const HttpClient client = localClient();
  const HttpRevocationSource source(client);
  for (int i = 0; i < 5; ++i) source.findOcsp(certificate_, issuing_);
  for (int i = 0; i < 5; ++i) source.findCrl(certificate_, issuing_);
  EXPECT_EQ(server_.requests(), 2);
  const Bytes other = authority_->issue(helper_.request(kP256), test::orderOf("event")).certificate;
  source.findOcsp(other, issuing_);
  EXPECT_EQ(server_.requests(), 3) << "another certificate is another question";
  source.findCrl(other, issuing_);
  EXPECT_EQ(server_.requests(), 3) << "and the same list";
  answer_ = [](const Heard&) { return Said{500, "text/plain", ""}; };
  const HttpRevocationSource failing(client), forgetful(client, 0s);
  for (int i = 0; i < 3; ++i) EXPECT_THROW(failing.findCrl(certificate_, issuing_), core::Error);
  EXPECT_EQ(server_.requests(), 4);
  for (int i = 0; i < 3; ++i) EXPECT_THROW(forgetful.findCrl(certificate_, issuing_), core::Error);
  EXPECT_EQ(server_.requests(), 7);
}

TEST_F(RevocationClient, GoesNowhereThePolicyForbids) {
  EXPECT_THAT(refusal(answer_, false, HttpClient(OutboundPolicy{})), HasSubstr("not a public one"));
  OutboundPolicy policy;
  policy.privateAddresses = true;
  policy.hosts = {"ca.example"};
  EXPECT_THAT(refusal(answer_, true, HttpClient(policy)), HasSubstr("not among the hosts"));
  EXPECT_EQ(server_.requests(), 0);
}

TEST_F(RevocationClient, LiesAreRefused) {
  for (const bool ofList : {false, true}) {
    EXPECT_THAT(refusal(
                    [](const Heard&) {
                      return Said{404, "text/plain", ""};
                    },
                    ofList),
                HasSubstr("HTTP status 404"));
    EXPECT_THAT(refusal([](const Heard&) { return Said{200, "text/html", "<html>"}; }, ofList), HasSubstr("no "));
    EXPECT_THAT(refusal([](const Heard&) { return Said{200, "x", ""}; }, ofList), HasSubstr("no "));
    const auto slow = [](const Heard&) { return Said{200, "x", "x", "", 1500ms}; };
    EXPECT_THAT(refusal(slow, ofList, localClient(200ms)), HasSubstr("in time"));
    const auto giant = [](const Heard&) { return Said{200, "x", std::string(200'000, 'x')}; };
    EXPECT_THAT(refusal(giant, ofList, localClient(10s, 100'000)), HasSubstr("100000"));
    const auto away = [](const Heard&) { return Said{302, "x", "", "http://127.0.0.1/"}; };
    EXPECT_THAT(refusal(away, ofList), HasSubstr("HTTP status 302"));
    const auto longer = [&](const Heard& heard) {
      Said honestly = honest(heard);
      honestly.body += "x";
      return honestly;
    };
    EXPECT_THAT(refusal(longer, ofList), HasSubstr("no "));
  }
  const auto later = [](const Heard&) { return said("application/ocsp-response", signing::ocspFailure(3)); };
  EXPECT_THAT(refusal(later, false), HasSubstr("OCSP status 3"));
}

TEST_F(RevocationClient, ATamperedAnswerConvincesNobody) {
  answer_ = [&](const Heard& heard) {
    Said altered = honest(heard);
    altered.body[altered.body.size() / 2] ^= 1;
    return altered;
  };
  const HttpClient client = localClient();
  const HttpRevocationSource source(client);
  const signing::X509Handle subject = signing::parseCertificate(certificate_),
                            above = signing::parseCertificate(issuing_);
  std::string status = "none";
  try {
    signing::verify::Evidence evidence;
    if (const auto answer = source.findOcsp(certificate_, issuing_)) evidence.addOcsp(*answer, "http");
    status = signing::verify::judgeRevocation(subject.get(), above.get(), evidence, core::now()).status;
  } catch (const core::Error&) {
  }
  EXPECT_EQ(status, "none");
}

TEST_F(RevocationClient, AFileRaisedWithItsAnswersNeedsNobodyAnyMore) {
  signing::issueWithKey(*authority_, "p256", test::orderOf("event"), folder_ / "key.p12", "x");
  const signing::LocalTimestampAuthority time(authority_->timestampKey());
  const signing::TrustAnchors anchors{{authority_->rootCertificate()}};
  signing::RevisionRequest request;
  request.signedAt = core::now();
  const signing::CadesSigner signer(signing::loadPkcs12(folder_ / "key.p12", "x"), {signing::CmsProfile::kPkcs, &time});
  const std::string signedFile = signing::signPdf(test::plainPdf(), request, signer);
  const HttpClient client = localClient();
  const HttpRevocationSource honest(client), deceived(client), alone(client);
  const auto raise = [&](const signing::RevocationSource& source) {
    return signedFile + signing::extend(signedFile, signing::Level::kLTA, {&time, &source, &anchors}, core::now());
  };
  const std::string raised = raise(honest);
  signing::VerifierOptions strict;
  strict.requireRevocation = true;
  const signing::FileVerdict verdict = signing::Verifier(anchors, strict).verify(raised, core::now());
  EXPECT_EQ(verdict.indication, signing::Indication::kTotalPassed) << verdict.reason;
  EXPECT_EQ(verdict.signatures.at(0).level, "PAdES-BASELINE-LTA");
  EXPECT_EQ(signing::Verifier(anchors, strict).verify(signedFile, core::now()).subIndication, "TRY_LATER");
  answer_ = [this](const Heard& heard) {  // in the signature, at the end
    Said altered = this->honest(heard);
    altered.body[altered.body.size() - 2] ^= 1;
    return altered;
  };
  EXPECT_THAT(errorOf([&] { raise(deceived); }, ErrorCode::kUnavailable), HasSubstr("no revocation answer in force"));
  answer_ = [](const Heard&) { return Said{503, "text/plain", ""}; };
  EXPECT_THAT(errorOf([&] { raise(alone); }, ErrorCode::kUnavailable), HasSubstr("HTTP status 503"));
}

// A CRL with that issuing distribution point (OpenSSL's configuration), made by openssl with the authority's key.
Bytes listWithPoint(const test::TempFolder& folder, const std::string& extensions) {
  const auto file = [&](const char* name) { return (folder / name).string(); };
  core::writeFile(file("index.txt"), "");
  core::writeFile(file("crlnumber"), "01\n");
  core::writeFile(file("openssl.cnf"), "[ca]\ndefault_ca=it\n[it]\ndatabase=" + file("index.txt") +
                                           "\ncrlnumber=" + file("crlnumber") +
                                           "\ndefault_md=sha256\ndefault_crl_days=1\ncrl_extensions=ext\n"
                                           "[ext]\n" +
                                           extensions + "\n");
  const Output key = run({"openssl", "pkcs12", "-in", file("ca/private/issuing.p12"), "-passin", "pass:x", "-nodes",
                          "-nocerts", "-out", file("issuing.key")});
  const Output made = run({"openssl", "ca", "-config", file("openssl.cnf"), "-gencrl", "-cert", file("ca/issuing.pem"),
                           "-keyfile", file("issuing.key"), "-out", file("point.crl")});
  if (key.status != 0 || made.status != 0) throw std::runtime_error(key.err + made.err);
  const std::string pem = core::readFile(file("point.crl"));
  return {pem.begin(), pem.end()};
}

TEST_F(RevocationClient, AListForOthersIsRefused) {
  const auto judged = [&](const std::string& point) {
    const Bytes list = listWithPoint(folder_, point);
    return refusal([&](const Heard&) { return said("application/pkix-crl", list); }, true);
  };
  const std::string here = server_.url("/issuing.crl");
  EXPECT_EQ(judged(""), "accepted") << "PEM too";
  EXPECT_EQ(judged("issuingDistributionPoint=critical,@p\n[p]\nfullname=URI:" + here), "accepted");
  EXPECT_EQ(judged("issuingDistributionPoint=critical,@p\n[p]\nonlyuser=TRUE"), "accepted");
  for (const std::string point : {"fullname=URI:http://127.0.0.1/another.crl", "onlyCA=TRUE", "onlyAA=TRUE",
                                  "indirectCRL=TRUE", "onlysomereasons=keyCompromise"}) {
    EXPECT_THAT(judged("issuingDistributionPoint=critical,@p\n[p]\n" + point), HasSubstr("not for this certificate"));
  }
  EXPECT_THAT(judged("2.5.29.27=critical,ASN1:INTEGER:1"), HasSubstr("not for this certificate")) << "a delta";
}

class AuthorityOverHttp : public testing::Test {
 protected:
  Output ask(const std::string& certificate) {
    return run({"openssl", "ocsp", "-issuer", ca_.folder / "issuing.pem", "-CAfile", ca_.folder / "root.pem", "-cert",
                certificate, "-url", server_.url()});
  }
  int status(const char* method, const std::string& path, const char* type, std::size_t size) {
    return client_.send({method, server_.url() + path, {{"Content-Type", type}}, Bytes(size, 'x')}).status;
  }

  test::TestAuthority ca_;
  std::shared_ptr<Authority> authority_ = std::make_shared<Authority>(ca_.folder, test::kPassphrase, ca_.clock());
  AuthorityServer server_{authority_, "127.0.0.1", 0};
  const HttpClient client_ = localClient();
};

TEST_F(AuthorityOverHttp, AnswersByPostAndByGet) {
  const Bytes certificate = authority_->issue(ca_.request(kP256), test::orderOf("person")).certificate;
  const std::string file = ca_.write("leaf.der", certificate);
  const Output good = ask(file);
  EXPECT_THAT(good.out, HasSubstr(": good")) << good.err;
  EXPECT_THAT(good.err, HasSubstr("Response verify OK"));
  const std::string request =
      run({"sh", "-c",
           "openssl ocsp -no_nonce -issuer " + (ca_.folder / "issuing.pem").string() + " -cert " + file +
               " -reqout - | base64 -w0 | sed 's/=/%3D/g;s,/,%2F,g;s/+/%2B/g'"})
          .out;
  for (const std::string path : {"", "ocsp/"}) {
    const HttpAnswer answer = client_.send({"GET", server_.url() + path + request, {}, {}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.contentType, "application/ocsp-response");
    EXPECT_EQ(signing::ocspStatusOf(answer.body), 0);
  }
  const HttpAnswer list = client_.send({"GET", server_.url() + "issuing.crl", {}, {}});
  EXPECT_EQ(list.contentType, "application/pkix-crl");
  EXPECT_EQ(list.body, authority_->currentCrl());
  EXPECT_EQ(client_.send({"GET", server_.url() + "root.crl", {}, {}}).body, authority_->rootCrl());
  EXPECT_EQ(client_.send({"GET", server_.url() + "issuing.cer", {}, {}}).body, authority_->issuingCertificate());
  EXPECT_EQ(client_.send({"GET", server_.url() + "root.cer", {}, {}}).body, authority_->rootCertificate());
}

TEST_F(AuthorityOverHttp, RefusesWhatIsNoQuestion) {
  EXPECT_EQ(status("PUT", "", "text/plain", 1), 405);
  EXPECT_EQ(status("POST", "", "text/plain", 10), 415);
  EXPECT_EQ(status("POST", "issuing.crl", "application/ocsp-request", 10), 404);
  EXPECT_EQ(status("POST", "", "application/ocsp-request", signing::kLargestOcspRequest + 1), 413);
  EXPECT_EQ(status("GET", "private/root.p12", "", 0), 404);
  EXPECT_EQ(status("GET", "", "", 0), 404);
  EXPECT_EQ(status("GET", std::string(5000, 'A'), "", 0), 414);
  const HttpAnswer malformed =
      client_.send({"POST", server_.url(), {{"Content-Type", "application/ocsp-request"}}, Bytes(10, 'x')});
  EXPECT_EQ(malformed.status, 200);
  EXPECT_EQ(signing::ocspStatusOf(malformed.body), 1);
  std::filesystem::remove(ca_.folder / "private/root.p12");
  ca_.now += std::chrono::days(400);
  EXPECT_EQ(status("GET", "root.crl", "", 0), 503);
}

}  // namespace
}  // namespace qianda::server
