#include "signing/bench/sample_document.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "core/error.h"
#include "signing/pdf/signature_fields.h"

namespace qianda::signing {
namespace {

constexpr int kPages = 6, kLines = 46, kPictureSide = 84;
constexpr int kFirstOfPages = 8;    // object number
constexpr int kObjectsOfAPage = 5;  // page, resources, content, picture, link

// Numbers that look random and are the same everywhere (Knuth's MMIX).
class Sequence {
 public:
  std::uint32_t next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>(state_ >> 33);
  }

 private:
  std::uint64_t state_ = 2026;
};

std::string streamOf(const std::string& entries, const std::string& octets) {
  return fmt::format("<<{}/Length {}>>\nstream\n{}\nendstream", entries, octets.size(), octets);
}

std::string lineOf(Sequence& sequence) {
  static constexpr std::string_view kWords[] = {"labour", "contract",  "employer",  "worker", "wages",   "hours",
                                                "term",   "probation", "insurance", "notice", "consent", "article"};
  std::string line;
  while (line.size() < 70) line += std::string(kWords[sequence.next() % std::size(kWords)]) + " ";
  return line;
}

void addPage(int page, Sequence& sequence, std::vector<std::string>& objects) {
  const int self = kFirstOfPages + page * kObjectsOfAPage;
  std::string content = "q 60 0 0 60 480 760 cm /P Do Q\nBT /F 10 Tf 14 TL 60 740 Td\n";
  for (int line = 0; line < kLines; ++line) content += "(" + lineOf(sequence) + ") '\n";
  std::string picture;
  for (int i = 0; i < kPictureSide * kPictureSide; ++i) picture.push_back(static_cast<char>(sequence.next()));
  objects.push_back(
      fmt::format("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources {} 0 R/Contents {} 0 R/Annots[{} 0 R]>>",
                  self + 1, self + 2, self + 4));
  objects.push_back(fmt::format("<</Font<</F 4 0 R/B 5 0 R>>/XObject<</P {} 0 R>>/ExtGState<</G 6 0 R>>>>", self + 3));
  objects.push_back(streamOf("", content + "ET"));
  objects.push_back(streamOf(fmt::format("/Type/XObject/Subtype/Image/Width {0}/Height {0}/ColorSpace/DeviceGray/"
                                         "BitsPerComponent 8",
                                         kPictureSide),
                             picture));
  objects.push_back(fmt::format("<</Type/Annot/Subtype/Link/Rect[60 40 200 54]/Border[0 0 0]/Dest[{} 0 R/Fit]>>",
                                kFirstOfPages + (page + 1) % kPages * kObjectsOfAPage));
}

}  // namespace

std::string makeSampleDocument() {
  std::string kids;
  for (int page = 0; page < kPages; ++page) kids += fmt::format("{} 0 R ", kFirstOfPages + page * kObjectsOfAPage);
  std::vector<std::string> objects{
      "<</Type/Catalog/Pages 2 0 R/Outlines 7 0 R>>",
      fmt::format("<</Type/Pages/Kids[{}]/Count {}>>", kids, kPages),
      "<</Title(A sample that benches sign)/Producer(Qianda)>>",
      "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
      "<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold>>",
      "<</Type/ExtGState/LW 1>>",
      "<</Type/Outlines/Count 0>>",
  };
  Sequence sequence;
  for (int page = 0; page < kPages; ++page) addPage(page, sequence, objects);
  std::string pdf = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n", table;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    table += fmt::format("{:010} 00000 n \n", pdf.size());
    pdf += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  }
  const std::size_t start = pdf.size(), size = objects.size() + 1;
  return pdf + fmt::format(
                   "xref\n0 {}\n0000000000 65535 f \n{}trailer\n<</Size {}/Root 1 0 R/Info 3 0 R>>\nstartxref\n"
                   "{}\n%%EOF\n",
                   size, table, size, start);
}

DocumentFacts describeDocument(std::string_view pdf) {
  auto opened = pdf::Document::open(pdf);
  if (const auto* error = std::get_if<pdf::OpenError>(&opened)) {
    throw core::Error(core::ErrorCode::kInvalidInput, error->reason);
  }
  auto& document = std::get<pdf::Document>(opened);
  DocumentFacts facts;
  facts.octets = pdf.size();
  facts.pages = pdf::listPages(document).size();
  facts.objects = static_cast<std::size_t>(
      std::count_if(document.entries().begin(), document.entries().end(),
                    [](const auto& entry) { return entry.second.kind != pdf::XrefEntry::Kind::kFree; }));
  facts.hasXrefStream = document.sections().front().isStream;
  return facts;
}

}  // namespace qianda::signing
