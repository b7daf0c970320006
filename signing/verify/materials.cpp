#include "signing/verify/materials.h"

#include <openssl/err.h>

#include "signing/keys/x509.h"
#include "signing/pdf/filters.h"
#include "signing/pdf/signature_fields.h"
#include "signing/verify/byte_range.h"
#include "signing/verify/signed_data.h"

namespace qianda::signing::verify {
namespace {

using pdf::Document;
using pdf::Object;

std::vector<core::Bytes> streamsOf(Document& document, const Object& store, const char* name) {
  std::vector<core::Bytes> found;
  const Object& array = document.get(store, name);
  if (!array.is(Object::Type::kArray)) return found;
  for (const Object& one : *array.array) {
    const Object& stream = document.resolve(one);
    if (!stream.is(Object::Type::kStream)) continue;
    if (const auto octets = pdf::decodeStream(stream, document.rawStream(stream)))
      found.emplace_back(octets->begin(), octets->end());
  }
  return found;
}

}  // namespace

FileMaterial readMaterial(std::string_view file) {
  FileMaterial material;
  auto opened = Document::open(file);
  if (std::holds_alternative<pdf::OpenError>(opened)) return material;
  Document& document = std::get<Document>(opened);
  for (const pdf::SignatureField& field : pdf::listSignatureFields(document)) {
    if (!field.isSigned) continue;
    const Object dictionary = document.get(document.object(field.reference.number), "V");
    SignatureMaterial one;
    one.field = field.name;
    one.isTimestamp = document.get(dictionary, "Type").isName("DocTimeStamp") ||
                      document.get(dictionary, "SubFilter").isName("ETSI.RFC3161");
    one.cms = judgeCoverage(document, dictionary).cms;
    const SignedData cms(one.cms, one.isTimestamp ? Content::kTimestamp : Content::kDetached, {}, false);
    for (int i = 0; i < sk_X509_num(cms.certificates()); ++i)
      one.certificates.push_back(encodeCertificate(sk_X509_value(cms.certificates(), i)));
    one.tokens = cms.signatureTimestamps();
    material.signatures.push_back(std::move(one));
  }
  const Object store = document.resolve(document.catalog()["DSS"]);
  if (store.hasDictionary()) {
    material.certificates = streamsOf(document, store, "Certs");
    material.ocsps = streamsOf(document, store, "OCSPs");
    material.crls = streamsOf(document, store, "CRLs");
  }
  ERR_clear_error();
  return material;
}

}  // namespace qianda::signing::verify
