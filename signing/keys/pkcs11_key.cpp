#include "signing/keys/pkcs11_key.h"

#include <algorithm>
#include <mutex>

#include <openssl/crypto.h>
#include <openssl/ecdsa.h>

#include "core/error.h"
#include "core/file.h"
#include "signing/asn1/der.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/pkcs11_module.h"
#include "signing/keys/x509.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::BytesView;
using core::Error;
using core::ErrorCode;

constexpr int kMostReopenings = 3;  // for one signature

// One token as one key sees it: logged in, with sessions at rest and the handle of the private key. What was opened
// before a loss has an older generation and is not used again; of an older epoch of the module, it is not even closed.
class Token {
 public:
  struct Session {
    CK_SESSION_HANDLE handle;
    unsigned generation;
    unsigned epoch;
    CK_OBJECT_HANDLE key;
  };

  Token(Pkcs11Address address, std::string_view pin)
      : address_(std::move(address)), pin_(pin), module_(Pkcs11Module::open(address_.module)) {
    const std::lock_guard lock(mutex_);
    open();
  }
  ~Token() {
    close();
    OPENSSL_cleanse(pin_.data(), pin_.size());
  }
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;

  const Pkcs11Module& module() const { return *module_; }
  const CK_FUNCTION_LIST& functions() const { return module_->functions(); }

  Session take() {
    const std::lock_guard lock(mutex_);
    if (!isOpen_) open();
    if (resting_.empty()) {
      CK_SESSION_HANDLE session = 0;
      const CK_RV code = openAnother(session);
      if (isLost(code)) {
        open();
      } else {
        checkPkcs11(code, "C_OpenSession");
        resting_.push_back(session);
      }
    }
    const CK_SESSION_HANDLE session = resting_.back();
    resting_.pop_back();
    return {session, generation_, epoch_, key_};
  }
  // Not while a Use is held.
  void giveBack(const Session& session) {
    const std::lock_guard lock(mutex_);
    if (session.generation == generation_) {
      resting_.push_back(session.handle);
    } else {
      closeSession(session.handle, session.epoch);
    }
  }
  // Opens everything anew, unless another thread did since `generation`.
  void reopen(unsigned generation) {
    const std::lock_guard lock(mutex_);
    if (generation == generation_) open();
  }

 private:
  void closeSession(CK_SESSION_HANDLE session, unsigned epoch) const {
    const Pkcs11Module::Use use = module_->use();
    if (epoch == module_->epoch()) functions().C_CloseSession(session);
  }

  void close() {
    for (CK_SESSION_HANDLE session : resting_) closeSession(session, epoch_);
    resting_.clear();
    isOpen_ = false;
    ++generation_;
  }

  // Again when the token is lost meanwhile: other keys open theirs at the same time.
  void open() {
    for (int count = 1;; ++count) {
      try {
        return openOnce();
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kUnavailable || count == kMostReopenings) throw;
      }
    }
  }

  void openOnce() {
    close();
    module_->initialize();
    const Pkcs11Module::Use use = module_->use();
    epoch_ = module_->epoch();
    slot_ = module_->findSlot(address_.token);
    CK_SESSION_HANDLE session = 0;
    checkPkcs11(openSession(session), "C_OpenSession");
    resting_.push_back(session);  // also keeps the login, which ends with the last session
    login(session);
    const auto keys = findObjects(functions(), session, {CKO_PRIVATE_KEY, address_.object, address_.id});
    if (keys.size() != 1) {
      throw Error(ErrorCode::kInvalidInput, "token \"" + address_.token + "\" has " + std::to_string(keys.size()) +
                                                " private keys \"" + address_.object + "\" instead of one");
    }
    key_ = keys[0];
    isOpen_ = true;
  }

  CK_RV openAnother(CK_SESSION_HANDLE& session) {
    const Pkcs11Module::Use use = module_->use();
    return epoch_ == module_->epoch() ? openSession(session) : CKR_SESSION_HANDLE_INVALID;
  }

  CK_RV openSession(CK_SESSION_HANDLE& session) {
    return functions().C_OpenSession(slot_, CKF_SERIAL_SESSION, nullptr, nullptr, &session);
  }

  void login(CK_SESSION_HANDLE session) {
    const auto refuse = [&](const std::string& reason) {
      throw Error(ErrorCode::kInvalidInput, "token \"" + address_.token + "\": " + reason);
    };
    if (isPinRefused_) refuse("its PIN was refused before and is not tried again");
    const CK_RV code = functions().C_Login(session, CKU_USER, reinterpret_cast<CK_UTF8CHAR*>(pin_.data()), pin_.size());
    if (code == CKR_PIN_INCORRECT || code == CKR_PIN_LOCKED || code == CKR_PIN_INVALID || code == CKR_PIN_LEN_RANGE) {
      isPinRefused_ = true;
      refuse(code == CKR_PIN_LOCKED ? "it is locked (CKR_PIN_LOCKED)" : "wrong PIN");
    }
    if (code != CKR_USER_ALREADY_LOGGED_IN) checkPkcs11(code, "C_Login");
  }

  const Pkcs11Address address_;
  std::string pin_;
  const std::shared_ptr<Pkcs11Module> module_;
  std::mutex mutex_;
  std::vector<CK_SESSION_HANDLE> resting_;
  CK_SLOT_ID slot_ = 0;
  CK_OBJECT_HANDLE key_ = 0;
  unsigned generation_ = 0;
  unsigned epoch_ = 0;
  bool isOpen_ = false;
  bool isPinRefused_ = false;
};

// r || s of PKCS#11 (2.3.1 of its mechanisms) as ECDSA-Sig-Value.
void encodeEcdsa(BytesView raw, Bytes& der) {
  const auto half = static_cast<int>(raw.size() / 2);
  const core::Handle<ECDSA_SIG, &ECDSA_SIG_free> signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(raw.data(), half, nullptr);
  BIGNUM* s = BN_bin2bn(raw.data() + half, half, nullptr);
  if (raw.empty() || raw.size() % 2 != 0 || !signature || !r || !s || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    throwOpenssl(ErrorCode::kSystem, "a token returned a malformed signature");
  }
  unsigned char* octets = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &octets);
  if (size < 0) throwOpenssl(ErrorCode::kSystem, "cannot encode a signature");
  der.assign(octets, octets + size);
  OPENSSL_free(octets);
}

// RFC 8017 9.2: DigestInfo of SHA-256.
Bytes digestInfo(BytesView digest) {
  const Bytes null = der::element(der::kNull, BytesView{});
  const Bytes algorithm = der::sequence({der::objectIdentifier("2.16.840.1.101.3.4.2.1"), null});
  return der::sequence({algorithm, der::octetString(digest)});
}

class Pkcs11Key : public SigningKey {
 public:
  Pkcs11Key(std::shared_ptr<Token> token, KeyFacts facts, std::size_t maxSize)
      : token_(std::move(token)), facts_(std::move(facts)), maxSize_(maxSize) {}

  KeyKind kind() const override { return facts_.kind; }
  std::string name() const override { return facts_.name; }
  DigestAlgorithm digest() const override { return facts_.digest; }
  std::size_t maxSignatureSize() const override { return maxSize_; }

  std::size_t signDigest(BytesView digest, Bytes& signature) const override {
    if (digest.size() != static_cast<std::size_t>(EVP_MD_get_size(opensslDigest(facts_.digest)))) {
      throw Error(ErrorCode::kInvalidInput, "a " + facts_.name + " key was given a digest of the wrong length");
    }
    const bool isRsa = facts_.kind == KeyKind::kRsa;
    Bytes input = isRsa ? digestInfo(digest) : Bytes(digest.begin(), digest.end());
    Bytes raw(std::max<std::size_t>(maxSize_, 128));
    for (int reopenings = 0;; ++reopenings) {
      const Token::Session session = token_->take();
      const char* call = nullptr;
      const CK_RV code = signOnce(session, isRsa ? CKM_RSA_PKCS : CKM_ECDSA, input, raw, call);
      token_->giveBack(session);
      if (code == CKR_OK) break;
      if (reopenings == kMostReopenings || !isLost(code)) checkPkcs11(code, call);
      token_->reopen(session.generation);
    }
    if (isRsa) {
      signature = std::move(raw);
    } else {
      encodeEcdsa(raw, signature);
    }
    return signature.size();
  }

 private:
  CK_RV signOnce(const Token::Session& session, CK_MECHANISM_TYPE type, Bytes& input, Bytes& raw,
                 const char*& call) const {
    const Pkcs11Module::Use use = token_->module().use();
    CK_MECHANISM mechanism{type, nullptr, 0};
    call = "C_SignInit";
    if (session.epoch != token_->module().epoch()) return CKR_SESSION_HANDLE_INVALID;
    CK_RV code = token_->functions().C_SignInit(session.handle, &mechanism, session.key);
    if (code != CKR_OK) return code;
    call = "C_Sign";
    CK_ULONG size = raw.size();
    code = token_->functions().C_Sign(session.handle, input.data(), input.size(), raw.data(), &size);
    if (code == CKR_OK) raw.resize(size);
    return code;
  }

  const std::shared_ptr<Token> token_;
  const KeyFacts facts_;
  const std::size_t maxSize_;
};

struct Found {
  Bytes certificate;
  std::vector<Bytes> others;
};

// The key's certificate: the first of the PEM file, or the one on the token with the key's id.
Found findCertificates(Token& token, const Pkcs11Address& address) {
  Found found;
  if (!address.certificate.empty()) {
    found.others = readPemCertificates(core::readFile(address.certificate, 1 << 20));
    if (found.others.empty()) throw Error(ErrorCode::kInvalidInput, address.certificate + " holds no certificate");
    found.certificate = found.others[0];
    return found;
  }
  const Token::Session session = token.take();
  try {
    const auto id = findAttribute(token.functions(), session.handle, session.key, CKA_ID);
    for (CK_OBJECT_HANDLE object : findObjects(token.functions(), session.handle, {CKO_CERTIFICATE, {}, {}})) {
      const auto der = findAttribute(token.functions(), session.handle, object, CKA_VALUE);
      if (!der || !findCertificate(*der)) continue;
      const bool isOwn = id && !id->empty() && findAttribute(token.functions(), session.handle, object, CKA_ID) == id;
      if (isOwn && found.certificate.empty()) found.certificate = *der;
      found.others.push_back(*der);
    }
  } catch (...) {
    token.giveBack(session);
    throw;
  }
  token.giveBack(session);
  if (found.certificate.empty()) {
    throw Error(ErrorCode::kInvalidInput, "token \"" + address.token +
                                              "\" has no certificate with the id of the key \"" + address.object +
                                              "\"; name a PEM file with certificate=PATH");
  }
  return found;
}

}  // namespace

Credential loadPkcs11(const Pkcs11Address& address, std::string_view pin) {
  const auto token = std::make_shared<Token>(address, pin);
  Found found = findCertificates(*token, address);
  const X509Handle certificate = parseCertificate(found.certificate);
  EVP_PKEY* publicKey = X509_get0_pubkey(certificate.get());
  if (!publicKey) throwOpenssl(ErrorCode::kInvalidInput, "the certificate's public key cannot be read");
  const KeyFacts facts = describeKey(publicKey);
  if (facts.kind == KeyKind::kSm2) throw Error(ErrorCode::kUnsupported, "SM2 keys on a PKCS#11 token");
  const auto key = std::make_shared<Pkcs11Key>(token, facts, static_cast<std::size_t>(EVP_PKEY_get_size(publicKey)));
  const Bytes trial = digestOf(facts.digest, core::viewOf(address.object));
  Bytes signature;
  key->signDigest(trial, signature);
  if (!verifiesDigest(publicKey, facts.digest, trial, signature)) {
    throw Error(ErrorCode::kInvalidInput, "the key \"" + address.object + "\" on token \"" + address.token +
                                              "\" and its certificate do not belong together");
  }
  auto chain = orderChain(found.certificate, found.others);
  return makeCredential(key, std::move(found.certificate), std::move(chain));
}

}  // namespace qianda::signing
