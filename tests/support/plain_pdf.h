// A small unsigned PDF with one page and a classic cross-reference table, with room for variations.
#pragma once

#include <string>
#include <vector>

namespace qianda::test {

// `pageExtra` goes into the page dictionary, `catalogExtra` into the catalog.
inline std::string plainPdf(const std::string& pageExtra = "", const std::string& catalogExtra = "") {
  std::string pdf = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";
  std::vector<std::size_t> offsets;
  const auto object = [&](const std::string& body) {
    offsets.push_back(pdf.size());
    pdf += std::to_string(offsets.size()) + " 0 obj\n" + body + "\nendobj\n";
  };
  const std::string content = "0 0 0 rg 20 20 60 60 re f";
  object("<</Type/Catalog/Pages 2 0 R" + catalogExtra + ">>");
  object("<</Type/Pages/Kids[3 0 R]/Count 1>>");
  object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 600]/Resources<<>>/Contents 4 0 R" + pageExtra + ">>");
  object("<</Length " + std::to_string(content.size()) + ">>\nstream\n" + content + "\nendstream");
  const std::size_t start = pdf.size();
  pdf += "xref\n0 5\n0000000000 65535 f \n";
  for (std::size_t offset : offsets) {
    const std::string digits = std::to_string(offset);
    pdf += std::string(10 - digits.size(), '0') + digits + " 00000 n \n";
  }
  return pdf + "trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n" + std::to_string(start) + "\n%%EOF\n";
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
