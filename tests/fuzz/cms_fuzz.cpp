// Any octets as the CMS of an otherwise sound file.
#include <cstdint>
#include <string>

#include "core/bytes.h"
#include "signing/verify/verifier.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace qianda;
  static const signing::Verifier verifier({});
  const std::string contents = "<" + core::toHex({data, size}) + ">";
  std::string pdf =
      "%PDF-1.7\n1 0 obj\n<</Type/Catalog/AcroForm<</Fields[2 0 R]>>>>\nendobj\n2 0 obj\n<</FT/Sig/T(s)/V 3 0 "
      "R>>\nendobj\n";
  const std::size_t first = pdf.find("1 0 obj"), second = pdf.find("2 0 obj"), third = pdf.size();
  pdf += "3 0 obj\n<</SubFilter/ETSI.CAdES.detached/Contents " + contents + "/ByteRange[0 ";
  const std::size_t gap = pdf.find(contents, third);
  const auto line = [](std::size_t offset) {
    const std::string digits = std::to_string(offset);
    return std::string(10 - digits.size(), '0') + digits + " 00000 n \n";
  };
  // The rest has a fixed width, so that the range can be written before it.
  const std::string table = "xref\n0 4\n0000000000 65535 f \n" + line(first) + line(second) + line(third) +
                            "trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n";
  const std::string numbers = std::to_string(gap) + " " + std::to_string(gap + contents.size()) + " ";
  std::size_t total = pdf.size() + numbers.size() + 10 + 12 + table.size() + 10 + 7;
  std::string rest = std::to_string(total - gap - contents.size());
  rest.resize(10, ' ');
  pdf += numbers + rest + "]>>\nendobj\n\n";
  std::string start = std::to_string(pdf.size());
  start.resize(10, ' ');
  pdf += table + start + "\n%%EOF\n";
  verifier.verify(pdf, core::now());
  return 0;
}
