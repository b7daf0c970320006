#include "delivery/partner/sm4_envelope.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "core/base64.h"
#include "core/error.h"
#include "core/handle.h"

namespace qianda::delivery {
namespace {

using core::Error;
using core::ErrorCode;
using Context = core::Handle<EVP_CIPHER_CTX, &EVP_CIPHER_CTX_free>;

constexpr std::string_view kPrefix = "|$4|";
constexpr std::size_t kBlock = 16;

core::Bytes keyOf(std::string_view keyText) {
  auto key = core::fromBase64(keyText);
  if (!key || key->size() != kBlock) throw Error(ErrorCode::kInvalidInput, "an SM4 key is base64 of 16 octets");
  return std::move(*key);
}

Context begin(const core::Bytes& key, bool encrypts) {
  Context context(EVP_CIPHER_CTX_new());
  if (!context || EVP_CipherInit_ex(context.get(), EVP_sm4_ecb(), nullptr, key.data(), nullptr, encrypts) != 1) {
    ERR_clear_error();
    throw Error(ErrorCode::kSystem, "OpenSSL has no SM4");
  }
  return context;
}

// False when the padding is none.
bool run(EVP_CIPHER_CTX* context, core::BytesView in, core::Bytes& out) {
  out.resize(in.size() + kBlock);
  int first = 0, last = 0;
  const bool isWhole = EVP_CipherUpdate(context, out.data(), &first, in.data(), static_cast<int>(in.size())) == 1 &&
                       EVP_CipherFinal_ex(context, out.data() + first, &last) == 1;
  ERR_clear_error();
  out.resize(isWhole ? static_cast<std::size_t>(first + last) : 0);
  return isWhole;
}

}  // namespace

bool isSm4KeyText(std::string_view keyText) {
  const auto key = core::fromBase64(keyText);
  return key && key->size() == kBlock;
}

std::string sealSm4(std::string_view json, const std::string& keyText, bool appendsKey) {
  const Context context = begin(keyOf(keyText), true);
  core::Bytes sealed;
  const std::string plain = std::string(json) + (appendsKey ? keyText : "");
  if (!run(context.get(), core::viewOf(plain), sealed)) throw Error(ErrorCode::kSystem, "SM4 failed");
  return std::string(kPrefix) + core::toBase64(sealed);
}

Sm4Opening openSm4(std::string_view sealed, const std::string& keyText, bool appendsKey) {
  using Outcome = Sm4Opening::Outcome;
  if (!sealed.starts_with(kPrefix)) return {Outcome::kMalformed, {}, "it does not begin with |$4|"};
  const auto octets = core::fromBase64(sealed.substr(kPrefix.size()));
  if (!octets) return {Outcome::kMalformed, {}, "it is not base64"};
  if (octets->empty() || octets->size() % kBlock != 0) return {Outcome::kMalformed, {}, "it is not whole SM4 blocks"};
  const Context context = begin(keyOf(keyText), false);
  core::Bytes plain;
  if (!run(context.get(), *octets, plain)) return {Outcome::kWrongKey, {}, "its padding is none under our key"};
  std::string text(core::textOf(plain));
  if (!appendsKey) return {Outcome::kOpened, std::move(text), {}};
  const std::size_t size = keyText.size();
  if (text.size() < size || CRYPTO_memcmp(text.data() + text.size() - size, keyText.data(), size) != 0) {
    return {Outcome::kWrongKey, {}, "the key's text does not stand at its end"};
  }
  text.resize(text.size() - size);
  return {Outcome::kOpened, std::move(text), {}};
}

}  // namespace qianda::delivery
