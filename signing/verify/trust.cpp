#include "signing/verify/trust.h"

#include <algorithm>
#include <chrono>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "signing/keys/sm2.h"
#include "signing/keys/x509.h"

namespace qianda::signing::verify {
namespace {

using core::Bytes;
using core::BytesView;
using core::Instant;
using namespace std::chrono_literals;

using StoreContext = core::Handle<X509_STORE_CTX, &X509_STORE_CTX_free>;
using CertIdHandle = core::Handle<OCSP_CERTID, &OCSP_CERTID_free>;

constexpr auto kUndatedAnswer = 24h;  // how long an answer without nextUpdate counts (RFC 6960 2.4: newer ones exist)

// Octets of what an encoder writes.
template <typename Encode>
Bytes encoded(Encode encode) {
  unsigned char* der = nullptr;
  const int size = encode(&der);
  Bytes bytes;
  if (size > 0) bytes.assign(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

// Whether the key made a signature by the algorithm that is named: combined identifiers only (RFC 5758), which must fit
// the key, and whole octets.
bool isSignedWith(EVP_PKEY* key, const X509_ALGOR* algorithm, BytesView message, const ASN1_BIT_STRING* signature) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  int digest = NID_undef, kind = NID_undef;
  const bool isKnown = OBJ_find_sigid_algs(OBJ_obj2nid(object), &digest, &kind) == 1;
  const int ownKind = isSm2(key) ? NID_sm2 : EVP_PKEY_get_base_id(key);
  constexpr long kUnusedBits = 7;
  const bool hashesItself = kind == NID_ED25519 || kind == NID_ED448;
  if (!isKnown || kind != ownKind || (digest == NID_undef && !hashesItself)) return false;
  if (!signature || signature->flags & kUnusedBits) return false;
  return verifySignature(key, digest, message, {signature->data, static_cast<std::size_t>(signature->length)});
}

// Whether the list speaks of certificates like this one at all (RFC 5280 5.2.4, 5.2.5): a delta, an indirect or a
// partitioned list that leaves it out says nothing by its silence.
bool isAbout(const X509_CRL* crl, X509* subject) {
  for (int i = 0; i < X509_CRL_get_ext_count(crl); ++i) {
    X509_EXTENSION* extension = X509_CRL_get_ext(crl, i);
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    if (nid == NID_delta_crl) return false;
    if (X509_EXTENSION_get_critical(extension) && nid != NID_issuing_distribution_point) return false;
  }
  using Scope = core::Handle<ISSUING_DIST_POINT, &ISSUING_DIST_POINT_free>;
  const Scope scope(
      static_cast<ISSUING_DIST_POINT*>(X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, nullptr, nullptr)));
  if (!scope) return X509_CRL_get_ext_by_NID(crl, NID_issuing_distribution_point, -1) < 0;
  const bool isCa = X509_check_ca(subject) != 0;
  return scope->onlyattr <= 0 && scope->indirectCRL <= 0 && !scope->onlysomereasons && !(scope->onlyuser > 0 && isCa) &&
         !(scope->onlyCA > 0 && !isCa);
}

bool hasSigned(const X509_CRL* crl, X509* issuer) {
  EVP_PKEY* key = X509_get0_pubkey(issuer);
  if (!key) return false;
  if (!isSm2(key)) {
    const bool good = X509_CRL_verify(const_cast<X509_CRL*>(crl), key) == 1;
    ERR_clear_error();
    return good;
  }
  const ASN1_BIT_STRING* signature = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  X509_CRL_get0_signature(crl, &signature, &algorithm);
  const core::Handle<X509_CRL, &X509_CRL_free> copy(X509_CRL_dup(const_cast<X509_CRL*>(crl)));
  const Bytes tbs = encoded([&](unsigned char** out) { return i2d_re_X509_CRL_tbs(copy.get(), out); });
  return isSignedWith(key, algorithm, tbs, signature);
}

bool hasSigned(const OCSP_BASICRESP* basic, X509* signer) {
  EVP_PKEY* key = X509_get0_pubkey(signer);
  const Bytes tbs = encoded([&](unsigned char** out) {
    return i2d_OCSP_RESPDATA(const_cast<OCSP_RESPDATA*>(OCSP_resp_get0_respdata(basic)), out);
  });
  return key && isSignedWith(key, OCSP_resp_get0_tbs_sigalg(basic), tbs, OCSP_resp_get0_signature(basic));
}

const char* reasonName(int reason) {
  static constexpr const char* kNames[] = {
      "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
      "superseded",    "cessationOfOperation", "certificateHold", "",
      "removeFromCRL", "privilegeWithdrawn",   "aACompromise"};
  return reason >= 0 && reason < static_cast<int>(std::size(kNames)) ? kNames[reason] : "unspecified";
}

struct Answer {
  bool revoked = false;
  Instant thisUpdate, nextUpdate, revokedAt;
  bool hasNextUpdate = false;
  int reason = -1;
};

std::optional<Answer> answerOf(const Evidence& evidence, const Evidence::Ocsp& ocsp, X509* subject, X509* issuer) {
  for (const EVP_MD* digest : {EVP_sha1(), EVP_sha256(), EVP_sm3()}) {
    const CertIdHandle id(OCSP_cert_to_id(digest, subject, issuer));
    int status = 0, reason = -1;
    ASN1_GENERALIZEDTIME *revokedAt = nullptr, *thisUpdate = nullptr, *nextUpdate = nullptr;
    if (!id ||
        OCSP_resp_find_status(ocsp.basic.get(), id.get(), &status, &reason, &revokedAt, &thisUpdate, &nextUpdate) !=
            1 ||
        status == V_OCSP_CERTSTATUS_UNKNOWN || !thisUpdate) {
      continue;
    }
    if (!isAuthorised(evidence, ocsp, issuer)) continue;
    Answer answer;
    answer.revoked = status == V_OCSP_CERTSTATUS_REVOKED;
    answer.thisUpdate = instantOf(thisUpdate);
    answer.hasNextUpdate = nextUpdate != nullptr;
    if (nextUpdate) answer.nextUpdate = instantOf(nextUpdate);
    if (answer.revoked) answer.revokedAt = instantOf(revokedAt);
    answer.reason = reason;
    return answer;
  }
  ERR_clear_error();
  return std::nullopt;
}

std::optional<Answer> answerOf(const Evidence& evidence, const Evidence::Crl& one, X509* subject, X509* issuer) {
  X509_CRL* crl = one.crl.get();
  if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_issuer_name(subject)) != 0 || !isAbout(crl, subject))
    return std::nullopt;
  const std::uint32_t usage = X509_get_key_usage(issuer);
  if ((usage != UINT32_MAX && !(usage & KU_CRL_SIGN)) || !evidence.isSignedBy(one, issuer)) return std::nullopt;
  Answer answer;
  answer.thisUpdate = instantOf(X509_CRL_get0_lastUpdate(crl));
  if (const ASN1_TIME* next = X509_CRL_get0_nextUpdate(crl)) {
    answer.hasNextUpdate = true;
    answer.nextUpdate = instantOf(next);
  }
  X509_REVOKED* entry = nullptr;
  if (X509_CRL_get0_by_serial(crl, &entry, X509_get0_serialNumber(subject)) == 1) {
    answer.revoked = true;
    answer.revokedAt = instantOf(X509_REVOKED_get0_revocationDate(entry));
    const core::Handle<ASN1_ENUMERATED, &ASN1_ENUMERATED_free> reason(
        static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, nullptr, nullptr)));
    if (reason) answer.reason = static_cast<int>(ASN1_ENUMERATED_get(reason.get()));
  }
  return answer;
}

void describe(RevocationVerdict& verdict, const Answer& answer, const char* kind, const std::string& origin,
              Instant at) {
  const Instant end = answer.hasNextUpdate ? answer.nextUpdate + kSkew : answer.thisUpdate + kUndatedAnswer;
  const bool fresh = answer.thisUpdate <= at + kSkew && at <= end;
  const bool early = answer.thisUpdate > at + kSkew;  // issued after the moment in question: it says even more
  const std::string status = answer.revoked ? "revoked" : fresh || early ? "good" : "stale";
  const auto rank = [](const std::string& one) { return one == "revoked" ? 3 : one == "good" ? 2 : one == "stale"; };
  if (rank(status) < rank(verdict.status) ||
      (status == verdict.status && core::isoInstant(answer.thisUpdate) <= verdict.thisUpdate)) {
    return;
  }
  verdict.status = status;
  verdict.kind = kind;
  verdict.origin = origin;
  verdict.thisUpdate = core::isoInstant(answer.thisUpdate);
  verdict.nextUpdate = answer.hasNextUpdate ? core::isoInstant(answer.nextUpdate) : "";
  verdict.revokedAt = answer.revoked ? core::isoInstant(answer.revokedAt) : "";
  verdict.revocationInstant = answer.revokedAt;
  verdict.reason = answer.revoked ? reasonName(answer.reason) : "";
}

Finding explain(int error) {
  const std::string reason = X509_verify_cert_error_string(error);
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return doubtful("OUT_OF_BOUNDS_NO_POE",
                      "a certificate of the path has expired and nothing proves the signature older");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return doubtful("OUT_OF_BOUNDS_NO_POE", "a certificate of the path is not yet valid");
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return doubtful("NO_CERTIFICATE_CHAIN_FOUND", "no certification path to a trust anchor: " + reason);
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
      return doubtful("CHAIN_CONSTRAINTS_FAILURE", "the certification path breaks a rule: " + reason);
    case X509_V_ERR_CA_MD_TOO_WEAK:
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
      return doubtful("CRYPTO_CONSTRAINTS_FAILURE", "the certification path uses a weak algorithm: " + reason);
    default:
      return doubtful("CERTIFICATE_CHAIN_GENERAL_FAILURE", "the certification path is not valid: " + reason);
  }
}

}  // namespace

bool isAuthorised(const Evidence& evidence, const Evidence::Ocsp& ocsp, X509* issuer) {
  const Instant producedAt = instantOf(OCSP_resp_get0_produced_at(ocsp.basic.get()));
  const STACK_OF(X509)* certificates = ocsp.certificates.get();
  for (int i = 0; certificates && i < sk_X509_num(certificates); ++i) {
    X509* responder = sk_X509_value(certificates, i);
    const bool mayAnswer =
        X509_get_extended_key_usage(responder) & XKU_OCSP_SIGN && X509_get_extension_flags(responder) & EXFLAG_XKUSAGE;
    const bool inForce = instantOf(X509_get0_notBefore(responder)) <= producedAt + kSkew &&
                         producedAt <= instantOf(X509_get0_notAfter(responder));
    if (mayAnswer && inForce && X509_check_issued(issuer, responder) == X509_V_OK &&
        evidence.isSignedBy(responder, issuer) && evidence.isSignedBy(ocsp, responder)) {
      return true;
    }
  }
  return evidence.isSignedBy(ocsp, issuer);
}

bool isNamedBy(const OCSP_BASICRESP* basic, const X509* certificate) {
  const ASN1_OCTET_STRING* hash = nullptr;
  const X509_NAME* name = nullptr;
  if (OCSP_resp_get0_id(basic, &hash, &name) != 1) return false;
  if (name) return X509_NAME_cmp(name, X509_get_subject_name(certificate)) == 0;
  unsigned char value[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  return hash && X509_pubkey_digest(certificate, EVP_sha1(), value, &size) == 1 &&
         static_cast<unsigned>(ASN1_STRING_length(hash)) == size &&
         std::equal(value, value + size, ASN1_STRING_get0_data(hash));
}

Instant instantOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (!time || ASN1_TIME_to_tm(time, &parts) != 1) return Instant{};
  const core::Date day = std::chrono::year(parts.tm_year + 1900) / (parts.tm_mon + 1) / parts.tm_mday;
  return std::chrono::sys_days(day) + std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) +
         std::chrono::seconds(parts.tm_sec);
}

Evidence::Evidence() : certificates_(sk_X509_new_null()) {}

bool Evidence::addCertificate(BytesView der) {
  Bytes octets(der.begin(), der.end());
  if (known_.contains(octets)) return true;
  X509Handle certificate = shareCertificate(der);
  if (!certificate) return false;
  known_.emplace(std::move(octets), certificate.get());
  sk_X509_push(certificates_.get(), certificate.release());
  return true;
}

void Evidence::addCertificate(X509* certificate) {
  if (!known_.emplace(encodeCertificate(certificate), certificate).second) return;
  X509_up_ref(certificate);
  sk_X509_push(certificates_.get(), certificate);
}

X509* Evidence::sameAs(X509* certificate) const {
  const auto found = known_.find(encodeCertificate(certificate));
  return found == known_.end() ? certificate : found->second;
}

void Evidence::addCertificates(const STACK_OF(X509) * certificates) {
  for (int i = 0; certificates && i < sk_X509_num(certificates); ++i) addCertificate(sk_X509_value(certificates, i));
}

template <typename Ask>
bool Evidence::askOnce(const void* signedObject, X509* signer, Ask ask) const {
  const std::pair<const void*, const X509*> question(signedObject, signer);
  if (const auto found = answers_.find(question); found != answers_.end()) return found->second;
  X509_up_ref(signer);
  asked_.emplace_back(signer);
  const bool answer = ask();
  ERR_clear_error();
  return answers_[question] = answer;
}

bool Evidence::isSignedBy(const Crl& crl, X509* issuer) const {
  return askOnce(crl.crl.get(), issuer, [&] { return hasSigned(crl.crl.get(), issuer); });
}

bool Evidence::isSignedBy(const Ocsp& ocsp, X509* signer) const {
  return askOnce(ocsp.basic.get(), signer, [&] { return hasSigned(ocsp.basic.get(), signer); });
}

bool Evidence::isSignedBy(X509* certificate, X509* issuer) const {
  X509 *subject = sameAs(certificate), *above = sameAs(issuer);
  return askOnce(subject, above, [&] { return X509_verify(subject, X509_get0_pubkey(above)) == 1; });
}

void Evidence::noteSigned(X509* certificate, X509* issuer) const {
  askOnce(sameAs(certificate), sameAs(issuer), [] { return true; });
}

void Evidence::addOcsp(BytesView der, const std::string& origin) {
  const unsigned char* at = der.data();
  const OcspHandle response(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
  const bool isAnswer = response && OCSP_response_status(response.get()) == OCSP_RESPONSE_STATUS_SUCCESSFUL;
  Ocsp ocsp{nullptr, nullptr, origin, der.size()};
  if (auto carved = isAnswer ? carveOcspResponse(der) : std::nullopt) {
    at = carved->octets.data();
    ocsp.basic.reset(d2i_OCSP_BASICRESP(nullptr, &at, static_cast<long>(carved->octets.size())));
    ocsp.certificates = std::move(carved->certificates);
  } else if (isAnswer) {
    ocsp.basic.reset(OCSP_response_get1_basic(response.get()));
    const STACK_OF(X509)* own = ocsp.basic ? OCSP_resp_get0_certs(ocsp.basic.get()) : nullptr;
    if (own) ocsp.certificates.reset(X509_chain_up_ref(const_cast<STACK_OF(X509)*>(own)));
    for (int i = 0; i < sk_X509_num(ocsp.certificates.get()); ++i)
      setSm2UserId(sk_X509_value(ocsp.certificates.get(), i));
  }
  ERR_clear_error();
  if (ocsp.basic) ocsps_.push_back(std::move(ocsp));
}

void Evidence::addCrl(BytesView der, const std::string& origin) {
  const unsigned char* at = der.data();
  CrlHandle crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (crl) crls_.push_back({std::move(crl), origin});
}

namespace {

// A root that is no anchor leads nowhere, and must not stand before a cross certificate of the same name.
Certificates intermediatesOf(const Evidence& evidence) {
  Certificates found(sk_X509_new_null());
  for (int i = 0; i < sk_X509_num(evidence.certificates()); ++i) {
    X509* one = sk_X509_value(evidence.certificates(), i);
    if (X509_self_signed(one, 0) == 1) continue;
    X509_up_ref(one);
    sk_X509_push(found.get(), one);
  }
  return found;
}

}  // namespace

Path findPath(X509* subject, const Evidence& evidence, X509_STORE* anchors, Instant at) {
  Path path;
  const StoreContext context(X509_STORE_CTX_new());
  const Certificates intermediates = intermediatesOf(evidence);
  if (!context || X509_STORE_CTX_init(context.get(), anchors, subject, intermediates.get()) != 1) {
    path.finding = doubtful("CERTIFICATE_CHAIN_GENERAL_FAILURE", "the certification path could not be built");
    return path;
  }
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_depth(parameters, 10);
  X509_VERIFY_PARAM_set_auth_level(parameters, 1);  // no MD5, no SHA-1 below the anchor
  if (X509_verify_cert(context.get()) == 1) {
    const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context.get());
    for (int i = 0; i < sk_X509_num(chain); ++i) {
      X509* certificate = sk_X509_value(chain, i);
      X509_up_ref(certificate);
      path.certificates.emplace_back(certificate);
      if (i > 0) evidence.noteSigned(sk_X509_value(chain, i - 1), certificate);
    }
  } else {
    path.finding = explain(X509_STORE_CTX_get_error(context.get()));
  }
  ERR_clear_error();
  return path;
}

RevocationVerdict judgeRevocation(X509* subject, X509* issuer, const Evidence& evidence, Instant at) {
  RevocationVerdict verdict;
  verdict.certificate = partyName(subject);
  verdict.serialHex = serialHex(subject);
  // Issuers forget certificates that have expired (RFC 5280 3.3): later silence is no good answer.
  const Instant expiry = instantOf(X509_get0_notAfter(subject));
  const auto take = [&](const std::optional<Answer>& answer, const char* kind, const std::string& origin) {
    if (answer && (answer->revoked || answer->thisUpdate <= expiry)) describe(verdict, *answer, kind, origin, at);
  };
  for (const Evidence::Ocsp& ocsp : evidence.ocsps())
    take(answerOf(evidence, ocsp, subject, issuer), "OCSP", ocsp.origin);
  for (const Evidence::Crl& crl : evidence.crls()) take(answerOf(evidence, crl, subject, issuer), "CRL", crl.origin);
  return verdict;
}

}  // namespace qianda::signing::verify
