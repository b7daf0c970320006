#include "signing/pades/prepared_signature.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "core/error.h"
#include "signing/keys/evp_key.h"
#include "signing/pades/text_string.h"

namespace qianda::signing {
namespace {

using core::Error;
using core::ErrorCode;

constexpr std::array<char, 512> hexPairs() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<char, 512> pairs{};
  for (std::size_t octet = 0; octet < 256; ++octet) {
    pairs[2 * octet] = kDigits[octet >> 4];
    pairs[2 * octet + 1] = kDigits[octet & 15];
  }
  return pairs;
}
constexpr std::array<char, 512> kHexPairs = hexPairs();

// "[...]" filled up with blanks before the bracket, exactly kByteRangeWidth wide.
std::string byteRangeText(const std::string& numbers) {
  if (numbers.size() + 2 > kByteRangeWidth) throw Error(ErrorCode::kSystem, "a ByteRange does not fit its place");
  return "[" + numbers + std::string(kByteRangeWidth - numbers.size() - 2, ' ') + "]";
}

// The placeholder is where the dictionary says it is, whole and with its delimiters.
bool stands(std::span<const char> tail, std::size_t offset, std::size_t width, char open, char close) {
  return width >= 2 && offset <= tail.size() && width <= tail.size() - offset && tail[offset] == open &&
         tail[offset + width - 1] == close;
}

core::BytesView viewOf(std::span<const char> text) { return core::viewOf({text.data(), text.size()}); }

}  // namespace

struct HashState::Context {
  DigestHandle handle{EVP_MD_CTX_new()};
};

HashState::HashState(DigestAlgorithm algorithm) : context_(std::make_unique<Context>()) {
  if (!context_->handle || EVP_DigestInit_ex2(context_->handle.get(), opensslDigest(algorithm), nullptr) != 1) {
    throwOpenssl(ErrorCode::kSystem, "cannot begin a digest");
  }
}

HashState::HashState(const HashState& other) : context_(std::make_unique<Context>()) {
  if (!context_->handle || EVP_MD_CTX_copy_ex(context_->handle.get(), other.context_->handle.get()) != 1) {
    throwOpenssl(ErrorCode::kSystem, "cannot copy a digest");
  }
}

HashState& HashState::operator=(const HashState& other) {
  if (this != &other) *this = HashState(other);
  return *this;
}

HashState::HashState(HashState&&) noexcept = default;
HashState& HashState::operator=(HashState&&) noexcept = default;
HashState::~HashState() = default;

void HashState::update(core::BytesView bytes) {
  if (EVP_DigestUpdate(context_->handle.get(), bytes.data(), bytes.size()) != 1) {
    throwOpenssl(ErrorCode::kSystem, "cannot update a digest");
  }
}

core::Bytes HashState::finish() {
  core::Bytes digest(static_cast<std::size_t>(EVP_MD_CTX_get_size(context_->handle.get())));
  if (EVP_DigestFinal_ex(context_->handle.get(), digest.data(), nullptr) != 1) {
    throwOpenssl(ErrorCode::kSystem, "cannot finish a digest");
  }
  return digest;
}

SignatureDictionary writeSignatureDictionary(const SignatureDictionaryFields& fields) {
  SignatureDictionary dictionary;
  std::string& out = dictionary.bytes;
  out = fields.isTimestamp ? "<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161"
                           : "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /M (" +
                                 core::pdfDate(fields.signedAt) + ")";
  const std::pair<const char*, const std::string&> texts[] = {
      {" /Name ", fields.name}, {" /Reason ", fields.reason}, {" /Location ", fields.location}};
  for (const auto& [key, text] : texts) {
    if (!text.empty()) out += key + writeTextString(text);
  }
  out += "\n/ByteRange ";
  dictionary.byteRange = out.size();
  out += byteRangeText("0 0 0 0");
  out += "\n/Contents ";
  dictionary.contents = out.size();
  dictionary.contentsWidth = 2 * fields.contentsOctets + 2;
  out.append("<").append(2 * fields.contentsOctets, '0').append("> >>");
  return dictionary;
}

PreparedSignature prepare(const HashState& prefixState, std::uint64_t prefixLength, std::span<char> tail,
                          std::size_t dictionaryOffset, const SignatureDictionary& dictionary) {
  const std::size_t byteRange = dictionaryOffset + dictionary.byteRange;
  PreparedSignature prepared;
  prepared.contents = dictionaryOffset + dictionary.contents;
  prepared.contentsWidth = dictionary.contentsWidth;
  if (!stands(tail, byteRange, kByteRangeWidth, '[', ']') ||
      !stands(tail, prepared.contents, prepared.contentsWidth, '<', '>')) {
    throw Error(ErrorCode::kSystem, "the signature dictionary is not where it was said to be");
  }
  const std::size_t after = prepared.contents + prepared.contentsWidth;
  const std::string range = byteRangeText(
      fmt::format("0 {} {} {}", prefixLength + prepared.contents, prefixLength + after, tail.size() - after));
  std::copy(range.begin(), range.end(), tail.begin() + static_cast<std::ptrdiff_t>(byteRange));
  HashState state = prefixState;
  state.update(viewOf(tail.first(prepared.contents)));
  state.update(viewOf(tail.subspan(after)));
  prepared.digest = state.finish();
  return prepared;
}

void complete(std::span<char> tail, const PreparedSignature& prepared, core::BytesView cms) {
  if (!stands(tail, prepared.contents, prepared.contentsWidth, '<', '>')) {
    throw Error(ErrorCode::kSystem, "the signature's Contents are not where they were said to be");
  }
  if (cms.size() * 2 + 2 > prepared.contentsWidth) {
    throw Error(ErrorCode::kSystem, fmt::format("a CMS of {} octets does not fit a room of {}", cms.size(),
                                                (prepared.contentsWidth - 2) / 2));
  }
  char* out = tail.data() + prepared.contents + 1;
  for (std::uint8_t octet : cms) {
    std::memcpy(out, &kHexPairs[2 * std::size_t{octet}], 2);
    out += 2;
  }
  std::fill(out, tail.data() + prepared.contents + prepared.contentsWidth - 1, '0');
}

}  // namespace qianda::signing
