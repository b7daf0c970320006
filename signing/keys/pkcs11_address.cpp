#include <algorithm>

#include "core/error.h"
#include "signing/keys/pkcs11_key.h"

namespace qianda::signing {
namespace {

using core::Error;
using core::ErrorCode;

std::string decodePercent(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const core::Bytes octet = core::fromHex(text.substr(i + 1, 2));
    if (octet.size() != 1) throw Error(ErrorCode::kInvalidInput, "a % without two digits");
    decoded += static_cast<char>(octet[0]);
    i += 2;
  }
  return decoded;
}

}  // namespace

Pkcs11Address parsePkcs11Address(std::string_view text) {
  const auto refuse = [](const std::string& reason) { throw Error(ErrorCode::kUsage, "a PKCS#11 address " + reason); };
  if (!text.starts_with(kPkcs11Scheme)) refuse("begins with pkcs11:");
  Pkcs11Address address;
  std::string id;
  const struct {
    std::string_view name;
    std::string& value;
  } attributes[] = {{"module", address.module},
                    {"module-path", address.module},
                    {"token", address.token},
                    {"object", address.object},
                    {"id", id},
                    {"certificate", address.certificate},
                    {"pin-source", address.pinSource}};
  text.remove_prefix(kPkcs11Scheme.size());
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find_first_of(";?&"));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const std::size_t equals = part.find('=');
    const std::string name(part.substr(0, equals));
    if (name == "pin-value") refuse("must not hold the PIN: everyone on the machine can read it");
    const auto known = std::find_if(std::begin(attributes), std::end(attributes),
                                    [&](const auto& attribute) { return attribute.name == name; });
    if (equals == part.npos || known == std::end(attributes)) refuse("knows no attribute \"" + name + "\"");
    try {
      known->value = decodePercent(part.substr(equals + 1));
    } catch (const Error& error) {
      refuse("has a broken value of " + name + ": " + error.what());
    }
  }
  address.id.assign(id.begin(), id.end());
  if (address.pinSource.starts_with("file:")) address.pinSource.erase(0, 5);
  if (address.module.empty()) refuse("needs module=PATH");
  if (address.token.empty()) refuse("needs token=LABEL");
  if (address.object.empty() && address.id.empty()) refuse("needs object=LABEL or id=...");
  return address;
}

}  // namespace qianda::signing
