#include "signing/trust/revocation_addresses.h"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "signing/keys/openssl.h"
#include "signing/keys/x509.h"

namespace qianda::signing {
namespace {

using AccessHandle = core::Handle<AUTHORITY_INFO_ACCESS, &AUTHORITY_INFO_ACCESS_free>;
using PointsHandle = core::Handle<CRL_DIST_POINTS, &CRL_DIST_POINTS_free>;
using IssuingPointHandle = core::Handle<ISSUING_DIST_POINT, &ISSUING_DIST_POINT_free>;
using CrlHandle = core::Handle<X509_CRL, &X509_CRL_free>;

constexpr std::size_t kMost = 4;
constexpr std::size_t kLongest = 2000;

// The URL of a general name of that kind, "" for another.
std::string addressOf(const GENERAL_NAME* name) {
  if (name->type != GEN_URI) return {};
  const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
  std::string address(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                      static_cast<std::size_t>(ASN1_STRING_length(text)));
  const bool isPlain = std::all_of(address.begin(), address.end(), [](char c) { return c > ' ' && c < 0x7F; });
  return isPlain && address.size() <= kLongest ? address : "";
}

void add(std::vector<std::string>& list, const std::string& address) {
  std::string scheme = address.substr(0, 7);
  std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (scheme != "http://" || list.size() >= kMost || std::find(list.begin(), list.end(), address) != list.end()) return;
  list.push_back(address);
}

template <typename Use>
void eachName(const DIST_POINT_NAME* point, Use use) {
  if (!point || point->type != 0) return;  // 1: a name below the issuer's, for directories
  for (int i = 0; i < sk_GENERAL_NAME_num(point->name.fullname); ++i) {
    use(addressOf(sk_GENERAL_NAME_value(point->name.fullname, i)));
  }
}

}  // namespace

RevocationAddresses revocationAddressesOf(core::BytesView certificate) {
  RevocationAddresses found;
  const X509Handle x509 = findCertificate(certificate);
  if (!x509) return found;
  const AccessHandle access(
      static_cast<AUTHORITY_INFO_ACCESS*>(X509_get_ext_d2i(x509.get(), NID_info_access, nullptr, nullptr)));
  for (int i = 0; access && i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i) {
    const ACCESS_DESCRIPTION* one = sk_ACCESS_DESCRIPTION_value(access.get(), i);
    if (OBJ_obj2nid(one->method) == NID_ad_OCSP) add(found.responders, addressOf(one->location));
  }
  const PointsHandle points(
      static_cast<CRL_DIST_POINTS*>(X509_get_ext_d2i(x509.get(), NID_crl_distribution_points, nullptr, nullptr)));
  for (int i = 0; points && i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT* point = sk_DIST_POINT_value(points.get(), i);
    if (point->reasons || point->CRLissuer) continue;
    eachName(point->distpoint, [&](const std::string& address) { add(found.lists, address); });
  }
  ERR_clear_error();
  return found;
}

bool isListFor(core::BytesView der, core::BytesView certificate, const std::string& address) {
  const unsigned char* cursor = der.data();
  const CrlHandle crl(d2i_X509_CRL(nullptr, &cursor, static_cast<long>(der.size())));
  const X509Handle x509 = findCertificate(certificate);
  ERR_clear_error();
  if (!crl || !x509 || cursor != der.data() + der.size()) return false;
  if (X509_CRL_get_ext_by_NID(crl.get(), NID_delta_crl, -1) >= 0) return false;
  int presence = 0;  // -1: there is none
  const IssuingPointHandle point(static_cast<ISSUING_DIST_POINT*>(
      X509_CRL_get_ext_d2i(crl.get(), NID_issuing_distribution_point, &presence, nullptr)));
  ERR_clear_error();
  if (!point) return presence == -1;
  const bool isAuthority = X509_check_ca(x509.get()) > 0;
  ERR_clear_error();
  if (point->onlyattr > 0 || point->onlysomereasons || point->indirectCRL > 0 || (point->onlyuser > 0 && isAuthority) ||
      (point->onlyCA > 0 && !isAuthority)) {
    return false;
  }
  bool isNamed = point->distpoint == nullptr;
  eachName(point->distpoint, [&](const std::string& name) { isNamed = isNamed || name == address; });
  return isNamed;
}

}  // namespace qianda::signing
