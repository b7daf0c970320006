// prepare -> sign -> complete: the seam between writing a PDF and signing it (the key may be far away in between).
// A file is `prefix ++ tail`: the prefix was hashed once (HashState), the tail holds a signature dictionary whose
// ByteRange and Contents are placeholders (ISO 32000-1 12.8.1). prepare() writes the ByteRange and hashes; complete()
// writes the CMS as hexadecimal into Contents. Neither changes the length of the file.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/bytes.h"
#include "core/time.h"
#include "signing/keys/signing_key.h"

namespace qianda::signing {

// A running digest that can be copied: hash the shared prefix once, go on per document.
class HashState {
 public:
  explicit HashState(DigestAlgorithm algorithm);
  HashState(const HashState& other);
  HashState& operator=(const HashState& other);
  HashState(HashState&&) noexcept;
  HashState& operator=(HashState&&) noexcept;
  ~HashState();
  void update(core::BytesView bytes);
  // Ends this state; take a copy to go on.
  core::Bytes finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

struct SignatureDictionaryFields {
  core::Instant signedAt;          // /M
  std::string name;                // /Name, UTF-8; empty = left out
  std::string reason;              // /Reason
  std::string location;            // /Location
  std::size_t contentsOctets = 0;  // room for the CMS: CadesSigner::maxSize()
  bool isTimestamp = false;        // a document timestamp: only contentsOctets counts of the above
};

// The text of a signature dictionary, "<< /Type /Sig ... >>", and where its placeholders are (offsets into bytes).
struct SignatureDictionary {
  std::string bytes;
  std::size_t byteRange = 0;      // offset of '['; the placeholder is kByteRangeWidth wide
  std::size_t contents = 0;       // offset of '<'
  std::size_t contentsWidth = 0;  // with '<' and '>': 2 * contentsOctets + 2
};
inline constexpr std::size_t kByteRangeWidth = 48;
SignatureDictionary writeSignatureDictionary(const SignatureDictionaryFields& fields);

struct PreparedSignature {
  core::Bytes digest;        // over both ranges, to be signed
  std::size_t contents = 0;  // offset of '<' in the tail
  std::size_t contentsWidth = 0;
};

// `dictionary` stands at tail[dictionaryOffset]. `prefixState` has hashed exactly `prefixLength` octets.
PreparedSignature prepare(const HashState& prefixState, std::uint64_t prefixLength, std::span<char> tail,
                          std::size_t dictionaryOffset, const SignatureDictionary& dictionary);
// Throws kSystem if the CMS does not fit.
void complete(std::span<char> tail, const PreparedSignature& prepared, core::BytesView cms);

}  // namespace qianda::signing
