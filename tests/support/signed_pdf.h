// A signed PDF as an outsider sees it, for judges and for tests that spoil one part: every signature and document
// timestamp by its ByteRange, its CMS and what that holds by a small DER walk, the streams of the security store, and
// an appended revision that shows another page's content. Reads octets of files as this house writes them; knows none
// of the product's code.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace qianda::test {

struct Span {
  std::size_t begin = 0, end = 0;
  std::size_t size() const { return end - begin; }
  std::string_view of(std::string_view octets) const { return octets.substr(begin, size()); }
};

struct DerElement {
  unsigned char tag = 0;
  Span whole, content;
};

inline DerElement derAt(std::string_view octets, std::size_t at) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(octets.at(i)); };
  std::size_t header = 2, length = octet(at + 1);
  if (length & 0x80) {
    const std::size_t count = length & 0x7F;
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = length << 8 | octet(at + 2 + i);
    header += count;
  }
  if (at + header + length > octets.size()) throw std::runtime_error("a DER element overruns");
  return {octet(at), {at, at + header + length}, {at + header, at + header + length}};
}

inline std::vector<DerElement> derChildren(std::string_view octets, const DerElement& parent) {
  std::vector<DerElement> children;
  for (std::size_t at = parent.content.begin; at < parent.content.end; at = children.back().whole.end)
    children.push_back(derAt(octets, at));
  return children;
}

// SignedData's parts, as spans in its DER (RFC 5652 5.1, 5.3).
struct CmsParts {
  std::optional<DerElement> ownContent;  // eContent's OCTET STRING
  DerElement signerInfo, signatureValue;
  std::vector<DerElement> signedAttributes, unsignedAttributes;

  explicit CmsParts(std::string_view der) {
    const auto signedData = derChildren(der, derChildren(der, derChildren(der, derAt(der, 0)).at(1)).at(0));
    const auto encapsulated = derChildren(der, signedData.at(2));
    if (encapsulated.size() > 1) ownContent = derChildren(der, encapsulated[1]).at(0);
    signerInfo = derChildren(der, signedData.back()).at(0);
    for (const DerElement& one : derChildren(der, signerInfo)) {
      if (one.tag == 0xA0) signedAttributes = derChildren(der, one);
      if (one.tag == 0x04) signatureValue = one;
      if (one.tag == 0xA1) unsignedAttributes = derChildren(der, one);
    }
  }
  // The first value of the attribute with this object identifier (content octets).
  static std::optional<DerElement> find(std::string_view der, const std::vector<DerElement>& attributes,
                                        std::string_view identifier) {
    for (const DerElement& one : attributes) {
      const auto parts = derChildren(der, one);
      if (parts.at(0).content.of(der) == identifier) return derChildren(der, parts.at(1)).at(0);
    }
    return std::nullopt;
  }
};

inline constexpr std::string_view kMessageDigest = "\x2A\x86\x48\x86\xF7\x0D\x01\x09\x04";
inline constexpr std::string_view kSigningCertificateV2 = "\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x02\x2F";
inline constexpr std::string_view kTimestampToken = "\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x02\x0E";

struct SignedPart {
  bool isTimestamp = false;  // a document timestamp
  Span gap;                  // Contents with its angle brackets, in the file
  std::size_t end = 0;       // of what it covers
  std::string cms;           // DER
  std::string content;       // the octets it covers
  CmsParts parts() const { return CmsParts(cms); }
  // The token of a signature's own timestamp; empty without one.
  std::string token() const {
    const auto found = CmsParts::find(cms, parts().unsignedAttributes, kTimestampToken);
    return found ? std::string(found->whole.of(cms)) : "";
  }
};

// In the order of the file.
inline std::vector<SignedPart> signedParts(const std::string& pdf) {
  std::vector<SignedPart> found;
  for (std::size_t at = 0; (at = pdf.find("/ByteRange", at)) != std::string::npos; ++at) {
    const char* cursor = pdf.c_str() + pdf.find('[', at) + 1;
    std::size_t numbers[4];
    for (std::size_t& number : numbers) {
      char* end = nullptr;
      number = std::strtoull(cursor, &end, 10);
      cursor = end;
    }
    SignedPart part;
    part.gap = {numbers[1], numbers[2]};
    part.end = numbers[2] + numbers[3];
    part.content = pdf.substr(0, numbers[1]) + pdf.substr(numbers[2], numbers[3]);
    std::string octets;
    for (std::size_t i = part.gap.begin + 1; i + 2 < part.gap.end; i += 2)
      octets += static_cast<char>(std::stoi(pdf.substr(i, 2), nullptr, 16));
    part.cms = std::string(derAt(octets, 0).whole.of(octets));
    const std::size_t object = pdf.rfind(" obj", at);
    part.isTimestamp =
        std::string_view(pdf).substr(object, pdf.find("endobj", at) - object).find("ETSI.RFC3161") != std::string::npos;
    found.push_back(std::move(part));
  }
  return found;
}

// The file with one bit of one octet of that CMS turned.
inline std::string withSpoiltCms(std::string pdf, const SignedPart& part, std::size_t offset) {
  char& digit = pdf.at(part.gap.begin + 2 + 2 * offset);
  const int value = std::stoi(std::string(1, digit), nullptr, 16) ^ 1;
  digit = "0123456789ABCDEF"[value];
  return pdf;
}
inline std::string withSpoiltOctet(std::string pdf, std::size_t offset) {
  pdf.at(offset) = static_cast<char>(pdf.at(offset) ^ 1);
  return pdf;
}

// Where object `number` is defined last: from its number to behind "endobj".
inline Span lastObject(const std::string& pdf, std::uint32_t number) {
  const std::size_t at = pdf.rfind("\n" + std::to_string(number) + " 0 obj");
  if (at == std::string::npos) throw std::runtime_error("no object " + std::to_string(number));
  return {at + 1, pdf.find("endobj", at) + 6};
}

// The streams that the newest security store lists under "Certs", "OCSPs" or "CRLs".
inline std::vector<Span> storeStreams(const std::string& pdf, const std::string& kind) {
  const std::size_t store = pdf.rfind("/Type/DSS");
  if (store == std::string::npos) throw std::runtime_error("no security store");
  std::vector<Span> streams;
  const char* cursor = pdf.c_str() + pdf.find("/" + kind + "[", store) + kind.size() + 2;
  while (*cursor != ']') {
    char* end = nullptr;
    const auto number = static_cast<std::uint32_t>(std::strtoul(cursor, &end, 10));
    cursor = end + std::string_view(" 0 R ").size();
    const Span object = lastObject(pdf, number);
    streams.push_back({pdf.find("stream\n", object.begin) + 7, pdf.find("\nendstream", object.begin)});
  }
  return streams;
}

// The file with a revision appended in which the first page shows the second one's content.
inline std::string withSwappedPage(const std::string& pdf) {
  std::vector<std::uint32_t> pages;
  for (std::size_t at = 0; (at = pdf.find("/Type/Page/", at)) != std::string::npos && pages.size() < 2; ++at) {
    const std::size_t line = pdf.rfind(" 0 obj", at);
    pages.push_back(static_cast<std::uint32_t>(std::stoul(pdf.substr(pdf.rfind('\n', line) + 1))));
  }
  const auto contentOf = [&](const std::string& object) {
    const std::size_t begin = object.find("/Contents") + 9;
    return Span{begin, object.find(" R", begin) + 2};
  };
  std::string first(lastObject(pdf, pages.at(0)).of(pdf)), second(lastObject(pdf, pages.at(1)).of(pdf));
  const Span mine = contentOf(first);
  first.replace(mine.begin, mine.size(), contentOf(second).of(second));
  const std::size_t table = pdf.rfind("startxref") + 10, trailer = pdf.rfind("trailer\n<<") + 10;
  std::string trailerEntries = pdf.substr(trailer, pdf.find(">>\nstartxref", trailer) - trailer);
  if (const std::size_t old = trailerEntries.find("/Prev"); old != std::string::npos)
    trailerEntries.erase(old, trailerEntries.find('/', old + 1) - old);
  std::string offset = std::to_string(pdf.size());
  offset.insert(0, 10 - offset.size(), '0');
  return pdf + first + "\nxref\n" + std::to_string(pages[0]) + " 1\n" + offset + " 00000 n \ntrailer\n<<" +
         trailerEntries + "/Prev " + std::to_string(std::stoul(pdf.substr(table))) + ">>\nstartxref\n" +
         std::to_string(pdf.size() + first.size() + 1) + "\n%%EOF\n";
}

}  // namespace qianda::test
