#include "signing/keys/openssl.h"

#include <openssl/err.h>

namespace qianda::signing {

std::string takeOpensslErrors() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    char line[256];
    const char* reason = ERR_reason_error_string(code);
    if (!reason) ERR_error_string_n(code, line, sizeof line);
    if (!text.empty()) text += "; ";
    text += reason ? reason : line;
  }
  return text;
}

void throwOpenssl(core::ErrorCode code, const std::string& message) {
  const std::string errors = takeOpensslErrors();
  throw core::Error(code, errors.empty() ? message : message + ": " + errors, message);
}

}  // namespace qianda::signing
