#include "templates/pdf/tail_writer.h"

#include "templates/pdf/pdf_text.h"

namespace qianda::templates::pdf {
namespace {
constexpr std::size_t kLengthWidth = 8;  // characters reserved for a stream's length
}

void TailWriter::begin(std::string& out, std::uint32_t nextFree) {
  out_ = &out;
  next_ = nextFree;
  offsets_.clear();
}

void TailWriter::beginObject(std::uint32_t number) {
  const std::size_t index = number - firstObject_;
  if (offsets_.size() <= index) offsets_.resize(index + 1);
  offsets_[index] = prefixOctets_ + out_->size();
  putInteger(*out_, number);
  *out_ += " 0 obj\n";
}

void TailWriter::endObject() { *out_ += "\nendobj\n"; }

void TailWriter::beginStream(std::uint32_t number, std::string_view entries) {
  beginObject(number);
  *out_ += "<<";
  *out_ += entries;
  *out_ += "/Length ";
  lengthAt_ = out_->size();
  out_->append(kLengthWidth, ' ');
  *out_ += ">>\nstream\n";
  streamAt_ = out_->size();
}

void TailWriter::endStream() {
  const std::string length = std::to_string(out_->size() - streamAt_);
  out_->replace(lengthAt_, length.size(), length);
  *out_ += "\nendstream";
  endObject();
}

void TailWriter::finish(std::string_view prefixLines, std::string_view trailerEntries) {
  const std::size_t xref = prefixOctets_ + out_->size();
  *out_ += "xref\n0 ";
  putInteger(*out_, next_);
  *out_ += "\n";
  *out_ += prefixLines;
  for (std::size_t offset : offsets_) {
    char line[] = "0000000000 00000 n \n";
    for (int digit = 9; digit >= 0; --digit, offset /= 10) line[digit] = static_cast<char>('0' + offset % 10);
    out_->append(line, 20);
  }
  *out_ += "trailer\n<</Size ";
  putInteger(*out_, next_);
  *out_ += trailerEntries;
  *out_ += ">>\nstartxref\n";
  putInteger(*out_, static_cast<std::int64_t>(xref));
  *out_ += "\n%%EOF\n";
}

}  // namespace qianda::templates::pdf
