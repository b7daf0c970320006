// Keys with self-signed certificates of any kind the house knows, as PKCS#12 files.
#pragma once

#include <filesystem>
#include <string>

#include <openssl/pem.h>

#include "core/file.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/pkcs12.h"
#include "signing/keys/x509.h"

namespace qianda::test {

// "p256", "p384", "rsa2048", "sm2", ...
inline signing::Pkcs12 makeSelfSigned(const std::string& kind) {
  signing::Pkcs12 made{signing::generateKey(kind), signing::X509Handle(X509_new()), {}};
  X509* certificate = made.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(kind.data()),
                             static_cast<int>(kind.size()), -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_set_pubkey(certificate, made.key.get());
  signing::signCertificate(certificate, made.key.get());
  return made;
}

// FOLDER/KIND.p12, KIND.pem, and `passphrase` beside them.
inline void writeSelfSigned(const std::filesystem::path& folder, const std::string& kind) {
  const signing::Pkcs12 made = makeSelfSigned(kind);
  signing::writePkcs12(folder / (kind + ".p12"), "secret", made);
  core::writeFile(folder / "passphrase", "secret\n");
  const signing::BioHandle pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(pem.get(), made.certificate.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(pem.get(), &text);
  core::writeFile(folder / (kind + ".pem"), {text, static_cast<std::size_t>(size)});
}

}  // namespace qianda::test
