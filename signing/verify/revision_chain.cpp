#include "signing/pdf/parser.h"
#include "signing/verify/revision_diff.h"

namespace qianda::signing::verify {

std::string judgeTail(const pdf::Document& document) {
  const std::string_view file = document.file();
  std::size_t tail = file.size();
  while (tail > 0 && pdf::isWhiteSpace(static_cast<unsigned char>(file[tail - 1]))) --tail;
  if (!file.substr(0, tail).ends_with("%%EOF")) return "octets follow the last revision that belong to no revision";
  const std::size_t start = file.rfind("startxref");
  if (document.isReconstructed() || start == std::string_view::npos) return "the cross-reference is damaged";
  std::size_t at = start + 9;
  const auto skip = [&](auto matches) {
    while (at < tail && matches(static_cast<unsigned char>(file[at]))) ++at;
  };
  skip(pdf::isWhiteSpace);
  skip([](unsigned char c) { return c >= '0' && c <= '9'; });
  skip(pdf::isWhiteSpace);
  return at + 5 == tail ? "" : "octets stand between the last startxref and the end that belong to no revision";
}

std::string judgeChain(const pdf::Document& signedRevision, std::size_t end, const pdf::Document& current) {
  if (current.isReconstructed()) return "the cross-reference was damaged after signing";
  const auto& sections = current.sections();
  const auto& signedOnes = signedRevision.sections();
  if (sections.front().offset < end) return "octets follow the signed revision that belong to no revision";
  std::size_t later = 0;
  for (; later < sections.size() && sections[later].offset >= end; ++later) {
    if (sections[later].isAmbiguous)
      return "a later revision names an object twice: readers may differ in what they show";
    if (!sections[later].trailer["Prev"].is(pdf::Object::Type::kInteger))
      return "a later revision does not name the revision before it";
  }
  if (sections.size() - later != signedOnes.size()) return "a later revision leaves out revisions that were signed";
  for (std::size_t i = 0; i < signedOnes.size(); ++i) {
    if (sections[later + i].offset != signedOnes[i].offset)
      return "a later revision leaves out revisions that were signed";
  }
  if (current.isEncrypted() && !signedRevision.isEncrypted()) return "the file was encrypted after signing";
  return {};
}

}  // namespace qianda::signing::verify
