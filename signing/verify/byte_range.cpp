#include "signing/verify/byte_range.h"

#include <algorithm>

#include "signing/pdf/parser.h"

namespace qianda::signing::verify {
namespace {

using pdf::Object;

// Length of the element at the start of the octets, 0 if malformed. What follows must be zero padding. It should be DER
// (ISO 32000-1 12.8.3.3.1); Bouncy Castle's users write indefinite lengths (X.690 8.1.3.6), which every reader takes.
std::size_t elementLength(std::string_view octets) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(octets[i]); };
  std::size_t position = 0, open = 0;
  do {
    if (position + 2 > octets.size() || (at(position) & 0x1F) == 0x1F) return 0;
    const unsigned char tag = at(position), first = at(position + 1);
    position += 2;
    if (first == 0x80) {
      if (!(tag & 0x20)) return 0;
      ++open;
    } else if (open > 0 && tag == 0 && first == 0) {
      --open;
    } else {
      std::size_t length = first;
      if (first & 0x80) {
        const std::size_t count = first & 0x7F;
        if (count > 4 || position + count > octets.size()) return 0;
        length = 0;
        for (std::size_t i = 0; i < count; ++i) length = length << 8 | at(position + i);
        position += count;
      }
      if (length > octets.size() - position) return 0;
      position += length;
    }
  } while (open > 0);
  return position;
}

std::string judgeRange(const Object& range, const Object& contents, std::string_view file, Coverage& coverage) {
  if (!range.is(Object::Type::kArray) || range.array->size() != 4)
    return "ByteRange is missing or has not four numbers";
  std::size_t numbers[4];
  for (std::size_t i = 0; i < 4; ++i) {
    const Object& number = (*range.array)[i];
    if (!number.is(Object::Type::kInteger) || number.integer < 0 ||
        static_cast<std::uint64_t>(number.integer) > file.size()) {
      return "ByteRange has a number that is negative or beyond the file";
    }
    numbers[i] = static_cast<std::size_t>(number.integer);
  }
  if (!contents.is(Object::Type::kString) || contents.begin >= file.size() || file[contents.begin] != '<') {
    return "Contents is missing or not a hexadecimal string";
  }
  coverage.gapBegin = contents.begin;
  coverage.gapEnd = contents.end;
  coverage.end = numbers[2] + numbers[3];
  if (numbers[0] != 0) return "ByteRange does not start at the beginning of the file";
  if (coverage.end > file.size()) return "ByteRange reaches beyond the file";
  if (numbers[1] != contents.begin || numbers[2] != contents.end) {
    return "ByteRange leaves out something else than its own Contents";
  }
  // A dictionary in an object stream has its extents there: what the range leaves out must be this very string.
  const std::optional<Object> left = pdf::Parser(file.substr(0, coverage.gapEnd), coverage.gapBegin).object();
  if (!left || !equal(*left, contents) || left->end != coverage.gapEnd)
    return "ByteRange leaves out something else than its own Contents";
  return {};
}

}  // namespace

Coverage judgeCoverage(const pdf::Document& document, const Object& signature) {
  Coverage coverage;
  const std::string_view file = document.file();
  const Object& contents = signature["Contents"];
  if (!file.starts_with("%PDF-")) {
    coverage.problem = "octets stand before the header of the file: readers may differ in what they show";
    return coverage;
  }
  for (const char* key : {"Contents", "ByteRange", "SubFilter"}) {
    if (signature.hasDictionary() && std::count_if(signature.dictionary->begin(), signature.dictionary->end(),
                                                   [&](const auto& entry) { return entry.first == key; }) > 1) {
      coverage.problem = std::string("the signature dictionary has two entries /") + key;
      return coverage;
    }
  }
  coverage.problem = judgeRange(signature["ByteRange"], contents, file, coverage);
  if (!coverage.problem.empty()) return coverage;
  const std::size_t length = elementLength(contents.text);
  if (length == 0) {
    coverage.problem = "Contents holds no DER element";
  } else if (std::any_of(contents.text.begin() + static_cast<std::ptrdiff_t>(length), contents.text.end(),
                         [](char c) { return c != 0; })) {
    coverage.problem = "Contents holds octets behind the signature that are not zero";
  }
  coverage.cms.assign(contents.text.begin(), contents.text.begin() + static_cast<std::ptrdiff_t>(length));

  std::size_t tail = coverage.end;
  while (tail > 0 && pdf::isWhiteSpace(static_cast<unsigned char>(file[tail - 1]))) --tail;
  coverage.wholeRevision = file.substr(0, tail).ends_with("%%EOF");
  coverage.followedByOctets = std::any_of(file.begin() + static_cast<std::ptrdiff_t>(coverage.end), file.end(),
                                          [](char c) { return !pdf::isWhiteSpace(static_cast<unsigned char>(c)); });
  if (coverage.problem.empty() && !coverage.wholeRevision) {
    coverage.problem = "ByteRange does not end at the end of a revision";
  }
  return coverage;
}

}  // namespace qianda::signing::verify
