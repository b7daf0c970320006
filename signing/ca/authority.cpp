#include "signing/ca/authority.h"

#include <algorithm>
#include <array>

#include <openssl/x509v3.h>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "signing/ca/certificate_maker.h"
#include "signing/ca/file_lock.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/pem.h"
#include "signing/keys/sm2.h"
#include "signing/keys/x509.h"

namespace qianda::signing {
namespace {

namespace fs = std::filesystem;
using core::Bytes;
using core::Error;
using core::ErrorCode;
using core::Instant;
using namespace std::chrono_literals;

constexpr std::size_t kLargestFile = 64u << 20;
constexpr auto kBackdating = 60s;  // for clocks that are a little behind
constexpr auto kOcspValidity = std::chrono::days(7);

Bytes readPemCertificate(const fs::path& file) {
  const std::vector<Bytes> all = readPemCertificates(core::readFile(file, kLargestFile));
  if (all.size() != 1) throw Error(ErrorCode::kCorrupt, file.string() + " does not hold one certificate");
  return all.front();
}

std::string pemOf(X509* certificate) { return signing::pemOf(kPemCertificate, encodeCertificate(certificate)); }

struct NewCa {
  KeyHandle key;
  X509Handle certificate;
};

// Where a certificate's issuer and its state are found (RFC 5280 4.2.2.1, 4.2.1.13).
void addAddresses(CertificateContent& content, const std::string& address, const std::string& issuer, bool hasOcsp) {
  if (address.empty()) return;
  content.extensions.emplace_back(NID_info_access, (hasOcsp ? "OCSP;URI:" + address + "/ocsp," : "") +
                                                       "caIssuers;URI:" + address + "/" + issuer + ".cer");
  content.extensions.emplace_back(NID_crl_distribution_points, "URI:" + address + "/" + issuer + ".crl");
}

NewCa makeCa(const AuthorityPlan& plan, const char* name, Instant now, std::chrono::seconds lifetime,
             const NewCa* above) {
  NewCa ca{generateKey(plan.kind), nullptr};
  const std::string constraints = above ? "critical,CA:TRUE,pathlen:0" : "critical,CA:TRUE";
  CertificateContent content{{plan.organisation + " " + name, plan.organisation},
                             ca.key.get(),
                             now - kBackdating,
                             now + lifetime,
                             {{NID_basic_constraints, constraints}, {NID_key_usage, "critical,keyCertSign,cRLSign"}},
                             {}};
  if (above) addAddresses(content, plan.address, "root", false);
  ca.certificate =
      makeCertificate(content, above ? above->certificate.get() : nullptr, above ? above->key.get() : ca.key.get());
  return ca;
}

// The folder without a slash at its end, its parents made.
fs::path prepareFolder(const fs::path& folder) {
  fs::path place = fs::absolute(folder).lexically_normal();
  if (!place.has_filename()) place = place.parent_path();
  std::error_code error;
  fs::create_directories(place.parent_path(), error);
  if (error) throw Error(ErrorCode::kSystem, "cannot make " + place.parent_path().string() + ": " + error.message());
  return place;
}

void writeBytes(const fs::path& file, const Bytes& bytes) { core::writeFile(file, core::textOf(bytes), true); }

// The root revokes nothing here: a compromised issuing CA ends this authority.
Bytes makeRootCrl(X509* root, EVP_PKEY* key, std::uint64_t number, Instant now) {
  return makeCrl({number, now - kBackdating, now + std::chrono::days(366), {}}, root, key);
}

// A CRL is made anew past half its life, so that whoever fetched it last has one in force.
bool isHalfOver(const CrlFacts& crl, Instant now) {
  return crl.thisUpdate + (crl.nextUpdate - crl.thisUpdate) / 2 <= now;
}

Bytes readIfThere(const fs::path& file) {
  if (!fs::exists(file)) return {};
  const std::string text = core::readFile(file, kLargestFile);
  return {text.begin(), text.end()};
}

// "http://host:port/path" without what would mean something in a URL's query or in OpenSSL's configuration.
void checkAddress(const std::string& address) {
  const bool isPlain = std::all_of(address.begin(), address.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-._~:/[]").find(c) != std::string_view::npos;
  });
  if (address.empty()) return;
  if (!address.starts_with("http://") || address.size() < 8 || address.size() > 200 || address.back() == '/' ||
      !isPlain) {
    throw Error(
        ErrorCode::kInvalidInput,
        "an authority's address is like http://ca.example:8080, without a slash at its end, not \"" + address + "\"");
  }
}

std::string readAddress(const fs::path& folder) {
  const Bytes octets = readIfThere(folder / "address");
  std::string address(core::trim(core::textOf(octets)));
  checkAddress(address);
  return address;
}

void checkEvent(const CertificateProfile& profile, const std::string& event) {
  constexpr std::size_t kLongest = 64;
  const bool plain = std::all_of(event.begin(), event.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-._:").find(c) != std::string_view::npos;
  });
  if (profile.isEvent ? event.empty() || event.size() > kLongest || !plain : !event.empty()) {
    throw Error(ErrorCode::kInvalidInput,
                profile.isEvent ? "an event certificate needs an event id of 1 to 64 letters, digits and \"-._:\""
                                : "a certificate of the profile " + std::string(profile.name) + " takes no event id");
  }
}

Instant endOf(const CertificateProfile& profile, const CertificateOrder& order, Instant now, Instant issuerEnds) {
  const auto lifetime = order.lifetime.value_or(profile.usual);
  if (lifetime < profile.shortest || lifetime > profile.longest) {
    throw Error(ErrorCode::kInvalidInput, "a certificate of the profile " + std::string(profile.name) + " lives " +
                                              std::to_string(profile.shortest.count()) + " to " +
                                              std::to_string(profile.longest.count()) + " seconds, not " +
                                              std::to_string(lifetime.count()));
  }
  if (order.lifetime && now + lifetime > issuerEnds) {
    throw Error(ErrorCode::kInvalidInput, "the certificate would outlive the issuing CA");
  }
  const Instant end = std::min<Instant>(now + lifetime, issuerEnds);
  if (end < now + profile.shortest) throw Error(ErrorCode::kConflict, "the issuing CA has come to its end");
  return end;
}

}  // namespace

void Authority::create(const fs::path& folder, const AuthorityPlan& plan, std::string_view passphrase,
                       const Clock& clock) {
  static constexpr std::array<std::string_view, 4> kKinds{"p256", "rsa2048", "rsa3072", "sm2"};
  if (std::find(kKinds.begin(), kKinds.end(), plan.kind) == kKinds.end()) {
    throw Error(ErrorCode::kUnsupported,
                "an authority of the kind " + plan.kind + "; there are p256, rsa2048, rsa3072, sm2");
  }
  if (plan.organisation.empty()) throw Error(ErrorCode::kInvalidInput, "an authority needs an organisation");
  checkAddress(plan.address);
  const fs::path place = prepareFolder(folder);
  const FileLock lock(place.string() + ".lock");
  const fs::path made = place.string() + ".part";
  std::error_code error;
  if (fs::exists(place) && !fs::is_empty(place, error)) {
    throw Error(ErrorCode::kConflict, place.string() + " is there and not an empty folder");
  }
  fs::remove_all(made, error);
  fs::create_directories(made / "private", error);
  if (!error) fs::permissions(made / "private", fs::perms::owner_all, error);
  if (error) throw Error(ErrorCode::kSystem, "cannot make " + made.string() + ": " + error.message());

  const Instant now = clock();
  const NewCa root = makeCa(plan, "Root CA", now, plan.rootLifetime, nullptr);
  const NewCa issuing = makeCa(plan, "Issuing CA", now, std::min(plan.issuingLifetime, plan.rootLifetime), &root);
  const std::vector<Bytes> above{encodeCertificate(root.certificate.get())};
  { const CertificateIndex index(made / "issuing.index"); }
  const auto keep = [&](const NewCa& ca, const char* name, std::vector<Bytes> chain) {
    EVP_PKEY_up_ref(ca.key.get());
    X509_up_ref(ca.certificate.get());
    writePkcs12(made / "private" / (std::string(name) + ".p12"), passphrase,
                {KeyHandle(ca.key.get()), X509Handle(ca.certificate.get()), std::move(chain)});
    core::writeFile(made / (std::string(name) + ".pem"), pemOf(ca.certificate.get()), true);
  };
  keep(root, "root", {});
  keep(issuing, "issuing", above);
  core::writeFile(made / "chain.pem", pemOf(issuing.certificate.get()) + pemOf(root.certificate.get()), true);
  if (!plan.address.empty()) core::writeFile(made / "address", plan.address + "\n", true);
  if (plan.keepsPassphrase) core::writeSecretFile(made / "passphrase", std::string(passphrase) + "\n");
  writeBytes(made / "root.crl", makeRootCrl(root.certificate.get(), root.key.get(), 1, now));
  fs::remove(place, error);  // an empty one
  fs::rename(made, place, error);
  if (error) throw Error(ErrorCode::kSystem, "cannot rename to " + place.string() + ": " + error.message());
  fs::remove(place.string() + ".lock", error);
}

Authority::Authority(fs::path folder, std::string_view passphrase, Clock clock)
    : folder_(std::move(folder)),
      passphrase_(passphrase),
      clock_(std::move(clock)),
      address_(readAddress(folder_)),
      issuing_(openPkcs12(folder_ / "private" / "issuing.p12", passphrase_)),
      issuingDer_(encodeCertificate(issuing_.certificate.get())),
      rootDer_(readPemCertificate(folder_ / "root.pem")),
      index_(folder_ / "issuing.index") {}

IssuedCertificate Authority::certify(EVP_PKEY* key, const CertificateSubject& subject, const CertificateOrder& order) {
  const CertificateProfile& profile = getCertificateProfile(order.profile);
  checkEvent(profile, order.event);
  if (subject.commonName.empty()) throw Error(ErrorCode::kInvalidInput, "a certificate needs a common name");
  const Instant now = clock_(), issuerEnds = instantOf(X509_get0_notAfter(issuing_.certificate.get()));
  CertificateContent content{subject,
                             key,
                             now - kBackdating,
                             endOf(profile, order, now, issuerEnds),
                             {{NID_basic_constraints, "critical,CA:FALSE"},
                              {NID_key_usage, profile.keyUsage},
                              {NID_ext_key_usage, profile.extendedKeyUsage}},
                             order.event};
  if (profile.isNoCheck) {
    content.extensions.emplace_back(NID_id_pkix_OCSP_noCheck, "ignored");
  } else {
    addAddresses(content, address_, "issuing", true);
  }
  const X509Handle certificate = makeCertificate(content, issuing_.certificate.get(), issuing_.key.get());
  index_.addIssued({serialHex(certificate.get()), content.notBefore, content.notAfter, now, order.profile, order.event,
                    textOf(X509_get_subject_name(certificate.get())), std::nullopt});
  return {encodeCertificate(certificate.get()), {issuingDer_, rootDer_}};
}

IssuedCertificate Authority::issue(core::BytesView request, const CertificateOrder& order) {
  const CertificateRequest asked = readRequest(request);
  return certify(asked.key.get(), order.subject.commonName.empty() ? asked.subject : order.subject, order);
}

void Authority::revoke(const std::string& serial, RevocationReason reason) {
  index_.addRevoked(serial, {clock_(), reason});
}

Bytes Authority::makeCrl(std::chrono::seconds validity) {
  const FileLock lock(folder_ / "issuing.crl.lock");
  const Instant now = clock_();
  CrlContent content{index_.nextCrlNumber(now), now, now + validity, {}};
  for (const IndexEntry& entry : index_.listRevoked()) {
    content.entries.push_back({entry.serial, entry.revocation->time, static_cast<int>(entry.revocation->reason)});
  }
  Bytes crl = signing::makeCrl(content, issuing_.certificate.get(), issuing_.key.get());
  writeBytes(folder_ / "issuing.crl", crl);
  return crl;
}

Bytes Authority::currentCrl() {
  Bytes crl = readIfThere(folder_ / "issuing.crl");
  const auto facts = factsOf(crl);
  if (!facts) return makeCrl();
  const auto validity = std::chrono::duration_cast<std::chrono::seconds>(facts->nextUpdate - facts->thisUpdate);
  if (isHalfOver(*facts, clock_())) return makeCrl(validity);
  const CrlHandle parsed = findCrl(crl);
  for (const IndexEntry& entry : index_.listRevoked()) {
    if (statusIn(parsed.get(), entry.serial).state == CertificateState::kGood) return makeCrl(validity);
  }
  return crl;
}

Bytes Authority::rootCrl() {
  Bytes crl = readIfThere(folder_ / "root.crl");
  const auto facts = factsOf(crl);
  if (facts && !isHalfOver(*facts, clock_())) return crl;
  const fs::path keyFile = folder_ / "private" / "root.p12";
  if (!fs::exists(keyFile)) {
    if (facts && clock_() < facts->nextUpdate) return crl;
    throw Error(ErrorCode::kConflict, "the root's CRL is over and its key " + keyFile.string() + " is not there");
  }
  const FileLock lock(folder_ / "root.crl.lock");
  const Pkcs12 root = openPkcs12(keyFile, passphrase_);
  crl = makeRootCrl(root.certificate.get(), root.key.get(), (facts ? facts->number : 0) + 1, clock_());
  writeBytes(folder_ / "root.crl", crl);
  return crl;
}

CertificateStatus Authority::statusOf(const std::string& serial) {
  const auto entry = index_.find(serial);
  if (!entry) return {};
  if (!entry->revocation) return {CertificateState::kGood, {}, -1};
  return {CertificateState::kRevoked, entry->revocation->time, static_cast<int>(entry->revocation->reason)};
}

bool Authority::lasts(X509* certificate) {
  const Instant wanted =
      std::min<Instant>(clock_() + std::chrono::days(30), instantOf(X509_get0_notAfter(issuing_.certificate.get())));
  return instantOf(X509_get0_notAfter(certificate)) >= wanted &&
         statusOf(serialHex(certificate)).state == CertificateState::kGood;
}

Pkcs12 Authority::serviceKey(std::string_view profile, const std::string& suffix, std::string_view kind) {
  const fs::path file = folder_ / "private" / (std::string(profile) + ".p12");
  const FileLock lock(folder_ / (std::string(profile) + ".lock"));
  if (fs::exists(file)) {
    Pkcs12 kept = openPkcs12(file, passphrase_);
    if (lasts(kept.certificate.get())) return kept;
    fs::remove(file);
  }
  const X509_NAME* name = X509_get_subject_name(issuing_.certificate.get());
  const CertificateSubject subject{commonNameOf(name) + suffix, organisationOf(name)};
  signing::issueWithKey(*this, kind, {std::string(profile), subject, std::nullopt, {}}, file, passphrase_);
  return openPkcs12(file, passphrase_);
}

Pkcs12 Authority::timestampKey() {
  return serviceKey("tsa", " TSA", EVP_PKEY_is_a(issuing_.key.get(), "RSA") ? "rsa2048" : "p256");
}

std::shared_ptr<const OcspResponder> Authority::responder() {
  const std::lock_guard guard(mutex_);
  if (responder_ && lasts(responder_->certificate.get())) return responder_;
  EVP_PKEY* key = issuing_.key.get();
  Pkcs12 kept = serviceKey("ocsp", " OCSP", isSm2(key) ? "sm2" : EVP_PKEY_is_a(key, "RSA") ? "rsa2048" : "p256");
  responder_ = std::make_shared<OcspResponder>(
      OcspResponder{parseCertificate(issuingDer_), std::move(kept.key), std::move(kept.certificate)});
  return responder_;
}

Bytes Authority::answerOcsp(core::BytesView request) {
  return signing::answerOcsp(
      *responder(), request, [this](const std::string& serial) { return statusOf(serial); }, clock_(), kOcspValidity);
}

}  // namespace qianda::signing
