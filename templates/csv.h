// A reader of RFC 4180 records from UTF-8 octets that arrive in chunks of any size. Lines end in LF or CRLF; the last
// one need not. Empty lines are skipped. Cells are appended to strings that keep their capacity from row to row. What
// is malformed is reported with its line and read on as far as it makes sense. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace qianda::templates {

struct CsvFault {
  std::uint64_t line = 0;  // 1-based
  std::size_t column = 0;  // 1-based
  std::string zh, en;      // whole sentences that name the line
};

class CsvReader {
 public:
  // The next octets, valid until the following call; empty at the end.
  using ChunkSource = std::function<std::string_view()>;
  // A record longer than this is refused: it is almost always an unclosed quote.
  static constexpr std::size_t kLongestRecord = std::size_t{1} << 20;

  CsvReader(ChunkSource source, char delimiter);

  // False at the end. `line` is where the record starts.
  bool next(std::vector<std::string>& cells, std::uint64_t& line, std::vector<CsvFault>& faults);

 private:
  enum class Place : std::uint8_t { kCellStart, kBare, kExcelText, kQuoted, kQuoteSeen };

  bool fill();
  void take(char c, std::vector<std::string>& cells, std::vector<CsvFault>& faults);
  bool endRecord(std::vector<std::string>& cells);
  void openCell(std::vector<std::string>& cells);
  void refuse(std::vector<CsvFault>& faults, const std::string& zh, const std::string& en) const;
  void refuseStray(std::vector<CsvFault>& faults, const std::string& zh, const std::string& en);

  ChunkSource source_;
  char delimiter_;
  std::string_view chunk_;
  std::size_t at_ = 0;
  std::uint64_t line_ = 1, quoteLine_ = 0;
  std::size_t count_ = 0;   // cells of the record so far
  std::size_t octets_ = 0;  // of the record so far
  Place place_ = Place::kCellStart;
  bool isStrayReported_ = false;  // one fault a cell
  bool isFinished_ = false;
  bool sawQuote_ = false;
};

}  // namespace qianda::templates
