#include "templates/csv.h"

#include <array>

namespace qianda::templates {
namespace {

// Octets that end a plain run, in cells and in quotes.
constexpr std::array<bool, 256> kSpecial = [] {
  std::array<bool, 256> table{};
  for (unsigned char c : {'\0', '\t', '\n', '\r', '"', ',', ';'}) table[c] = true;
  return table;
}();

}  // namespace

CsvReader::CsvReader(ChunkSource source, char delimiter) : source_(std::move(source)), delimiter_(delimiter) {}

bool CsvReader::fill() {
  if (at_ < chunk_.size()) return true;
  if (isFinished_) return false;
  chunk_ = source_();
  at_ = 0;
  isFinished_ = chunk_.empty();
  return !isFinished_;
}

void CsvReader::refuse(std::vector<CsvFault>& faults, const std::string& zh, const std::string& en) const {
  const std::string line = std::to_string(line_);
  faults.push_back({line_, count_, "第 " + line + " 行：" + zh + "。", "Line " + line + ": " + en + "."});
}

void CsvReader::refuseStray(std::vector<CsvFault>& faults, const std::string& zh, const std::string& en) {
  if (!isStrayReported_) refuse(faults, zh, en);
  isStrayReported_ = true;
}

void CsvReader::openCell(std::vector<std::string>& cells) {
  if (cells.size() <= count_) cells.emplace_back();
  isStrayReported_ = false;
  place_ = Place::kCellStart;
  cells[count_++].clear();
}

bool CsvReader::next(std::vector<std::string>& cells, std::uint64_t& line, std::vector<CsvFault>& faults) {
  count_ = octets_ = 0;
  sawQuote_ = false;
  line = line_;
  if (!fill()) return false;
  openCell(cells);
  while (fill()) {
    const std::size_t start = at_;
    while (at_ < chunk_.size() && !kSpecial[static_cast<unsigned char>(chunk_[at_])]) ++at_;
    if (at_ > start) {
      if (place_ == Place::kCellStart) place_ = Place::kBare;
      if (place_ == Place::kQuoteSeen) refuseStray(faults, "引号结束之后还有文字", "text after the closing quote");
      cells[count_ - 1].append(chunk_, start, at_ - start);
      octets_ += at_ - start;
    }
    if (octets_ > kLongestRecord) {
      const std::string since = sawQuote_ ? std::to_string(quoteLine_) : std::to_string(line);
      refuse(faults, "一行记录超过 1 MiB（第 " + since + " 行的引号可能没有结束）",
             "a record is longer than 1 MiB (perhaps the quote opened on line " + since +
                 " is not closed); reading stops");
      isFinished_ = true;
      at_ = chunk_.size();
      place_ = Place::kBare;
      break;
    }
    if (at_ == chunk_.size()) continue;
    const char c = chunk_[at_++];
    ++octets_;
    const bool isInside = place_ == Place::kQuoted || place_ == Place::kExcelText;
    if (c == '\n') {
      ++line_;
      if (!isInside) {
        if (endRecord(cells)) return true;
        line = line_;
        openCell(cells);
        continue;
      }
    }
    take(c, cells, faults);
  }
  if (place_ == Place::kQuoted || place_ == Place::kExcelText) {
    const std::string opened = std::to_string(quoteLine_);
    refuse(faults, "第 " + opened + " 行开始的引号直到文件末尾都没有结束",
           "the quote opened on line " + opened + " is never closed");
  }
  return endRecord(cells);
}

// One octet that ends a run: a delimiter, a quote, a carriage return, NUL, or a line feed inside quotes.
void CsvReader::take(char c, std::vector<std::string>& cells, std::vector<CsvFault>& faults) {
  std::string& cell = cells[count_ - 1];
  const bool isInside = place_ == Place::kQuoted || place_ == Place::kExcelText;
  if (c == '\0') return refuseStray(faults, "含有空字符（NUL）", "a NUL octet");
  if (c == delimiter_ && !isInside) {
    openCell(cells);
    return;
  }
  if (c != '"') {
    if (place_ == Place::kQuoteSeen && c == '\r') return;
    if (place_ == Place::kQuoteSeen) refuseStray(faults, "引号结束之后还有文字", "text after the closing quote");
    if (place_ == Place::kCellStart) place_ = Place::kBare;
    cell.push_back(c);
    return;
  }
  switch (place_) {
    case Place::kCellStart:
      place_ = Place::kQuoted;
      sawQuote_ = true;
      quoteLine_ = line_;
      return;
    case Place::kQuoted:
      place_ = Place::kQuoteSeen;
      return;
    case Place::kQuoteSeen:
      place_ = Place::kQuoted;
      break;
    case Place::kExcelText:
      place_ = Place::kBare;
      break;
    case Place::kBare:
      if (cell == "=") {
        place_ = Place::kExcelText;
        quoteLine_ = line_;
      } else {
        refuseStray(faults, "没有用引号括起的格中出现引号", "a quote inside a cell that does not begin with one");
      }
  }
  cell.push_back(c);
}

// False for a line without anything.
bool CsvReader::endRecord(std::vector<std::string>& cells) {
  if (place_ == Place::kBare && cells[count_ - 1].ends_with('\r')) cells[count_ - 1].pop_back();
  const bool isEmpty = count_ == 1 && !sawQuote_ && cells[0].empty();
  if (isEmpty) {
    count_ = octets_ = 0;
    return false;
  }
  cells.resize(count_);
  return true;
}

}  // namespace qianda::templates
