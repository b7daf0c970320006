// Octets in PEM (RFC 7468): "CERTIFICATE", "X509 CRL", "CERTIFICATE REQUEST".
#pragma once

#include <string>

#include "core/bytes.h"

namespace qianda::signing {

inline constexpr const char* kPemCertificate = "CERTIFICATE";
inline constexpr const char* kPemCrl = "X509 CRL";
inline constexpr const char* kPemRequest = "CERTIFICATE REQUEST";

std::string pemOf(const char* label, core::BytesView der);

}  // namespace qianda::signing
