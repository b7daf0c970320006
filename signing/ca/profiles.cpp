#include "signing/ca/profiles.h"

#include <openssl/err.h>

namespace qianda::signing {
namespace {

using namespace std::chrono_literals;

constexpr auto kDay = 24h;
constexpr const char* kSigns = "critical,digitalSignature,nonRepudiation";
// emailProtection is what NSS asks of a document's signer; the other is document signing (RFC 9336).
constexpr const char* kDocuments = "emailProtection,1.3.6.1.5.5.7.3.36";

constexpr CertificateProfile kProfiles[] = {
    {"company-seal", kSigns, kDocuments, 1095 * kDay, kDay, 1825 * kDay},
    {"person", kSigns, kDocuments, 1095 * kDay, kDay, 1825 * kDay},
    {"event", kSigns, kDocuments, 1h, 5min, kDay, true},
    {"tsa", "critical,digitalSignature", "critical,timeStamping", 1825 * kDay, kDay, 3650 * kDay},
    {"ocsp", "critical,digitalSignature", "OCSPSigning", 365 * kDay, kDay, 1095 * kDay, false, true},
};

using ObjectHandle = core::Handle<ASN1_OBJECT, &ASN1_OBJECT_free>;

}  // namespace

std::span<const CertificateProfile> certificateProfiles() { return kProfiles; }

const CertificateProfile& getCertificateProfile(std::string_view name) {
  std::string all;
  for (const CertificateProfile& profile : kProfiles) {
    if (profile.name == name) return profile;
    all += (all.empty() ? "" : ", ") + std::string(profile.name);
  }
  throw core::Error(core::ErrorCode::kInvalidInput,
                    "no certificate profile \"" + std::string(name) + "\"; there are " + all);
}

std::string eventOf(const X509* certificate) {
  const ObjectHandle oid(OBJ_txt2obj(kEventExtension, 1));
  const int at = oid ? X509_get_ext_by_OBJ(certificate, oid.get(), -1) : -1;
  if (at < 0) return {};
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(X509_get_ext(certificate, at));
  const unsigned char* cursor = ASN1_STRING_get0_data(value);
  const core::Handle<ASN1_UTF8STRING, &ASN1_UTF8STRING_free> text(
      d2i_ASN1_UTF8STRING(nullptr, &cursor, ASN1_STRING_length(value)));
  ERR_clear_error();
  if (!text) return {};
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text.get())),
          static_cast<std::size_t>(ASN1_STRING_length(text.get()))};
}

}  // namespace qianda::signing
