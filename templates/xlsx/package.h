// An Office Open XML package (ECMA-376 part 2): a ZIP file whose parts are XML. Strangers make such files: the number
// of parts, the octets a part unpacks to, the depth of elements and the length of names are bounded; document type
// declarations, and with them all entities, are refused. What is no workbook is named for what it is: encrypted, the
// old .xls, .xlsb, OpenDocument. One thread; throws kInvalidInput.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace qianda::templates::xlsx {

// Names are local: without their namespace prefix.
class XmlHandler {
 public:
  class Attributes {
   public:
    explicit Attributes(const char** pairs) : pairs_(pairs) {}
    std::string_view find(std::string_view name) const;  // "" when there is none

   private:
    const char** pairs_;
  };
  virtual ~XmlHandler() = default;
  virtual void start(std::string_view name, const Attributes& attributes) = 0;
  virtual void end(std::string_view name) = 0;
  virtual void text(std::string_view octets) = 0;  // UTF-8, in pieces
};

class Package {
 public:
  static constexpr std::uint64_t kLargestPart = std::uint64_t{1} << 30;  // octets, unpacked
  static constexpr std::size_t kMostParts = 2000;
  static constexpr std::size_t kDeepest = 64;

  // `largestPart`: octets.
  explicit Package(std::filesystem::path file, std::uint64_t largestPart = kLargestPart);

  bool has(const std::string& part) const;
  // Reads the part through; throws when it is missing, broken, too large or no plain XML.
  void parse(const std::string& part, XmlHandler& handler) const;

 private:
  void refuseOtherKinds() const;

  std::filesystem::path file_;
  std::uint64_t largestPart_;
  std::vector<std::string> parts_;
};

}  // namespace qianda::templates::xlsx
