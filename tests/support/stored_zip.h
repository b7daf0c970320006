// A ZIP file whose entries are stored as they are: for hostile packages of tests.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qianda::test {

inline std::uint32_t crc32Of(std::string_view octets) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const char c : octets) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0);
  }
  return ~crc;
}

inline std::string storedZip(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string file, directory;
  const auto put = [](std::string& out, std::uint64_t value, int octets) {
    for (int i = 0; i < octets; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  };
  for (const auto& [name, content] : entries) {
    std::string common;
    put(common, 20, 2);  // version
    put(common, 0, 8);   // flags, method, time, date
    put(common, crc32Of(content), 4);
    put(common, content.size(), 4);
    put(common, content.size(), 4);
    put(common, name.size(), 2);
    put(common, 0, 2);
    const std::size_t offset = file.size();
    file += "PK\x03\x04" + common + name + content;
    directory += "PK\x01\x02";
    put(directory, 20, 2);
    directory += common;
    put(directory, 0, 10);
    put(directory, offset, 4);
    directory += name;
  }
  const std::size_t start = file.size();
  file += directory + "PK\x05\x06";
  put(file, 0, 4);
  put(file, entries.size(), 2);
  put(file, entries.size(), 2);
  put(file, directory.size(), 4);
  put(file, start, 4);
  put(file, 0, 2);
  return file;
}

// A workbook with one sheet, 表, of that XML.
inline std::string storedWorkbook(const std::string& sheet, const std::string& styles = "",
                                  const std::string& strings = "") {
  const std::string main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
  const std::string type = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
  std::vector<std::pair<std::string, std::string>> parts{
      {"xl/workbook.xml", "<workbook " + main +
                              " xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">"
                              "<sheets><sheet name=\"\xE8\xA1\xA8\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels",
       "<Relationships><Relationship Id=\"rId1\" Type=\"" + type +
           "worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"" + type +
           "styles\" Target=\"styles.xml\"/><Relationship Id=\"rId3\" Type=\"" + type +
           "sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>"},
      {"xl/worksheets/sheet1.xml", sheet},
      {"xl/styles.xml", styles.empty() ? "<styleSheet/>" : styles},
      {"xl/sharedStrings.xml", strings.empty() ? "<sst><si><t>shared</t></si></sst>" : strings}};
  return storedZip(parts);
}

}  // namespace qianda::test
