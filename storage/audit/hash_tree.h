// A hash tree over a list as RFC 6962 2.1 builds it, with SM3 (GB/T 32905): a leaf is hashed behind the octet 00, an
// inner node behind 01, and n leaves divide at the largest power of two below n. Paths prove that one leaf is in the
// tree without showing the others. Pure functions over hexadecimal texts of 64 characters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace qianda::storage {

// Of octets, hexadecimal.
std::string sm3Hex(std::string_view octets);
// "<octets>:<text>,"
void appendNetstring(std::string& out, std::string_view text);

std::string leafHash(std::string_view octets);
// Of at least one leaf.
std::string treeRoot(const std::vector<std::string>& leaves);
// The siblings from the leaf upwards (RFC 6962 2.1.1).
std::vector<std::string> treePath(const std::vector<std::string>& leaves, std::size_t position);
// Those of all leaves.
std::vector<std::vector<std::string>> treePaths(const std::vector<std::string>& leaves);
// The root that the path makes of the leaf; "" when the path has not the length that position and count ask for.
std::string rootOfPath(const std::string& leaf, std::size_t position, std::size_t count,
                       const std::vector<std::string>& path);

}  // namespace qianda::storage
