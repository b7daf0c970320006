#include "templates/xlsx/roster.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "templates/xlsx/cell_text.h"
#include "templates/xlsx/workbook.h"

namespace qianda::templates {
namespace {

using core::Error;
using core::ErrorCode;

constexpr std::size_t kMostColumns = 1000;
constexpr std::size_t kLongestCell = 1u << 20;  // octets
constexpr std::size_t kMostMerges = 10'000;

struct Merge {
  std::string range;
  std::size_t column = 0;
  std::uint32_t first = 0, last = 0;
};

class SheetReader : public xlsx::XmlHandler {
 public:
  SheetReader(const xlsx::Workbook& workbook, std::ostream& csv, XlsxRoster& roster)
      : workbook_(workbook), csv_(csv), roster_(roster) {}

  void start(std::string_view name, const Attributes& attributes) override {
    if (name == "c") return startCell(attributes);
    if (name == "row") return startRow(attributes);
    if (name == "f") hasFormula_ = true;
    if (name == "rPh") ++phonetic_;
    isText_ = isCell_ && (name == "v" || (name == "t" && phonetic_ == 0));
    if (name == "col" && attributes.find("hidden") == "1") addHidden(attributes);
    if (name == "mergeCell") addMerge(attributes.find("ref"));
  }
  void end(std::string_view name) override {
    if (name == "v" || name == "t") isText_ = false;
    if (name == "rPh") --phonetic_;
    if (name == "c") endCell();
    if (name == "row") endRow();
  }
  void text(std::string_view piece) override {
    if (!isText_) return;
    if (value_.size() + piece.size() > kLongestCell) {
      throw Error(ErrorCode::kInvalidInput, "cell " + here() + " holds more than 1 MiB");
    }
    value_ += piece;
  }
  // Merged and hidden cells are known at the end only.
  void finish() {
    const std::uint32_t last = roster_.rows.empty() ? roster_.headerRow : roster_.rows.back();
    for (const Merge& merge : merges_) {
      if (roster_.headerRow == 0 || merge.last < roster_.headerRow || merge.first > last) continue;
      blame(merge.column, merge.first, "merged", "合并了单元格 " + merge.range + "，请取消合并并逐行填写",
            "is merged (" + merge.range + "): unmerge it and give every row its own value");
    }
    for (std::size_t column = 1; column <= headers_.size(); ++column) {
      if (column >= hidden_.size() || !hidden_[column] || headers_[column - 1].empty()) continue;
      blame(column, roster_.headerRow, "hidden", "所在的列是隐藏的，其内容也会写入合同",
            "is in a hidden column, whose values go into the contracts, too");
      roster_.faults.back().severity = Severity::kWarn;
    }
  }

 private:
  std::string here() const { return xlsx::cellName(column_, row_); }

  static std::uint32_t numberOf(std::string_view text) {
    std::uint32_t row = 0;
    return xlsx::columnOfCell(text, row) == 0 ? row : 0;
  }

  void startRow(const Attributes& attributes) {
    const std::string_view number = attributes.find("r");
    const std::uint32_t row = number.empty() ? row_ + 1 : numberOf(number);
    if (row <= row_ || row > 1'048'576) {
      throw Error(ErrorCode::kInvalidInput, "the workbook is damaged: its rows are not in order behind row " +
                                                std::to_string(row_) + " of sheet " + roster_.sheet);
    }
    row_ = row;
    column_ = 0;
    isHiddenRow_ = attributes.find("hidden") == "1" || attributes.find("hidden") == "true";
    std::for_each(cells_.begin(), cells_.end(), [](std::string& cell) { cell.clear(); });
    found_.clear();
    count_ = 0;
  }

  void startCell(const Attributes& attributes) {
    const std::string_view reference = attributes.find("r");
    std::uint32_t row = row_;
    const std::size_t column = reference.empty() ? column_ + 1 : xlsx::columnOfCell(reference, row);
    if (column <= column_ || row != row_) {
      throw Error(ErrorCode::kInvalidInput, "the workbook is damaged: cell \"" + std::string(reference.substr(0, 20)) +
                                                "\" is out of order in row " + std::to_string(row_));
    }
    column_ = column;
    type_ = attributes.find("t");
    style_ = numberOf(attributes.find("s"));
    value_.clear();
    hasFormula_ = false;
    isCell_ = true;
  }

  void endCell() {
    isCell_ = false;
    std::string text;
    auto reason = xlsx::readCell({type_, style_, value_, hasFormula_}, workbook_, text);
    if (!reason && core::trim(text).empty()) return;
    if (column_ > kMostColumns) {
      throw Error(ErrorCode::kInvalidInput, "cell " + here() + " of sheet " + roster_.sheet + " is behind column " +
                                                std::to_string(kMostColumns));
    }
    if (cells_.size() < column_) cells_.resize(column_);
    cells_[column_ - 1] = std::move(text);
    count_ = std::max(count_, column_);
    if (reason) found_.emplace_back(column_, std::move(*reason));
  }

  void endRow() {
    if (count_ == 0) return;
    const bool isHeader = roster_.headerRow == 0;
    if (isHeader) {
      roster_.headerRow = row_;
      headers_.assign(cells_.begin(), cells_.begin() + static_cast<std::ptrdiff_t>(count_));
    } else {
      if (roster_.rows.size() == kMostRosterRows) {
        throw Error(ErrorCode::kInvalidInput,
                    "sheet " + roster_.sheet + " has more than " + std::to_string(kMostRosterRows) + " rows");
      }
      roster_.rows.push_back(row_);
    }
    for (auto& [column, reason] : found_) blame(column, row_, "xlsx", reason.zh, reason.en);
    if (isHiddenRow_) {
      blame(1, row_, "hidden", "所在的行是隐藏的（可能被筛选掉），请显示或删除该行",
            "is in a hidden row (perhaps filtered out): show the row or delete it");
    }
    for (std::size_t column = headers_.size() + 1; column <= count_; ++column) {
      if (cells_[column - 1].empty()) continue;
      blame(column, row_, "column", "有内容，但该列没有列名", "has a value, but its column has no header");
    }
    for (std::size_t column = 0; column < headers_.size(); ++column) {
      if (column > 0) csv_ << ',';
      csv_ << '"';
      if (column < cells_.size()) {
        for (const char c : cells_[column]) {
          if (c == '"') csv_ << '"';
          csv_ << c;
        }
      }
      csv_ << '"';
    }
    csv_ << '\n';
  }

  void blame(std::size_t column, std::uint32_t row, const std::string& rule, const std::string& zh,
             const std::string& en) {
    Fault fault;
    fault.cell = xlsx::cellName(column, row);
    const auto at = std::lower_bound(roster_.rows.begin(), roster_.rows.end(), row);
    if (at != roster_.rows.end() && *at == row) {
      fault.row = static_cast<std::uint64_t>(at - roster_.rows.begin()) + 1;
    }
    fault.column = column;
    if (column <= headers_.size()) fault.field = headers_[column - 1];
    fault.rule = rule;
    const std::string header = fault.field.empty() ? "" : "（" + fault.field + "）";
    const std::string headerEn = fault.field.empty() ? "" : " (" + fault.field + ")";
    fault.messageZh = "工作表“" + roster_.sheet + "”的单元格 " + fault.cell + header + zh + "。";
    fault.messageEn = "Cell " + fault.cell + headerEn + " of sheet \"" + roster_.sheet + "\" " + en + ".";
    roster_.faults.push_back(std::move(fault));
  }

  void addHidden(const Attributes& attributes) {
    const std::size_t first = numberOf(attributes.find("min"));
    const std::size_t last = std::min<std::size_t>(numberOf(attributes.find("max")), kMostColumns);
    for (std::size_t column = first; column <= last; ++column) {
      if (hidden_.size() <= column) hidden_.resize(column + 1);
      hidden_[column] = true;
    }
  }

  void addMerge(std::string_view range) {
    const std::size_t colon = range.find(':');
    if (colon == std::string_view::npos) return;
    if (merges_.size() == kMostMerges) {
      throw Error(ErrorCode::kInvalidInput, "sheet " + roster_.sheet + " has more than " + std::to_string(kMostMerges) +
                                                " merged ranges: unmerge them");
    }
    Merge merge{std::string(range.substr(0, 40)), 0, 0, 0};
    merge.column = xlsx::columnOfCell(range.substr(0, colon), merge.first);
    xlsx::columnOfCell(range.substr(colon + 1), merge.last);
    if (merge.column != 0) merges_.push_back(std::move(merge));
  }

  const xlsx::Workbook& workbook_;
  std::ostream& csv_;
  XlsxRoster& roster_;
  std::uint32_t row_ = 0, style_ = 0;
  std::size_t column_ = 0, count_ = 0;
  int phonetic_ = 0;
  bool isHiddenRow_ = false, isCell_ = false, isText_ = false, hasFormula_ = false;
  std::string type_, value_;
  std::vector<std::string> cells_, headers_;
  std::vector<std::pair<std::size_t, xlsx::CellReason>> found_;
  std::vector<Merge> merges_;
  std::vector<bool> hidden_;  // by column
};

const xlsx::Sheet& chooseSheet(const xlsx::Workbook& workbook, const std::string& wanted) {
  std::string names;
  for (const xlsx::Sheet& sheet : workbook.sheets) {
    if (wanted.empty() ? !sheet.isHidden : sheet.name == wanted) return sheet;
    names += (names.empty() ? "" : ", ") + sheet.name;
  }
  throw Error(ErrorCode::kInvalidInput, wanted.empty()
                                            ? "the workbook has no visible sheet"
                                            : "the workbook has no sheet \"" + wanted + "\"; it has " + names);
}

}  // namespace

XlsxRoster convertXlsx(const std::filesystem::path& file, std::ostream& csv, const std::string& sheet) {
  const xlsx::Package package(file);
  const xlsx::Workbook workbook = xlsx::readWorkbook(package);
  const xlsx::Sheet& chosen = chooseSheet(workbook, sheet);
  XlsxRoster roster;
  roster.sheet = chosen.name;
  SheetReader reader(workbook, csv, roster);
  package.parse(chosen.part, reader);
  reader.finish();
  return roster;
}

bool looksLikeWorkbook(std::string_view octets) {
  return octets.starts_with("PK\x03\x04") || octets.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
}

void nameCells(const XlsxRoster& roster, std::vector<Fault>& faults) {
  for (Fault& fault : faults) {
    if (!fault.cell.empty() || fault.row > roster.rows.size()) continue;
    const std::uint32_t row = fault.row == 0 ? roster.headerRow : roster.rows[fault.row - 1];
    if (fault.column != 0) fault.cell = xlsx::cellName(fault.column, row);
    if (fault.column == 0 && fault.row != 0) fault.cell = std::to_string(row) + ":" + std::to_string(row);
  }
}

}  // namespace qianda::templates
