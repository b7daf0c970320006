#include "templates/text_file.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <unicode/ucnv.h>

#include "core/error.h"
#include "core/handle.h"

namespace qianda::templates {
namespace {

constexpr std::size_t kBufferSize = std::size_t{1} << 18;
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
// A file with this many good sequences to one bad is damaged UTF-8, not another encoding.
constexpr std::uint64_t kDamagedRatio = 8;

// U+4000 to U+9FFF, well-formed.
bool isPlainTriple(const char* at) {
  const auto octet = [at](int i) { return static_cast<unsigned char>(at[i]); };
  return octet(0) >= 0xE4 && octet(0) <= 0xE9 && (octet(1) & 0xC0) == 0x80 && (octet(2) & 0xC0) == 0x80;
}

bool isUtf16(std::string_view head) {
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF")) return true;
  const auto zeros = static_cast<std::size_t>(std::count(head.begin(), head.end(), '\0'));
  return head.size() >= 8 && zeros * 4 >= head.size();
}

}  // namespace

void Utf8Scanner::refuse() {
  if (invalid_++ == 0) firstInvalid_ = sequenceStart_;
  needed_ = 0;
}

void Utf8Scanner::start(unsigned char octet) {
  sequenceStart_ = offset_;
  low_ = 0x80;
  high_ = 0xBF;
  if (octet < 0x80) return;
  if (octet < 0xC2 || octet > 0xF4) return refuse();
  needed_ = octet < 0xE0 ? 1 : octet < 0xF0 ? 2 : 3;
  if (octet == 0xE0) low_ = 0xA0;
  if (octet == 0xED) high_ = 0x9F;
  if (octet == 0xF0) low_ = 0x90;
  if (octet == 0xF4) high_ = 0x8F;
}

void Utf8Scanner::feed(std::string_view chunk) {
  for (std::size_t i = 0; i < chunk.size(); ++i, ++offset_) {
    std::uint64_t word = 0;
    while (needed_ == 0 && i + sizeof word <= chunk.size()) {
      std::memcpy(&word, chunk.data() + i, sizeof word);
      if (word & 0x8080808080808080u) break;
      i += sizeof word;
      offset_ += sizeof word;
    }
    // Three octets of a common Han character at once.
    while (needed_ == 0 && i + 3 <= chunk.size() && isPlainTriple(chunk.data() + i)) {
      i += 3;
      offset_ += 3;
      ++sequences_;
    }
    if (i == chunk.size()) return;
    const auto octet = static_cast<unsigned char>(chunk[i]);
    if (needed_ > 0 && octet >= low_ && octet <= high_) {
      low_ = 0x80;
      high_ = 0xBF;
      if (--needed_ == 0) ++sequences_;
      continue;
    }
    if (needed_ > 0) refuse();
    start(octet);
  }
}

void Utf8Scanner::finish() {
  if (needed_ > 0) refuse();
}

struct Gb18030Decoder::Converters {
  core::Handle<UConverter, &ucnv_close> from, to;
  std::array<UChar, 4096> pivot;
  UChar* pivotSource = pivot.data();
  UChar* pivotTarget = pivot.data();
};

Gb18030Decoder::Gb18030Decoder() : converters_(std::make_unique<Converters>()) {
  UErrorCode status = U_ZERO_ERROR;
  converters_->from.reset(ucnv_open("gb18030", &status));
  converters_->to.reset(ucnv_open("UTF-8", &status));
  ucnv_setToUCallBack(converters_->from.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  if (U_FAILURE(status)) throw core::Error(core::ErrorCode::kSystem, "ICU has no gb18030 converter");
}

Gb18030Decoder::~Gb18030Decoder() = default;

bool Gb18030Decoder::decode(std::string_view chunk, bool isLast, std::string& out) {
  Converters& c = *converters_;
  const char* source = chunk.data();
  const char* const end = source + chunk.size();
  std::array<char, 16384> target;
  for (;;) {
    char* written = target.data();
    UErrorCode status = U_ZERO_ERROR;
    ucnv_convertEx(c.to.get(), c.from.get(), &written, target.data() + target.size(), &source, end, c.pivot.data(),
                   &c.pivotSource, &c.pivotTarget, c.pivot.data() + c.pivot.size(), false, isLast, &status);
    out.append(target.data(), written);
    if (status == U_BUFFER_OVERFLOW_ERROR) continue;
    if (U_SUCCESS(status)) break;
    std::array<char, 8> bad;
    auto length = static_cast<std::int8_t>(bad.size());
    status = U_ZERO_ERROR;
    ucnv_getInvalidChars(c.from.get(), bad.data(), &length, &status);
    invalidAt_ = offset_ + static_cast<std::uint64_t>(source - chunk.data()) - static_cast<std::uint64_t>(length);
    return false;
  }
  offset_ += chunk.size();
  return true;
}

TextFile::TextFile(const std::filesystem::path& path) : path_(path), buffer_(kBufferSize) {
  if (!std::filesystem::exists(path)) throw core::Error(core::ErrorCode::kNotFound, "no such file: " + path.string());
  stream_.open(path, std::ios::binary);
  if (!stream_ || std::filesystem::is_directory(path)) {
    throw core::Error(core::ErrorCode::kSystem, "cannot read " + path.string());
  }
  decide();
}

TextFile::~TextFile() = default;

std::string_view TextFile::readOctets() {
  stream_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  if (stream_.bad()) throw core::Error(core::ErrorCode::kSystem, "cannot read " + path_.string());
  return {buffer_.data(), static_cast<std::size_t>(stream_.gcount())};
}

void TextFile::rewind(std::uint64_t offset) {
  stream_.clear();
  stream_.seekg(static_cast<std::streamoff>(offset));
}

void TextFile::decide() {
  std::string_view chunk = readOctets();
  const bool isMarked = chunk.starts_with(kUtf8Mark);
  if (isUtf16(chunk.substr(0, 4096))) {
    fault_ = EncodingFault{0, 0, "文件是 UTF-16 编码，请另存为 UTF-8 或 GB18030（GBK）编码的 CSV。",
                           "The file is UTF-16; save it as CSV in UTF-8 or GB18030 (GBK)."};
    return;
  }
  Utf8Scanner scanner;
  for (; !chunk.empty(); chunk = readOctets()) scanner.feed(chunk);
  scanner.finish();
  rewind(isMarked ? kUtf8Mark.size() : 0);
  if (scanner.invalid() == 0) return;
  if (isMarked || scanner.sequences() > scanner.invalid() * kDamagedRatio)
    return refuse(scanner.firstInvalid(), "UTF-8");
  Gb18030Decoder decoder;
  do {
    chunk = readOctets();
    decoded_.clear();
    if (!decoder.decode(chunk, chunk.empty(), decoded_)) return refuse(decoder.invalidAt(), "GB18030");
  } while (!chunk.empty());
  rewind(0);
  encoding_ = TextEncoding::kGb18030;
  decoder_ = std::make_unique<Gb18030Decoder>();
}

void TextFile::refuse(std::uint64_t offset, const std::string& name) {
  rewind(0);
  EncodingFault fault{1, offset + 1, {}, {}};
  for (std::uint64_t left = offset; left > 0;) {
    const std::string_view chunk = readOctets();
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(left, chunk.size()));
    if (part == 0) break;
    fault.line +=
        static_cast<std::uint64_t>(std::count(chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(part), '\n'));
    left -= part;
  }
  const std::string line = std::to_string(fault.line), octet = std::to_string(fault.octet);
  fault.zh = "第 " + line + " 行（文件第 " + octet + " 个字节）不是有效的 " + name + " 编码。";
  fault.en = "Line " + line + " (octet " + octet + " of the file) is not well-formed " + name + ".";
  fault_ = std::move(fault);
}

std::string_view TextFile::nextChunk() {
  if (fault_) return {};
  if (!decoder_) return readOctets();
  decoded_.clear();
  for (std::string_view chunk = "."; decoded_.empty() && !chunk.empty();) {
    chunk = readOctets();
    if (!decoder_->decode(chunk, chunk.empty(), decoded_)) {
      throw core::Error(core::ErrorCode::kSystem, path_.string() + " changed while it was read");
    }
  }
  return decoded_;
}

}  // namespace qianda::templates
