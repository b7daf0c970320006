#include "signing/cms/cades_signer.h"

#include <algorithm>

#include "core/error.h"
#include "signing/asn1/der.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/sm2.h"
#include "signing/keys/x509.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::BytesView;

struct Arc {
  const char *data, *signedData;
};
constexpr Arc kPkcs{"1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"};
constexpr Arc kGbt35275{"1.2.156.10197.6.1.4.2.1", "1.2.156.10197.6.1.4.2.2"};
constexpr const char* kContentType = "1.2.840.113549.1.9.3";
constexpr const char* kMessageDigest = "1.2.840.113549.1.9.4";
constexpr const char* kSigningCertificateV2 = "1.2.840.113549.1.9.16.2.47";
constexpr const char* kSignatureTimestamp = "1.2.840.113549.1.9.16.2.14";
constexpr const char* kSm2 = "1.2.156.10197.1.301.1";

struct DigestOids {
  const char* digest;
  const char* signature;  // by the digest's elliptic curve: RFC 5754 3.3, GM/T 0006
  std::size_t size;
};
constexpr DigestOids kDigests[] = {
    {"2.16.840.1.101.3.4.2.1", "1.2.840.10045.4.3.2", 32},
    {"2.16.840.1.101.3.4.2.2", "1.2.840.10045.4.3.3", 48},
    {"2.16.840.1.101.3.4.2.3", "1.2.840.10045.4.3.4", 64},
    {"1.2.156.10197.1.401", "1.2.156.10197.1.501", 32},
};

// RFC 5754 section 2: SHA-2 identifiers are written without parameters.
Bytes digestIdentifier(const DigestOids& oids) { return der::sequence({der::objectIdentifier(oids.digest)}); }

// ECDSA names its digest, without parameters. RSA PKCS#1 v1.5 is rsaEncryption with NULL: the one identifier RFC 3370
// 3.2 and RFC 5754 3.2 make every reader support; the digest stands in digestAlgorithm and in the signature itself.
// SM2 is named with its digest in the PKCS#7 arc, alone in that of GB/T 35275.
Bytes signatureIdentifier(KeyKind kind, const DigestOids& oids, CmsProfile profile) {
  if (profile == CmsProfile::kGbt35275) return der::sequence({der::objectIdentifier(kSm2)});
  if (kind != KeyKind::kRsa) return der::sequence({der::objectIdentifier(oids.signature)});
  return der::sequence({der::objectIdentifier("1.2.840.113549.1.1.1"), der::element(der::kNull, BytesView{})});
}

Bytes attribute(const char* type, BytesView value) {
  return der::sequence({der::objectIdentifier(type), der::element(der::kSet, value)});
}

struct IssuerAndSerial {
  Bytes issuer, serial;  // DER
};

IssuerAndSerial issuerAndSerialOf(const X509* certificate) {
  const unsigned char* name = nullptr;
  std::size_t nameSize = 0;
  unsigned char* serial = nullptr;
  const int serialSize = i2d_ASN1_INTEGER(X509_get0_serialNumber(certificate), &serial);
  if (serialSize < 0 || X509_NAME_get0_der(X509_get_issuer_name(certificate), &name, &nameSize) != 1) {
    throwOpenssl(core::ErrorCode::kSystem, "cannot encode a certificate's issuer and serial number");
  }
  IssuerAndSerial result{Bytes(name, name + nameSize), Bytes(serial, serial + serialSize)};
  OPENSSL_free(serial);
  return result;
}

// RFC 5035 section 3: hashAlgorithm is left out where it is the default SHA-256.
Bytes signingCertificateV2(BytesView certificate, const IssuerAndSerial& id, bool sm3) {
  const Bytes directoryName = der::element(der::contextTag(4), id.issuer);
  const Bytes issuerSerial = der::sequence({der::sequence({directoryName}), id.serial});
  const DigestAlgorithm algorithm = sm3 ? DigestAlgorithm::kSm3 : DigestAlgorithm::kSha256;
  const Bytes identifier = sm3 ? digestIdentifier(kDigests[static_cast<std::size_t>(algorithm)]) : Bytes();
  const Bytes hash = der::octetString(digestOf(algorithm, certificate));
  return der::sequence({der::sequence({der::sequence({identifier, hash, issuerSerial})})});
}

Bytes embeddedCertificates(const Credential& credential) {
  std::vector<Bytes> certificates{credential.certificate};
  for (const Bytes& certificate : credential.chain) {
    if (!isSelfSigned(parseCertificate(certificate).get())) certificates.push_back(certificate);
  }
  return der::setOf(std::move(certificates), der::contextTag(0));
}

}  // namespace

// The DER around the two values that change (message digest, signature), in the order of the encoding.
struct CadesSigner::Parts {
  Credential credential;
  const TimestampSource* time;
  Bytes identity;     // SM2's Z, hashed before the attributes
  Bytes contentType;  // OID of ContentInfo
  Bytes signedData;   // version .. certificates
  Bytes signerInfo;   // version .. digestAlgorithm
  Bytes attributes;   // as hashed: SET OF, with room for the digest
  Bytes signatureAlgorithm;
  std::size_t messageDigest = 0;  // offset in attributes
  std::size_t digestSize = 0;

  // Content lengths from the innermost header outwards.
  struct Lengths {
    std::size_t signerInfo, signerInfos, signedData, explicitTag, contentInfo;
  };
  Lengths lengthsFor(std::size_t signatureSize, std::size_t unsignedSize) const {
    Lengths lengths{};
    lengths.signerInfo = signerInfo.size() + attributes.size() + signatureAlgorithm.size() +
                         der::elementSize(signatureSize) + unsignedSize;
    lengths.signerInfos = der::elementSize(lengths.signerInfo);
    lengths.signedData = signedData.size() + der::elementSize(lengths.signerInfos);
    lengths.explicitTag = der::elementSize(lengths.signedData);
    lengths.contentInfo = contentType.size() + der::elementSize(lengths.explicitTag);
    return lengths;
  }
};

CadesSigner::CadesSigner(Credential credential, CadesOptions options) {
  const bool isSm2Key = credential.key->kind() == KeyKind::kSm2;
  if (options.profile == CmsProfile::kGbt35275 && !isSm2Key) {
    throw core::Error(core::ErrorCode::kUnsupported,
                      "GB/T 35275 signatures need an SM2 key, not " + credential.key->name());
  }
  const Arc& arc = options.profile == CmsProfile::kGbt35275 ? kGbt35275 : kPkcs;
  auto parts = std::make_unique<Parts>();
  parts->time = options.time;
  const X509Handle certificate = parseCertificate(credential.certificate);
  const DigestOids& oids = kDigests[static_cast<std::size_t>(credential.key->digest())];
  const IssuerAndSerial id = issuerAndSerialOf(certificate.get());
  const Bytes version = der::integer(1), digest = digestIdentifier(oids);

  const Bytes messageDigest = attribute(kMessageDigest, der::octetString(Bytes(oids.size)));
  parts->attributes =
      der::setOf({attribute(kContentType, der::objectIdentifier(arc.data)), messageDigest,
                  attribute(kSigningCertificateV2, signingCertificateV2(credential.certificate, id, isSm2Key))});
  const auto place =
      std::search(parts->attributes.begin(), parts->attributes.end(), messageDigest.begin(), messageDigest.end());
  parts->digestSize = oids.size;
  parts->messageDigest = static_cast<std::size_t>(place - parts->attributes.begin()) + messageDigest.size() - oids.size;

  parts->contentType = der::objectIdentifier(arc.signedData);
  for (const Bytes& part : {version, der::setOf({digest}), der::sequence({der::objectIdentifier(arc.data)}),
                            embeddedCertificates(credential)}) {
    der::append(parts->signedData, part);
  }
  for (const Bytes& part : {version, der::sequence({id.issuer, id.serial}), digest}) {
    der::append(parts->signerInfo, part);
  }
  parts->signatureAlgorithm = signatureIdentifier(credential.key->kind(), oids, options.profile);
  if (isSm2Key) parts->identity = sm2IdentityDigest(X509_get0_pubkey(certificate.get()));
  parts->credential = std::move(credential);
  parts_ = std::move(parts);
}

CadesSigner::~CadesSigner() = default;

const Credential& CadesSigner::credential() const { return parts_->credential; }

const char* CadesSigner::level() const { return parts_->time ? "PAdES-BASELINE-T" : "PAdES-BASELINE-B"; }

std::size_t CadesSigner::maxSize() const {
  const Parts& parts = *parts_;
  const std::size_t stamp = parts.time ? der::elementSize(parts.time->maxTokenSize() + 64) : 0;
  return der::elementSize(parts.lengthsFor(parts.credential.key->maxSignatureSize(), stamp).contentInfo);
}

void CadesSigner::sign(BytesView contentDigest, Bytes& cms) const {
  const Parts& parts = *parts_;
  if (contentDigest.size() != parts.digestSize) {
    throw core::Error(core::ErrorCode::kInvalidInput, "a CMS signature was given a digest of the wrong length");
  }
  Bytes attributes = parts.identity;
  const std::size_t start = attributes.size();
  der::append(attributes, parts.attributes);
  std::copy(contentDigest.begin(), contentDigest.end(),
            attributes.begin() + static_cast<std::ptrdiff_t>(start + parts.messageDigest));
  const SigningKey& key = *parts.credential.key;
  Bytes signature;
  key.signDigest(digestOf(key.digest(), attributes), signature);
  attributes[start] = der::contextTag(0);  // IMPLICIT in place, SET when hashed (RFC 5652 5.4)
  const BytesView signedAttributes = BytesView(attributes).subspan(start);
  Bytes unsignedAttributes;
  if (parts.time) {
    const Bytes token = parts.time->stamp(DigestAlgorithm::kSha256, digestOf(DigestAlgorithm::kSha256, signature));
    unsignedAttributes = der::setOf({attribute(kSignatureTimestamp, token)}, der::contextTag(1));
  }

  const Parts::Lengths lengths = parts.lengthsFor(signature.size(), unsignedAttributes.size());
  cms.clear();
  cms.reserve(der::elementSize(lengths.contentInfo));
  der::appendHeader(cms, der::kSequence, lengths.contentInfo);
  der::append(cms, parts.contentType);
  der::appendHeader(cms, der::contextTag(0), lengths.explicitTag);
  der::appendHeader(cms, der::kSequence, lengths.signedData);
  der::append(cms, parts.signedData);
  der::appendHeader(cms, der::kSet, lengths.signerInfos);
  der::appendHeader(cms, der::kSequence, lengths.signerInfo);
  der::append(cms, parts.signerInfo);
  der::append(cms, signedAttributes);
  der::append(cms, parts.signatureAlgorithm);
  der::appendElement(cms, der::kOctetString, signature);
  der::append(cms, unsignedAttributes);
}

}  // namespace qianda::signing
