// The verdicts on files as a report for people, Chinese first with English beside it: what is said (this header), and
// two ways to show it, a self-contained HTML document and a PDF that the house's typesetter sets (report_html.h,
// report_pdf.h). Texts that come from the files are made harmless here: what is no character of UTF-8, or steers the
// reader's eye instead of being seen (controls, changes of direction), is shown by its code point.
#pragma once

#include <string>
#include <vector>

#include "signing/verify/verifier.h"

namespace qianda::contracts {

// One file that was judged.
struct JudgedFile {
  std::string name;  // as given
  std::uint64_t size = 0;
  std::string sha256;  // hexadecimal; empty when the file could not be read
  signing::FileVerdict verdict;
};

struct ReportBasis {
  core::Instant verifiedAt;
  signing::TrustAnchors anchors;
  std::string revocationSource, revocationSourceEn;  // asked besides the files themselves; empty: nothing was
};

enum class Tone { kPlain, kGood, kDoubt, kBad };

// A cell's lines are divided by '\n'.
struct ReportCell {
  std::string text;
  Tone tone = Tone::kPlain;
};
struct ReportTable {
  struct Column {
    std::string heading;
    int share;  // of the width
  };
  std::string caption;
  std::vector<Column> columns;  // without headings: a list of facts, label and value
  std::vector<std::vector<ReportCell>> rows;
};
struct ReportSection {
  std::string heading;
  int depth = 2;        // 2: a file, 3: a signature
  ReportCell headline;  // the verdict; empty where there is none
  std::vector<ReportTable> tables;
};
struct Report {
  std::string id = "verification-report";  // of the template its PDF is set by
  std::string title, titleEn;
  std::vector<ReportSection> sections;
  std::vector<std::string> notes;  // at the end
};

Report makeReport(const std::vector<JudgedFile>& files, const ReportBasis& basis);

// A text that came from elsewhere, made harmless as said above.
std::string shownText(std::string_view text);

// The lowest level of a file's signatures, "PAdES-BASELINE-T"; empty without one.
std::string lowestLevel(const signing::FileVerdict& verdict);

}  // namespace qianda::contracts
