#include "templates/fonts/cff_slicer.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "core/error.h"

namespace qianda::templates::fonts {
namespace {

// DICT operators (5176 table 9, 10, 23); two-byte ones are 12 << 8 | second.
constexpr int kCharset = 15, kCharStrings = 17, kPrivate = 18, kSubrs = 19, kRos = 0x0C1E, kFdArray = 0x0C24,
              kFdSelect = 0x0C25;

[[noreturn]] void refuse(const char* why) {
  throw core::Error(core::ErrorCode::kSystem, std::string("CFF font: ") + why);
}

class Cursor {
 public:
  Cursor(core::BytesView bytes, std::size_t position) : bytes_(bytes), position_(position) {}
  std::size_t position() const { return position_; }
  std::uint32_t number(unsigned octets) {
    std::uint32_t value = 0;
    while (octets-- > 0) value = value << 8 | octet();
    return value;
  }
  std::uint8_t octet() {
    if (position_ >= bytes_.size()) refuse("truncated");
    return bytes_[position_++];
  }

 private:
  core::BytesView bytes_;
  std::size_t position_;
};

struct Index {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> items;  // begin, end
  std::size_t end = 0;
};

Index readIndex(core::BytesView font, std::size_t at) {
  Cursor cursor(font, at);
  Index index;
  const std::uint32_t count = cursor.number(2);
  if (count == 0) {
    index.end = cursor.position();
    return index;
  }
  const std::uint8_t offsetSize = cursor.octet();
  if (offsetSize < 1 || offsetSize > 4) refuse("bad offset size");
  const std::size_t base = cursor.position() + std::size_t{count + 1} * offsetSize - 1;
  std::uint32_t previous = cursor.number(offsetSize);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t next = cursor.number(offsetSize);
    if (next < previous || base + next > font.size()) refuse("bad index");
    index.items.emplace_back(base + previous, base + next);
    previous = next;
  }
  index.end = base + previous;
  return index;
}

using Dict = std::map<int, std::vector<double>>;

// Operands as numbers; real numbers are skipped over (only integers are needed here).
Dict readDict(core::BytesView font, std::size_t begin, std::size_t end) {
  Dict dict;
  std::vector<double> operands;
  Cursor cursor(font, begin);
  while (cursor.position() < end) {
    const std::uint8_t lead = cursor.octet();
    if (lead <= 21) {
      const int op = lead == 12 ? 0x0C00 | cursor.octet() : lead;
      dict[op] = std::exchange(operands, {});
    } else if (lead == 28) {
      operands.push_back(static_cast<std::int16_t>(cursor.number(2)));
    } else if (lead == 29) {
      operands.push_back(static_cast<std::int32_t>(cursor.number(4)));
    } else if (lead == 30) {
      while ((cursor.octet() & 0x0F) != 0x0F) {
      }
      operands.push_back(0);
    } else if (lead >= 32 && lead <= 246) {
      operands.push_back(lead - 139);
    } else if (lead >= 247 && lead <= 250) {
      operands.push_back((lead - 247) * 256 + cursor.octet() + 108);
    } else if (lead >= 251 && lead <= 254) {
      operands.push_back(-(lead - 251) * 256 - cursor.octet() - 108);
    } else {
      refuse("reserved operand");
    }
  }
  return dict;
}

std::size_t operand(const Dict& dict, int op, std::size_t position = 0) {
  const auto found = dict.find(op);
  if (found == dict.end() || found->second.size() <= position || found->second[position] < 0)
    refuse("missing operator");
  return static_cast<std::size_t>(found->second[position]);
}

void put(std::string& out, std::uint32_t value, unsigned octets) {
  while (octets-- > 0) out.push_back(static_cast<char>(value >> (8 * octets)));
}

// A five-octet integer operand, so that its width never depends on its value.
void putOperand(std::string& out, std::uint32_t value) {
  out.push_back(29);
  put(out, value, 4);
}

void putOperator(std::string& out, int op) { put(out, static_cast<std::uint32_t>(op), op > 0xFF ? 2 : 1); }

void patch(std::string& out, std::size_t at, std::size_t value) {
  for (unsigned i = 0; i < 4; ++i) out[at + i] = static_cast<char>(value >> (8 * (3 - i)));
}

// Copies a DICT's octets but for the operators in `leaveOut`.
void copyDict(core::BytesView font, std::size_t begin, std::size_t end, std::initializer_list<int> leaveOut,
              std::string& out) {
  Cursor cursor(font, begin);
  std::size_t entry = begin;
  while (cursor.position() < end) {
    const std::uint8_t lead = cursor.octet();
    if (lead == 28) cursor.number(2);
    if (lead == 29) cursor.number(4);
    if (lead >= 247 && lead <= 254) cursor.octet();
    if (lead == 30) {
      while ((cursor.octet() & 0x0F) != 0x0F) {
      }
    }
    if (lead > 21) continue;
    const int op = lead == 12 ? 0x0C00 | cursor.octet() : lead;
    if (std::find(leaveOut.begin(), leaveOut.end(), op) == leaveOut.end()) {
      out.append(reinterpret_cast<const char*>(font.data()) + entry, cursor.position() - entry);
    }
    entry = cursor.position();
  }
}

void putIndex(std::string& out, const std::vector<std::string>& items) {
  put(out, static_cast<std::uint32_t>(items.size()), 2);
  if (items.empty()) return;
  out.push_back(4);
  std::uint32_t offset = 1;
  put(out, offset, 4);
  for (const std::string& item : items) put(out, offset += static_cast<std::uint32_t>(item.size()), 4);
  for (const std::string& item : items) out += item;
}

std::vector<std::uint16_t> readCharset(core::BytesView font, std::size_t at, std::size_t glyphs) {
  Cursor cursor(font, at);
  std::vector<std::uint16_t> cids{0};
  const std::uint8_t format = cursor.octet();
  if (format > 2) refuse("unknown charset format");
  while (cids.size() < glyphs) {
    std::uint32_t cid = cursor.number(2);
    for (std::uint32_t left = format == 0 ? 0 : cursor.number(format); cids.size() < glyphs; ++cid) {
      cids.push_back(static_cast<std::uint16_t>(cid));
      if (left-- == 0) break;
    }
  }
  return cids;
}

std::vector<std::uint8_t> readFdSelect(core::BytesView font, std::size_t at, std::size_t glyphs) {
  Cursor cursor(font, at);
  std::vector<std::uint8_t> dicts(glyphs);
  const std::uint8_t format = cursor.octet();
  if (format == 0) {
    for (std::uint8_t& dict : dicts) dict = cursor.octet();
    return dicts;
  }
  if (format != 3) refuse("unknown FDSelect format");
  std::uint32_t ranges = cursor.number(2);
  std::uint32_t first = cursor.number(2);
  while (ranges-- > 0) {
    const std::uint8_t dict = cursor.octet();
    const std::uint32_t next = cursor.number(2);
    for (; first < next && first < glyphs; ++first) dicts[first] = dict;
    first = next;
  }
  return dicts;
}

}  // namespace

CffSlicer::CffSlicer(core::Bytes font) : font_(std::move(font)) {
  if (font_.size() < 4) refuse("too short");
  const Index names = readIndex(font_, font_[2]);
  const Index tops = readIndex(font_, names.end);
  const Index strings = readIndex(font_, tops.end);
  const Index globalSubrs = readIndex(font_, strings.end);
  if (tops.items.size() != 1) refuse("not exactly one font");
  const auto [topBegin, topEnd] = tops.items[0];
  const Dict top = readDict(font_, topBegin, topEnd);
  if (!top.contains(kRos)) refuse("not CID-keyed");
  const Index charStrings = readIndex(font_, operand(top, kCharStrings));
  const std::size_t glyphs = charStrings.items.size();
  for (const auto& [begin, end] : charStrings.items) programs_.push_back({begin, end});
  fontDict_ = readFdSelect(font_, operand(top, kFdSelect), glyphs);
  const std::vector<std::uint16_t> cids = readCharset(font_, operand(top, kCharset), glyphs);
  glyphOfCid_.resize(0x10000);
  for (std::size_t glyph = 1; glyph < glyphs; ++glyph) glyphOfCid_[cids[glyph]] = static_cast<std::uint16_t>(glyph);

  // head_: header, Name INDEX, Top DICT INDEX, String INDEX, Global Subr INDEX, Private DICTs, FDArray.
  const char* octets = reinterpret_cast<const char*>(font_.data());
  head_.assign(octets, names.end);
  std::string dict;
  copyDict(font_, topBegin, topEnd, {kCharset, kFdSelect, kCharStrings, kFdArray}, dict);
  std::array<std::size_t, 4> operands{};
  const std::array<int, 4> operators{kCharset, kFdSelect, kCharStrings, kFdArray};
  for (std::size_t i = 0; i < operators.size(); ++i) {
    operands[i] = dict.size() + 1;
    putOperand(dict, 0);
    putOperator(dict, operators[i]);
  }
  putIndex(head_, {dict});
  const std::size_t dictAt = head_.size() - dict.size();
  charsetOperand_ = dictAt + operands[0];
  fdSelectOperand_ = dictAt + operands[1];
  charStringsOperand_ = dictAt + operands[2];
  head_.append(octets + tops.end, globalSubrs.end - tops.end);

  std::vector<std::string> fontDicts;
  for (const auto& [begin, end] : readIndex(font_, operand(top, kFdArray)).items) {
    const Dict fontDict = readDict(font_, begin, end);
    const std::size_t size = operand(fontDict, kPrivate, 0), offset = operand(fontDict, kPrivate, 1);
    if (offset + size > font_.size()) refuse("Private DICT out of bounds");
    if (readDict(font_, offset, offset + size).contains(kSubrs)) refuse("it still has subroutines");
    std::string copied;
    copyDict(font_, begin, end, {kPrivate}, copied);
    putOperand(copied, static_cast<std::uint32_t>(size));
    putOperand(copied, static_cast<std::uint32_t>(head_.size()));
    putOperator(copied, kPrivate);
    fontDicts.push_back(std::move(copied));
    head_.append(octets + offset, size);
  }
  patch(head_, dictAt + operands[3], head_.size());
  putIndex(head_, fontDicts);
}

void CffSlicer::slice(std::span<const std::uint16_t> cids, std::string& out) const {
  const std::size_t start = out.size();
  out += head_;
  const auto offset = [&] { return out.size() - start; };
  patch(out, start + charsetOperand_, offset());
  out.push_back(0);
  for (std::uint16_t cid : cids) put(out, cid, 2);

  patch(out, start + fdSelectOperand_, offset());
  out.push_back(3);
  const std::size_t rangeCountAt = out.size();
  put(out, 0, 2);
  std::uint32_t ranges = 0;
  int current = -1;
  for (std::size_t i = 0; i <= cids.size(); ++i) {
    const std::uint16_t glyph = i == 0 ? std::uint16_t{0} : glyphOfCid_[cids[i - 1]];
    if (fontDict_[glyph] == current) continue;
    current = fontDict_[glyph];
    ++ranges;
    put(out, static_cast<std::uint32_t>(i), 2);
    out.push_back(static_cast<char>(current));
  }
  put(out, static_cast<std::uint32_t>(cids.size() + 1), 2);
  out[rangeCountAt] = static_cast<char>(ranges >> 8);
  out[rangeCountAt + 1] = static_cast<char>(ranges);

  patch(out, start + charStringsOperand_, offset());
  put(out, static_cast<std::uint32_t>(cids.size() + 1), 2);
  out.push_back(3);
  std::uint32_t position = 1;
  put(out, position, 3);
  for (std::size_t i = 0; i <= cids.size(); ++i) {
    const Range& program = programs_[i == 0 ? 0 : glyphOfCid_[cids[i - 1]]];
    put(out, position += program.end - program.begin, 3);
  }
  for (std::size_t i = 0; i <= cids.size(); ++i) {
    const Range& program = programs_[i == 0 ? 0 : glyphOfCid_[cids[i - 1]]];
    out.append(reinterpret_cast<const char*>(font_.data()) + program.begin, program.end - program.begin);
  }
}

}  // namespace qianda::templates::fonts
