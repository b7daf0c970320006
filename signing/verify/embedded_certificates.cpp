#include "signing/verify/embedded_certificates.h"

#include <openssl/err.h>

#include "signing/asn1/der.h"
#include "signing/keys/x509.h"

namespace qianda::signing::verify {
namespace {

using core::Bytes;
using core::BytesView;

struct Element {
  std::uint8_t tag = 0;
  BytesView whole, content;
};

// The next element of definite length; nullopt at the end or for anything else.
std::optional<Element> next(BytesView& rest) {
  if (rest.empty()) return std::nullopt;
  const unsigned char* at = rest.data();
  long length = 0;
  int tag = 0, tagClass = 0;
  if (ASN1_get_object(&at, &length, &tag, &tagClass, static_cast<long>(rest.size())) & 0x81) {
    ERR_clear_error();
    return std::nullopt;
  }
  const auto header = static_cast<std::size_t>(at - rest.data());
  const std::size_t size = header + static_cast<std::size_t>(length);
  const Element element{rest[0], rest.first(size), rest.subspan(header, size - header)};
  rest = rest.subspan(size);
  return element;
}

// The only element, with that tag.
std::optional<BytesView> only(BytesView octets, std::uint8_t tag) {
  const auto element = next(octets);
  if (!element || element->tag != tag || !octets.empty()) return std::nullopt;
  return element->content;
}

// Every element is a certificate that parses.
Certificates readAll(BytesView list) {
  Certificates stack(sk_X509_new_null());
  while (!list.empty()) {
    const auto one = next(list);
    X509Handle certificate = one && one->tag == der::kSequence ? shareCertificate(one->whole) : X509Handle();
    if (!certificate || sk_X509_push(stack.get(), certificate.get()) <= 0) return {};
    certificate.release();
  }
  return stack;
}

// `fields` without the first element of tag [0] behind `skip` others.
struct Cut {
  Bytes fields;
  BytesView certificates;
};
std::optional<Cut> cut(BytesView fields, int skip) {
  Cut result;
  bool isFound = false;
  for (int i = 0; !fields.empty(); ++i) {
    const auto field = next(fields);
    if (!field) return std::nullopt;
    if (i >= skip && !isFound && field->tag == der::contextTag(0)) {
      isFound = true;
      result.certificates = field->content;
    } else {
      der::append(result.fields, field->whole);
    }
  }
  if (!isFound) return std::nullopt;
  return result;
}

}  // namespace

void freeCertificates(STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }

std::optional<Carved> carveSignedData(BytesView contentInfo) {
  auto info = only(contentInfo, der::kSequence);
  const auto type = info ? next(*info) : std::nullopt;
  const auto wrapped = type && type->tag == der::kObjectIdentifier ? only(*info, der::contextTag(0)) : std::nullopt;
  const auto signedData = wrapped ? only(*wrapped, der::kSequence) : std::nullopt;
  const auto parts = signedData ? cut(*signedData, 3) : std::nullopt;
  if (!parts) return std::nullopt;
  Carved carved;
  carved.certificates = readAll(parts->certificates);
  if (!carved.certificates) return std::nullopt;
  carved.octets =
      der::sequence({type->whole, der::element(der::contextTag(0), der::element(der::kSequence, parts->fields))});
  return carved;
}

std::optional<Carved> carveOcspResponse(BytesView response) {
  constexpr std::uint8_t kEnumerated = 0x0A;
  auto fields = only(response, der::kSequence);
  const auto status = fields ? next(*fields) : std::nullopt;
  const auto wrapped = status && status->tag == kEnumerated ? only(*fields, der::contextTag(0)) : std::nullopt;
  auto answer = wrapped ? only(*wrapped, der::kSequence) : std::nullopt;
  const auto type = answer ? next(*answer) : std::nullopt;
  const auto octets = type && type->tag == der::kObjectIdentifier ? only(*answer, der::kOctetString) : std::nullopt;
  const auto basic = octets ? only(*octets, der::kSequence) : std::nullopt;
  const auto parts = basic ? cut(*basic, 3) : std::nullopt;
  const auto list = parts ? only(parts->certificates, der::kSequence) : std::nullopt;
  if (!list) return std::nullopt;
  Carved carved;
  carved.certificates = readAll(*list);
  if (!carved.certificates) return std::nullopt;
  carved.octets = der::element(der::kSequence, parts->fields);
  return carved;
}

}  // namespace qianda::signing::verify
