// A small unsigned PDF with one page and a classic cross-reference table, with room for variations.
#pragma once

#include <string>
#include <vector>

namespace qianda::test {

// A file of the given objects, numbered from 1; the first is the catalog.
inline std::string pdfOf(const std::vector<std::string>& objects) {
  std::string pdf = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n", table;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const std::string digits = std::to_string(pdf.size());
    table += std::string(10 - digits.size(), '0') + digits + " 00000 n \n";
    pdf += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const std::string start = std::to_string(pdf.size()), size = std::to_string(objects.size() + 1);
  return pdf + "xref\n0 " + size + "\n0000000000 65535 f \n" + table + "trailer\n<</Size " + size +
         "/Root 1 0 R>>\nstartxref\n" + start + "\n%%EOF\n";
}

inline std::string streamOf(const std::string& content, const std::string& entries = "") {
  return "<<" + entries + "/Length " + std::to_string(content.size()) + ">>\nstream\n" + content + "\nendstream";
}

// `pageExtra` goes into the page dictionary, `catalogExtra` into the catalog.
inline std::string plainPdf(const std::string& pageExtra = "", const std::string& catalogExtra = "") {
  return pdfOf({"<</Type/Catalog/Pages 2 0 R" + catalogExtra + ">>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 600]/Resources<<>>/Contents 4 0 R" + pageExtra + ">>",
                streamOf("0 0 0 rg 20 20 60 60 re f")});
}

// An appended revision that replaces or adds objects (number, body).
inline std::string appendRevision(const std::string& pdf, const std::vector<std::pair<int, std::string>>& objects,
                                  int size) {
  std::string out = pdf, table;
  for (const auto& [number, body] : objects) {
    const std::string digits = std::to_string(out.size());
    table += std::to_string(number) + " 1\n" + std::string(10 - digits.size(), '0') + digits + " 00000 n \n";
    out += std::to_string(number) + " 0 obj\n" + body + "\nendobj\n";
  }
  const std::size_t previous = std::stoul(pdf.substr(pdf.rfind("startxref") + 10));
  const std::size_t start = out.size();
  return out + "xref\n" + table + "trailer\n<</Size " + std::to_string(size) + "/Root 1 0 R/Prev " +
         std::to_string(previous) + ">>\nstartxref\n" + std::to_string(start) + "\n%%EOF\n";
}

}  // namespace qianda::test
