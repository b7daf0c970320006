// Keys on a SoftHSM token.
#include <barrier>
#include <mutex>
#include <thread>

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <p11-kit/pkcs11.h>

#include "core/error.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/pkcs11_key.h"
#include "signing/keys/x509.h"
#include "tests/support/error_of.h"
#include "tests/support/softhsm.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::Error;
using core::ErrorCode;
using test::messageOf;
using testing::HasSubstr;

CK_FUNCTION_LIST& module() {
  void* library = ::dlopen(test::kSoftHsm, RTLD_NOW);
  CK_FUNCTION_LIST* functions = nullptr;
  reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"))(&functions);
  return *functions;
}

struct Kind {
  const char* name;
  const char* algorithm;
  const char* id;
  const char* shown;
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }
constexpr Kind kKinds[] = {{"p256", "ec:P-256", "01", "P-256"},
                           {"p384", "ec:P-384", "02", "P-384"},
                           {"rsa2048", "rsa:2048", "03", "RSA-2048"}};

// One token with a key of each kind, made once a process. The certificates lie beside it as PEM files.
const test::SoftHsm& softHsm() {
  static const test::SoftHsm hsm;
  static std::once_flag once;
  std::call_once(once, [] {
    hsm.makeToken("seals");
    for (const Kind& kind : kKinds) {
      test::makeKeyAndCertificate(hsm.folder().path(), kind.name, kind.algorithm);
      hsm.importKey("seals", hsm.folder() / (std::string(kind.name) + ".key"), kind.name, kind.id);
    }
  });
  return hsm;
}

Pkcs11Address addressOf(const std::string& name) {
  const test::SoftHsm& hsm = softHsm();
  return {test::kSoftHsm, "seals", name, {}, hsm.folder() / (name + ".pem"), {}};
}

bool signs(const Credential& credential, std::uint8_t fill = 7) {
  const X509Handle certificate = parseCertificate(credential.certificate);
  const Bytes digest(static_cast<std::size_t>(EVP_MD_get_size(opensslDigest(credential.key->digest()))), fill);
  Bytes signature;
  const std::size_t size = credential.key->signDigest(digest, signature);
  return size == signature.size() && size <= credential.key->maxSignatureSize() &&
         verifiesDigest(X509_get0_pubkey(certificate.get()), credential.key->digest(), digest, signature);
}

class EveryTokenKey : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(Pkcs11, EveryTokenKey, testing::ValuesIn(kKinds),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

TEST_P(EveryTokenKey, SignsWhatItsCertificateVerifies) {
  const Credential credential = loadPkcs11(addressOf(GetParam().name), "1234");
  EXPECT_EQ(credential.key->name(), GetParam().shown);
  EXPECT_EQ(credential.subjectName, GetParam().name);
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(signs(credential, static_cast<std::uint8_t>(i)));
  Bytes signature;
  messageOf([&] { credential.key->signDigest(Bytes(20), signature); }, ErrorCode::kInvalidInput);
}

TEST_P(EveryTokenKey, AnotherKeysCertificateIsRefused) {
  Pkcs11Address address = addressOf(GetParam().name);
  const test::TempFolder folder;
  test::makeKeyAndCertificate(folder.path(), "other", GetParam().algorithm);
  address.certificate = folder / "other.pem";
  EXPECT_THAT(messageOf([&] { loadPkcs11(address, "1234"); }, ErrorCode::kInvalidInput),
              HasSubstr("do not belong together"));
}

TEST(Pkcs11, SignsForManyThreads) {
  const Credential credential = loadPkcs11(addressOf("p256"), "1234");
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) good += signs(credential, static_cast<std::uint8_t>(i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 400);
}

TEST(Pkcs11, OpensALostTokenAgain) {
  const Credential credential = loadPkcs11(addressOf("p256"), "1234"), rsa = loadPkcs11(addressOf("rsa2048"), "1234");
  CK_SLOT_ID slots[8];
  CK_ULONG count = std::size(slots);
  ASSERT_EQ(module().C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
  for (CK_ULONG i = 0; i < count; ++i) module().C_CloseAllSessions(slots[i]);
  EXPECT_TRUE(signs(credential)) << "after its sessions were closed";
  EXPECT_TRUE(signs(rsa));
  module().C_Finalize(nullptr);
  EXPECT_TRUE(signs(credential)) << "after the module was finalized";
  EXPECT_TRUE(signs(rsa));

  const test::SoftHsm& hsm = softHsm();
  module().C_Finalize(nullptr);
  std::filesystem::rename(hsm.tokens(), hsm.folder() / "away");
  std::filesystem::create_directory(hsm.tokens());
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(messageOf([&] { signs(credential); }, ErrorCode::kUnavailable), HasSubstr("no token \"seals\""));
  }
  module().C_Finalize(nullptr);
  std::filesystem::remove(hsm.tokens());
  std::filesystem::rename(hsm.folder() / "away", hsm.tokens());
  EXPECT_TRUE(signs(credential)) << "after the token came back";
}

// Initialized anew, the module gives the second key the very handles that the first one still remembers as its own.
TEST(Pkcs11, NoKeySignsWithTheHandlesOfAnother) {
  const Credential first = loadPkcs11(addressOf("p256"), "1234"), second = loadPkcs11(addressOf("p384"), "1234");
  for (const auto& [earlier, later] : {std::pair(&second, &first), std::pair(&first, &second)}) {
    ASSERT_EQ(module().C_Finalize(nullptr), CKR_OK);
    EXPECT_TRUE(signs(*earlier));
    EXPECT_TRUE(signs(*later));
    EXPECT_TRUE(signs(*earlier));
  }
}

// Rounds: everybody signs, everybody stops, the token is lost, everybody finds out at once. No call is in flight when
// it is lost: SoftHSM frees a session under a running C_Sign. After C_Finalize the module numbers its handles anew, and
// the two keys must not take each other's sessions for their own.
TEST(Pkcs11, ThreadsSurviveLossesTogether) {
  const Credential credentials[] = {loadPkcs11(addressOf("p256"), "1234"), loadPkcs11(addressOf("p384"), "1234")};
  constexpr int kThreads = 4, kLosses = 12, kEach = 5;
  std::barrier together(kThreads + 1);
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round <= kLosses; ++round) {
        together.arrive_and_wait();
        for (int i = 0; i < kEach; ++i) {
          try {
            good += signs(credentials[t % 2], static_cast<std::uint8_t>(round));
          } catch (const Error& error) {
            ADD_FAILURE() << "round " << round << ": " << error.what();
          }
        }
        together.arrive_and_wait();
      }
    });
  }
  CK_SLOT_ID slots[8];
  CK_ULONG count = std::size(slots);
  EXPECT_EQ(module().C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
  for (int round = 0; round <= kLosses; ++round) {
    together.arrive_and_wait();
    together.arrive_and_wait();
    if (round % 2 == 0) {
      for (CK_ULONG i = 0; i < count; ++i) EXPECT_EQ(module().C_CloseAllSessions(slots[i]), CKR_OK);
    } else {
      EXPECT_EQ(module().C_Finalize(nullptr), CKR_OK);
    }
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, kThreads * kEach * (kLosses + 1));
}

// A certificate beside the key, under the same id.
TEST(Pkcs11, FindsTheCertificateOnTheToken) {
  Pkcs11Address address = addressOf("p384");
  const Credential credential = loadPkcs11(address, "1234");
  address.certificate.clear();
  EXPECT_THAT(messageOf([&] { loadPkcs11(address, "1234"); }, ErrorCode::kInvalidInput), HasSubstr("no certificate"));
  CK_SLOT_ID slots[8];
  CK_ULONG count = std::size(slots);
  module().C_GetSlotList(CK_TRUE, slots, &count);
  CK_SESSION_HANDLE session = 0;
  module().C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session);
  CK_OBJECT_CLASS type = CKO_CERTIFICATE;
  CK_CERTIFICATE_TYPE format = CKC_X_509;
  CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
  Bytes der = credential.certificate, id{2};
  const X509Handle x509 = parseCertificate(der);
  unsigned char* subject = nullptr;
  const int size = i2d_X509_NAME(X509_get_subject_name(x509.get()), &subject);
  CK_ATTRIBUTE attributes[] = {{CKA_CLASS, &type, sizeof type},
                               {CKA_CERTIFICATE_TYPE, &format, sizeof format},
                               {CKA_TOKEN, &yes, sizeof yes},
                               {CKA_PRIVATE, &no, sizeof no},
                               {CKA_SUBJECT, subject, static_cast<CK_ULONG>(size)},
                               {CKA_ID, id.data(), id.size()},
                               {CKA_VALUE, der.data(), der.size()}};
  CK_OBJECT_HANDLE object = 0;
  ASSERT_EQ(module().C_CreateObject(session, attributes, std::size(attributes), &object), CKR_OK);
  OPENSSL_free(subject);
  const Credential found = loadPkcs11(address, "1234");
  EXPECT_EQ(found.certificate, credential.certificate);
  EXPECT_TRUE(signs(found));
  address.object.clear();
  address.id = {2};
  EXPECT_TRUE(signs(loadPkcs11(address, "1234")));
  module().C_DestroyObject(session, object);
}

TEST(Pkcs11, NamesWhatIsWrong) {
  EXPECT_THAT(messageOf([] { loadPkcs11(addressOf("p256"), "0000"); }, ErrorCode::kInvalidInput),
              testing::AllOf(HasSubstr("wrong PIN"), testing::Not(HasSubstr("0000"))));
  Pkcs11Address address = addressOf("p256");
  address.token = "none";
  EXPECT_THAT(messageOf([&] { loadPkcs11(address, "1234"); }, ErrorCode::kUnavailable), HasSubstr("no token \"none\""));
  address = addressOf("p256");
  address.object = "none";
  EXPECT_THAT(messageOf([&] { loadPkcs11(address, "1234"); }, ErrorCode::kInvalidInput), HasSubstr("0 private keys"));
  address.module = "/nowhere/module.so";
  EXPECT_THAT(messageOf([&] { loadPkcs11(address, "1234"); }, ErrorCode::kInvalidInput), HasSubstr("/nowhere"));
  address.module = "libz.so.1";
  EXPECT_THAT(messageOf([&] { loadPkcs11(address, "1234"); }, ErrorCode::kInvalidInput), HasSubstr("not a PKCS#11"));
}

TEST(Pkcs11, ReadsAddresses) {
  const Pkcs11Address address = parsePkcs11Address(
      "pkcs11:token=My%20Token;object=%E5%8D%B0;id=%01%ff?module-path=/usr/lib/x.so&pin-source=file:/run/pin");
  EXPECT_EQ(address.token, "My Token");
  EXPECT_EQ(address.object, "印");
  EXPECT_EQ(address.id, (Bytes{1, 0xFF}));
  EXPECT_EQ(address.module, "/usr/lib/x.so");
  EXPECT_EQ(address.pinSource, "/run/pin");
  for (const char* bad :
       {"", "pkcs12:x", "pkcs11:", "pkcs11:module=m", "pkcs11:module=m;token=t", "pkcs11:token=t;object=o",
        "pkcs11:module=m;token=t;object=o;colour=red", "pkcs11:module=m;token=t;object=%",
        "pkcs11:module=m;token=t;object=%4", "pkcs11:module=m;token=t;object=%zz", "pkcs11:module=m;token=t;object"}) {
    messageOf([&] { parsePkcs11Address(bad); }, ErrorCode::kUsage);
  }
  EXPECT_THAT(
      messageOf([] { parsePkcs11Address("pkcs11:module=m;token=t;object=o?pin-value=1234"); }, ErrorCode::kUsage),
      testing::AllOf(HasSubstr("PIN"), testing::Not(HasSubstr("1234"))));
}

}  // namespace
}  // namespace qianda::signing
