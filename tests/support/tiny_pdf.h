// One hand-made page with one signature field, in two parts as the house writes them: a prefix that could be shared,
// and a tail that begins with the signature dictionary (object 4).
#pragma once

#include <string>
#include <vector>

#include "signing/pades/prepared_signature.h"

namespace qianda::test {

struct TinyPdf {
  std::string prefix;
  std::string tail;
  std::size_t dictionary = 0;  // offset in tail
  std::string file() const { return prefix + tail; }
};

// `stream` is the page's content, on a square of `points`.
inline TinyPdf tinyPdf(const std::string& signatureDictionary, const std::string& stream = "", int points = 200) {
  TinyPdf pdf;
  std::vector<std::size_t> offsets;
  const std::string side = std::to_string(points);
  const auto object = [&](std::string& part, const std::string& body) {
    offsets.push_back((&part == &pdf.tail ? pdf.prefix.size() : 0) + part.size());
    part += std::to_string(offsets.size()) + " 0 obj\n" + body + "\nendobj\n";
  };
  pdf.prefix = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";
  object(pdf.prefix, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /SigFlags 3 /Fields [5 0 R] >> >>");
  object(pdf.prefix, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
  object(pdf.prefix, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 " + side + " " + side +
                         "] /Resources << >> /Contents 6 0 R /Annots [5 0 R] >>");
  pdf.dictionary = std::string("4 0 obj\n").size();
  object(pdf.tail, signatureDictionary);
  object(pdf.tail,
         "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature1) /F 132 /Rect [0 0 0 0] /P 3 0 R /V 4 0 R >>");
  object(pdf.tail, "<< /Length " + std::to_string(stream.size()) + " >>\nstream\n" + stream + "\nendstream");
  const std::size_t start = pdf.prefix.size() + pdf.tail.size();
  pdf.tail += "xref\n0 7\n0000000000 65535 f \n";
  for (std::size_t offset : offsets) {
    const std::string digits = std::to_string(offset);
    pdf.tail += std::string(10 - digits.size(), '0') + digits + " 00000 n \n";
  }
  pdf.tail += "trailer\n<< /Size 7 /Root 1 0 R >>\nstartxref\n" + std::to_string(start) + "\n%%EOF\n";
  return pdf;
}

}  // namespace qianda::test
