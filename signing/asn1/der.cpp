#include "signing/asn1/der.h"

#include <algorithm>
#include <charconv>

#include "core/error.h"

namespace qianda::signing::der {
namespace {

using core::Bytes;
using core::BytesView;

std::size_t lengthOctets(std::size_t length) {
  std::size_t count = 0;
  for (; length > 0; length >>= 8) ++count;
  return count;
}

// Base 128, most significant first, all but the last with the high bit set.
void appendArc(Bytes& out, std::uint64_t arc) {
  int shift = 63;
  while (shift > 0 && arc >> shift == 0) shift -= 7;
  for (; shift > 0; shift -= 7) out.push_back(static_cast<std::uint8_t>(0x80 | (arc >> shift & 0x7F)));
  out.push_back(static_cast<std::uint8_t>(arc & 0x7F));
}

std::vector<std::uint64_t> parseArcs(std::string_view dotted) {
  std::vector<std::uint64_t> arcs;
  const char* end = dotted.data() + dotted.size();
  for (const char* at = dotted.data();; ++at) {
    std::uint64_t arc = 0;
    const auto [next, error] = std::from_chars(at, end, arc);
    if (error != std::errc{} || (next != end && *next != '.')) return {};
    arcs.push_back(arc);
    if (next == end) return arcs;
    at = next;
  }
}

}  // namespace

std::size_t headerSize(std::size_t length) { return length < 0x80 ? 2 : 2 + lengthOctets(length); }

void append(Bytes& out, BytesView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void appendHeader(Bytes& out, std::uint8_t tag, std::size_t length) {
  out.push_back(tag);
  if (length < 0x80) {
    out.push_back(static_cast<std::uint8_t>(length));
    return;
  }
  std::size_t count = lengthOctets(length);
  out.push_back(static_cast<std::uint8_t>(0x80 | count));
  while (count-- > 0) out.push_back(static_cast<std::uint8_t>(length >> 8 * count));
}

void appendElement(Bytes& out, std::uint8_t tag, BytesView content) {
  appendHeader(out, tag, content.size());
  append(out, content);
}

Bytes element(std::uint8_t tag, BytesView content) {
  Bytes out;
  out.reserve(elementSize(content.size()));
  appendElement(out, tag, content);
  return out;
}

Bytes element(std::uint8_t tag, std::initializer_list<BytesView> parts) {
  Bytes content;
  for (BytesView part : parts) append(content, part);
  return element(tag, content);
}

Bytes setOf(std::vector<Bytes> elements, std::uint8_t tag) {
  std::sort(elements.begin(), elements.end(),
            [](const Bytes& a, const Bytes& b) { return core::textOf(a) < core::textOf(b); });
  Bytes content;
  for (const Bytes& member : elements) append(content, member);
  return element(tag, content);
}

Bytes integer(std::uint64_t value) {
  Bytes content;
  for (int shift = 56; shift >= 0; shift -= 8) {
    const auto octet = static_cast<std::uint8_t>(value >> shift);
    if (content.empty() && octet == 0 && shift > 0) continue;
    if (content.empty() && octet >= 0x80) content.push_back(0);
    content.push_back(octet);
  }
  return element(kInteger, content);
}

Bytes octetString(BytesView content) { return element(kOctetString, content); }

Bytes objectIdentifier(std::string_view dotted) {
  const std::vector<std::uint64_t> arcs = parseArcs(dotted);
  if (arcs.size() < 2 || arcs[0] > 2 || (arcs[0] < 2 && arcs[1] > 39) || arcs[1] > UINT64_MAX - 80) {
    throw core::Error(core::ErrorCode::kInvalidInput, "not an object identifier: " + std::string(dotted));
  }
  Bytes content;
  appendArc(content, arcs[0] * 40 + arcs[1]);
  for (std::size_t i = 2; i < arcs.size(); ++i) appendArc(content, arcs[i]);
  return element(kObjectIdentifier, content);
}

}  // namespace qianda::signing::der
