// A writer of DER (ITU-T X.690), just large enough for CMS: whole elements are built from their parts and held as
// octets. The append functions are for hot paths that lay a few headers around ready pieces.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "core/bytes.h"

namespace qianda::signing::der {

enum Tag : std::uint8_t {
  kInteger = 0x02,
  kOctetString = 0x04,
  kNull = 0x05,
  kObjectIdentifier = 0x06,
  kSequence = 0x30,
  kSet = 0x31,
};
// [number], number < 31. Constructed: EXPLICIT, or IMPLICIT over SEQUENCE and SET.
constexpr std::uint8_t contextTag(unsigned number, bool constructed = true) {
  return static_cast<std::uint8_t>((constructed ? 0xA0 : 0x80) | number);
}

// Octets of tag and length in front of `length` octets of content; of the whole element.
std::size_t headerSize(std::size_t length);
inline std::size_t elementSize(std::size_t length) { return headerSize(length) + length; }

void append(core::Bytes& out, core::BytesView bytes);
void appendHeader(core::Bytes& out, std::uint8_t tag, std::size_t length);
void appendElement(core::Bytes& out, std::uint8_t tag, core::BytesView content);

core::Bytes element(std::uint8_t tag, core::BytesView content);
// The parts one after the other in one constructed element.
core::Bytes element(std::uint8_t tag, std::initializer_list<core::BytesView> parts);
inline core::Bytes sequence(std::initializer_list<core::BytesView> parts) { return element(kSequence, parts); }
// SET OF: sorted by encoding (X.690 11.6); `tag` allows [n] IMPLICIT SET OF.
core::Bytes setOf(std::vector<core::Bytes> elements, std::uint8_t tag = kSet);

core::Bytes integer(std::uint64_t value);
core::Bytes octetString(core::BytesView content);
// "1.2.840.113549.1.7.2"; throws kInvalidInput for anything that is not an object identifier.
core::Bytes objectIdentifier(std::string_view dotted);

}  // namespace qianda::signing::der
