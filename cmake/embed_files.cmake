# Run by qianda_embed: writes OUT. Octets go as hexadecimal characters of a char array, so that any file may be embedded.
string(REPLACE "|" ";" files "${FILES}")
set(arrays "")
set(entries "")
set(number 0)
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME)
  file(READ ${file} octets HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," octets "${octets}")
  string(APPEND arrays "constexpr char kFile${number}[] = {${octets}'\\0'};\n")
  string(APPEND entries "      {\"${name}\", {kFile${number}, sizeof kFile${number} - 1}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT} "#include <string_view>
#include <utility>
#include <vector>

namespace {
${arrays}}  // namespace

namespace qianda::${NAMESPACE} {

std::vector<std::pair<std::string_view, std::string_view>> ${FUNCTION}() {
  return {
${entries}  };
}

}  // namespace qianda::${NAMESPACE}
")
