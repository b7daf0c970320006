#include "signing/ca/certificate_issuer.h"

#include <filesystem>

#include "core/error.h"
#include "signing/ca/certificate_maker.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"

namespace qianda::signing {

using core::Error;
using core::ErrorCode;

Pkcs12 issueKey(CertificateIssuer& issuer, std::string_view kind, const CertificateOrder& order) {
  KeyHandle key = generateKey(kind);
  IssuedCertificate issued = issuer.issue(makeRequest(key.get(), order.subject), order);
  return {std::move(key), parseCertificate(issued.certificate), std::move(issued.chain)};
}

IssuedCertificate issueWithKey(CertificateIssuer& issuer, std::string_view kind, const CertificateOrder& order,
                               const std::string& file, std::string_view filePassphrase) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::absolute(file).parent_path();
  if (filePassphrase.empty()) throw Error(ErrorCode::kInvalidInput, file + ": a key file needs a passphrase");
  if (fs::exists(file)) throw Error(ErrorCode::kConflict, file + " is there already");
  if (!fs::is_directory(folder)) throw Error(ErrorCode::kNotFound, "there is no folder " + folder.string());
  Pkcs12 issued = issueKey(issuer, kind, order);
  writePkcs12(file, filePassphrase, issued);
  return {encodeCertificate(issued.certificate.get()), std::move(issued.chain)};
}

}  // namespace qianda::signing
