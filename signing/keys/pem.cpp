#include "signing/keys/pem.h"

#include <openssl/pem.h>

#include "signing/keys/openssl.h"

namespace qianda::signing {

std::string pemOf(const char* label, core::BytesView der) {
  const BioHandle out(BIO_new(BIO_s_mem()));
  char* data = nullptr;
  if (!out || PEM_write_bio(out.get(), label, "", der.data(), static_cast<long>(der.size())) <= 0) {
    throwOpenssl(core::ErrorCode::kSystem, "cannot write PEM");
  }
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace qianda::signing
