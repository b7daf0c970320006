#include "tests/support/authority.h"

#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include "signing/ca/certificate_maker.h"
#include "signing/keys/x509.h"
#include "signing/trust/revocation_addresses.h"

namespace qianda::signing {
namespace {

using namespace std::chrono_literals;
using core::Error;
using core::ErrorCode;
using test::kP256;
using test::orderOf;
using test::TestAuthority;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string refusal(const std::function<void()>& action, ErrorCode code = ErrorCode::kInvalidInput) {
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

std::string serialOf(const IssuedCertificate& issued) { return serialHex(parseCertificate(issued.certificate).get()); }

TEST(Authority, IsMadeOnceAndOpenedWithItsPassphraseAlone) {
  TestAuthority ca;
  EXPECT_THAT(refusal([&] { Authority::create(ca.folder, {"A"}, test::kPassphrase); }, ErrorCode::kConflict),
              HasSubstr("not an empty folder"));
  refusal([&] { Authority(ca.folder, "another"); });
  refusal([&] { Authority(ca.temp / "none", test::kPassphrase); }, ErrorCode::kNotFound);
  refusal([&] { Authority::create(ca.temp / "b", {"A"}, ""); });
  for (const char* left : {"b", "b.part"})
    EXPECT_FALSE(std::filesystem::exists(ca.temp / left)) << "whole or not at all";
  core::writeFile(ca.temp / "empty-file", "");
  refusal([&] { Authority::create(ca.temp / "empty-file", {"A"}, "x"); }, ErrorCode::kConflict);
  EXPECT_FALSE(std::filesystem::exists(ca.folder.string() + ".lock"));
  refusal([&] { Authority::create(ca.temp / "b", {"A", "dsa"}, "x"); }, ErrorCode::kUnsupported);
  int keys = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ca.folder / "private")) {
    using std::filesystem::perms;
    EXPECT_EQ(entry.status().permissions(), perms::owner_read | perms::owner_write) << entry.path();
    ++keys;
  }
  EXPECT_EQ(keys, 2);
}

TEST(Authority, SerialNumbersArePositiveAndLongAndNeverTheSame) {
  TestAuthority ca;
  Authority authority = ca.open();
  const core::Bytes request = ca.request(kP256);
  std::set<std::string> serials;
  std::size_t longest = 0;
  for (int i = 0; i < 40; ++i) {
    const std::string serial = serialOf(authority.issue(request, orderOf("event")));
    EXPECT_LE(serial.size(), 32u);
    EXPECT_TRUE(serial.size() < 32 || serial[0] < '8') << serial;
    longest = std::max(longest, serial.size());
    serials.insert(serial);
  }
  EXPECT_THAT(serials, SizeIs(40));
  EXPECT_EQ(longest, 32u);
}

TEST(Authority, TheProfileDecidesNotTheRequest) {
  TestAuthority ca;
  Authority authority = ca.open();
  const core::Bytes request = ca.request(kP256, "/CN=从请求来/O=请求公司");
  const X509Handle own = parseCertificate(authority.issue(request, orderOf("person", "")).certificate);
  EXPECT_EQ(textOf(X509_get_subject_name(own.get())), "CN=从请求来,O=请求公司,C=CN");
  const X509Handle ordered = parseCertificate(authority.issue(request, orderOf("person", "张某")).certificate);
  EXPECT_EQ(textOf(X509_get_subject_name(ordered.get())), "CN=张某,C=CN");
  EXPECT_EQ(X509_get_extension_flags(ordered.get()) & EXFLAG_CA, 0u);

  EXPECT_THAT(refusal([&] { authority.issue(request, orderOf("root")); }), HasSubstr("company-seal, person, event"));
  CertificateOrder order = orderOf("event");
  order.event = "";
  refusal([&] { authority.issue(request, order); });
  order.event = "two words";
  refusal([&] { authority.issue(request, order); });
  order.event = "E1";
  for (const auto lifetime : {std::chrono::seconds(1min), std::chrono::seconds(25h)}) {
    order.lifetime = lifetime;
    EXPECT_THAT(refusal([&] { authority.issue(request, order); }), HasSubstr("300 to 86400 seconds"));
  }
  order = orderOf("person");
  order.event = "E1";
  refusal([&] { authority.issue(request, order); });
  refusal([&] { authority.issue(ca.request(kP256, "/O=nameless"), orderOf("person", "")); });
  refusal([&] { authority.issue(request, orderOf("person", "\xff\xfe")); });
  refusal([&] { authority.issue(request, orderOf("person", std::string(65, 'x'))); });
  EXPECT_THAT(authority.list(), SizeIs(2)) << "what was refused is not in the index";
}

TEST(Authority, NoCertificateOutlivesItsIssuer) {
  TestAuthority ca;
  ca.now += std::chrono::days(3650 - 100);
  Authority authority = ca.open();
  const core::Bytes request = ca.request(kP256);
  const X509Handle last = parseCertificate(authority.issue(request, orderOf("person")).certificate);
  const X509Handle issuing = parseCertificate(authority.issuingCertificate());
  EXPECT_EQ(ASN1_TIME_compare(X509_get0_notAfter(last.get()), X509_get0_notAfter(issuing.get())), 0);
  CertificateOrder order = orderOf("person");
  order.lifetime = std::chrono::days(200);
  EXPECT_THAT(refusal([&] { authority.issue(request, order); }), HasSubstr("outlive"));
  // A responder at the end of the CA's days is not made anew for every answer.
  ca.now += std::chrono::days(90);
  const core::Bytes ask = makeOcspRequest(encodeCertificate(last.get()), authority.issuingCertificate());
  for (int i = 0; i < 3; ++i) authority.answerOcsp(ask);
  EXPECT_THAT(authority.list(), SizeIs(2));
  ca.now += std::chrono::days(20);
  refusal([&] { authority.issue(request, orderOf("person")); }, ErrorCode::kConflict);
}

TEST(Authority, ARequestMustBeSignedByTheKeyItNames) {
  TestAuthority ca;
  Authority authority = ca.open();
  for (const std::vector<std::string>& kind :
       {kP256, {"-algorithm", "SM2"}, {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}}) {
    core::Bytes request = ca.request(kind, "/CN=somebody");
    EXPECT_NO_THROW(authority.issue(request, orderOf("person")));
    core::Bytes other = request;
    const std::string name = "somebody";
    const auto at = std::search(other.begin(), other.end(), name.begin(), name.end());
    ASSERT_NE(at, other.end());
    *at = 'S';
    EXPECT_THAT(refusal([&] { authority.issue(other, orderOf("person")); }), HasSubstr("not signed by the key"));
    request.push_back(0);
    EXPECT_THAT(refusal([&] { authority.issue(request, orderOf("person")); }), HasSubstr("PKCS#10"));
  }
  refusal([&] { authority.issue(ca.request({"-algorithm", "ED25519"}), orderOf("person")); }, ErrorCode::kUnsupported);
  refusal(
      [&] {
        authority.issue(ca.request({"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"}), orderOf("person"));
      },
      ErrorCode::kUnsupported);
  refusal([&] { authority.issue(core::Bytes(70'000, 0x30), orderOf("person")); });
  refusal([&] { authority.issue({}, orderOf("person")); });
}

TEST(Authority, RevocationIsFinalAndNamed) {
  TestAuthority ca;
  Authority authority = ca.open();
  const std::string serial = serialOf(authority.issue(ca.request(kP256), orderOf("person")));
  EXPECT_EQ(authority.statusOf(serial).state, CertificateState::kGood);
  EXPECT_EQ(authority.statusOf("1234").state, CertificateState::kUnknown);
  authority.revoke(serial, RevocationReason::kPrivilegeWithdrawn);
  const CertificateStatus status = authority.statusOf(serial);
  EXPECT_EQ(status.state, CertificateState::kRevoked);
  EXPECT_EQ(status.reason, 9);
  EXPECT_EQ(status.revokedAt, ca.now);
  EXPECT_THAT(refusal([&] { authority.revoke(serial, RevocationReason::kSuperseded); }, ErrorCode::kConflict),
              HasSubstr("privilegeWithdrawn"));
  refusal([&] { authority.revoke("1234", RevocationReason::kSuperseded); }, ErrorCode::kNotFound);
  EXPECT_THAT(refusal([&] { revocationReason("boredom"); }), HasSubstr("keyCompromise"));
}

TEST(Authority, ListsAreNumberedUpwardsAndNeverStale) {
  TestAuthority ca;
  Authority authority = ca.open();
  const core::Bytes request = ca.request(kP256);
  const std::string serial = serialOf(authority.issue(request, orderOf("person")));
  const auto numberOf = [](const core::Bytes& der) {
    const SerialHandle number(
        static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(findCrl(der).get(), NID_crl_number, nullptr, nullptr)));
    return ASN1_INTEGER_get(number.get());
  };
  const core::Bytes first = authority.currentCrl();
  EXPECT_EQ(numberOf(first), 1);
  EXPECT_EQ(authority.currentCrl(), first);
  authority.revoke(serial, RevocationReason::kKeyCompromise);
  const core::Bytes second = authority.currentCrl();
  EXPECT_EQ(numberOf(second), 2);
  EXPECT_EQ(statusIn(findCrl(second).get(), serial).reason, 1);
  EXPECT_EQ(statusIn(findCrl(first).get(), serial).state, CertificateState::kGood);
  std::filesystem::remove(ca.folder / "issuing.crl");
  EXPECT_EQ(numberOf(ca.open().currentCrl()), 3) << "numbers live in the index, not in the file";
  ca.now += std::chrono::days(8);
  EXPECT_EQ(numberOf(authority.currentCrl()), 4) << "over after seven days";
  ca.now += std::chrono::days(400);
  EXPECT_EQ(numberOf(authority.rootCrl()), 2);
  std::filesystem::remove(ca.folder / "private/root.p12");
  EXPECT_EQ(numberOf(authority.rootCrl()), 2);
  ca.now += std::chrono::days(400);
  EXPECT_THAT(refusal([&] { authority.rootCrl(); }, ErrorCode::kConflict), HasSubstr("root.p12"));
}

TEST(Authority, AListIsRenewedAtHalfItsLifeAsLongAsTheLast) {
  TestAuthority ca;
  Authority authority = ca.open();
  const core::Bytes first = authority.makeCrl(std::chrono::days(30));
  ca.now += std::chrono::days(14);
  EXPECT_EQ(authority.currentCrl(), first);
  ca.now += std::chrono::days(1);
  const auto second = factsOf(authority.currentCrl());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->number, 2u);
  EXPECT_EQ(second->nextUpdate - second->thisUpdate, std::chrono::days(30));
  // The root's, half over, stays in force while its key is away.
  const core::Bytes roots = authority.rootCrl();
  std::filesystem::rename(ca.folder / "private/root.p12", ca.temp / "root.p12");
  ca.now += std::chrono::days(300);
  EXPECT_EQ(authority.rootCrl(), roots);
  std::filesystem::rename(ca.temp / "root.p12", ca.folder / "private/root.p12");
  EXPECT_EQ(factsOf(authority.rootCrl())->number, 2u);
  EXPECT_FALSE(factsOf(core::Bytes{0x30, 0}));
}

TEST(Authority, CertificatesNameItsAddressWhenThereIsOne) {
  TestAuthority silent;
  Authority quiet = silent.open();
  EXPECT_THAT(revocationAddressesOf(quiet.issue(silent.request(kP256), orderOf("person")).certificate).lists,
              IsEmpty());

  const test::TempFolder folder;
  Authority::create(folder / "ca",
                    {"A", "p256", std::chrono::days(9), std::chrono::days(9), "http://[::1]:80/qd", true}, "secret");
  EXPECT_EQ(core::readFile(folder / "ca/passphrase"), "secret\n");
  EXPECT_EQ(std::filesystem::status(folder / "ca/passphrase").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  Authority authority(folder / "ca", "secret");
  const auto named = revocationAddressesOf(authority.issue(silent.request(kP256), orderOf("event")).certificate);
  EXPECT_THAT(named.responders, testing::ElementsAre("http://[::1]:80/qd/ocsp"));
  EXPECT_THAT(named.lists, testing::ElementsAre("http://[::1]:80/qd/issuing.crl"));
  const auto above = revocationAddressesOf(authority.issuingCertificate());
  EXPECT_THAT(above.responders, IsEmpty());
  EXPECT_THAT(above.lists, testing::ElementsAre("http://[::1]:80/qd/root.crl"));
  EXPECT_THAT(revocationAddressesOf(authority.rootCertificate()).lists, IsEmpty());

  for (const char* bad : {"https://a", "http://", "http://a/", "http://a,URI:http://b", "http://a b", "ca.example"}) {
    refusal([&] { Authority::create(folder / "other", {"A", "p256", {}, {}, bad}, "x"); });
    core::writeFile(folder / "ca/address", bad);
    refusal([&] { Authority(folder / "ca", "secret"); });
  }
}

TEST(Authority, TheTimestampKeyIsKeptUntilItsLastMonth) {
  TestAuthority ca;
  Authority authority = ca.open();
  const auto serial = [](const Pkcs12& key) { return serialHex(key.certificate.get()); };
  const std::string first = serial(authority.timestampKey());
  EXPECT_EQ(serial(ca.open().timestampKey()), first);
  ca.now += std::chrono::days(1825 - 29);
  const std::string second = serial(authority.timestampKey());
  EXPECT_NE(second, first);
  authority.revoke(second, RevocationReason::kSuperseded);
  EXPECT_NE(serial(authority.timestampKey()), second) << "a revoked key is no key";
}

int statusOfAnswer(const core::Bytes& der) {
  const unsigned char* cursor = der.data();
  const core::Handle<OCSP_RESPONSE, &OCSP_RESPONSE_free> answer(
      d2i_OCSP_RESPONSE(nullptr, &cursor, static_cast<long>(der.size())));
  return answer ? OCSP_response_status(answer.get()) : -1;
}

TEST(Authority, HostileOcspRequestsAreMalformed) {
  TestAuthority ca;
  Authority authority = ca.open();
  const IssuedCertificate issued = authority.issue(ca.request(kP256), orderOf("person"));
  const core::Bytes request = makeOcspRequest(issued.certificate, authority.issuingCertificate());
  ASSERT_EQ(statusOfAnswer(authority.answerOcsp(request)), OCSP_RESPONSE_STATUS_SUCCESSFUL);
  const auto malformed = [&](core::BytesView octets) {
    return statusOfAnswer(authority.answerOcsp(octets)) == OCSP_RESPONSE_STATUS_MALFORMEDREQUEST;
  };
  EXPECT_TRUE(malformed({}));
  EXPECT_TRUE(malformed(core::viewOf("GET / HTTP/1.1")));
  EXPECT_TRUE(malformed(core::Bytes(1 << 20, 0x30)));
  core::Bytes longer = request;
  longer.push_back(0);
  EXPECT_TRUE(malformed(longer));
  for (std::size_t size = 0; size < request.size(); ++size) {
    EXPECT_TRUE(malformed(core::BytesView(request).first(size))) << size;
  }
  EXPECT_TRUE(malformed(core::fromHex("300430023000"))) << "no certificate asked about";
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    core::Bytes spoiled = request;
    for (unsigned n = 1 + random() % 4; n > 0; --n)
      spoiled[random() % spoiled.size()] = static_cast<std::uint8_t>(random());
    const int status = statusOfAnswer(authority.answerOcsp(spoiled));
    EXPECT_TRUE(status == OCSP_RESPONSE_STATUS_SUCCESSFUL || status == OCSP_RESPONSE_STATUS_MALFORMEDREQUEST) << status;
  }
  EXPECT_EQ(ERR_peek_error(), 0u);
}

class CutIndex : public testing::Test {
 protected:
  CutIndex() {
    Authority authority = ca_.open();
    for (int i = 0; i < 3; ++i) serials_.push_back(serialOf(authority.issue(request_, orderOf("event"))));
    authority.revoke(serials_[0], RevocationReason::kKeyCompromise);
  }
  std::string read() const { return core::readFile(file_); }

  TestAuthority ca_;
  const core::Bytes request_ = ca_.request(kP256);
  const std::filesystem::path file_ = ca_.folder / "issuing.index";
  std::vector<std::string> serials_;
};

TEST_F(CutIndex, InTheMiddleOfALineIsReportedAndNothingBeforeIsLost) {
  { ca_.open().issue(request_, orderOf("person", "torn")); }
  const std::string whole = read();
  const std::size_t start = whole.rfind('\n', whole.size() - 2) + 1;
  for (const std::size_t end : {start + 1, start + 20, whole.size() - 1}) {
    core::writeFile(file_, std::string_view(whole).substr(0, end));
    {
      CertificateIndex reader(file_, true);
      EXPECT_THAT(reader.notices(), Contains(HasSubstr("in the middle of a line")));
      EXPECT_THAT(reader.list(), SizeIs(3));
      EXPECT_EQ(read().size(), end) << "a reader repairs nothing";
    }
    Authority authority = ca_.open();
    EXPECT_THAT(authority.notices(), Contains(AllOf(HasSubstr("issuing.index"), HasSubstr("line 5"))));
    EXPECT_THAT(authority.list(), SizeIs(3));
    EXPECT_EQ(authority.statusOf(serials_[0]).state, CertificateState::kRevoked);
    const std::string next = serialOf(authority.issue(request_, orderOf("person")));
    EXPECT_THAT(ca_.open().notices(), IsEmpty());
    EXPECT_EQ(ca_.open().statusOf(next).state, CertificateState::kGood);
    EXPECT_THAT(core::readFile(file_.string() + ".torn"), HasSubstr(whole.substr(start, end - start) + "\n"));
  }
}

TEST_F(CutIndex, ATornRevocationStillRevokes) {
  ca_.open().revoke(serials_[1], RevocationReason::kSuperseded);
  const std::string whole = read();
  core::writeFile(file_, std::string_view(whole).substr(0, whole.size() - 12));
  Authority authority = ca_.open();
  EXPECT_THAT(authority.notices(), Contains(HasSubstr(serials_[1] + " counts as revoked")));
  EXPECT_EQ(authority.statusOf(serials_[1]).state, CertificateState::kRevoked);
  EXPECT_EQ(ca_.open().statusOf(serials_[1]).state, CertificateState::kRevoked);
}

TEST_F(CutIndex, DamageElsewhereIsNotSilentlyReadOver) {
  std::string bytes = read();
  bytes[bytes.find('\n') + 30] ^= 1;
  core::writeFile(file_, bytes);
  EXPECT_THAT(refusal([&] { ca_.open(); }, ErrorCode::kCorrupt), HasSubstr("line 2 is damaged"));
}

TEST_F(CutIndex, TwoOpenAuthoritiesSeeEachOthersFacts) {
  Authority one = ca_.open(), two = ca_.open();
  one.revoke(serials_[2], RevocationReason::kSuperseded);
  EXPECT_EQ(two.statusOf(serials_[2]).state, CertificateState::kRevoked);
  std::vector<std::thread> threads;
  for (Authority* authority : {&one, &two, &one, &two}) {
    threads.emplace_back([this, authority] {
      for (int i = 0; i < 10; ++i) authority->issue(request_, orderOf("event"));
      authority->makeCrl();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(one.list(), SizeIs(43));
  EXPECT_THAT(ca_.open().list(), SizeIs(43));
}

}  // namespace
}  // namespace qianda::signing
