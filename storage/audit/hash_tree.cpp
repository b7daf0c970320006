#include "storage/audit/hash_tree.h"

#include <bit>
#include <span>

#include <openssl/evp.h>

#include "core/bytes.h"
#include "core/error.h"

namespace qianda::storage {
namespace {

using Leaves = std::span<const std::string>;

std::string nodeHash(const std::string& left, const std::string& right) {
  std::string octets(1, '\x01');
  for (const std::string* child : {&left, &right}) octets += core::textOf(core::fromHex(*child));
  return sm3Hex(octets);
}

std::size_t splitOf(std::size_t count) { return std::bit_ceil(count) / 2; }

std::string rootOf(Leaves leaves) {
  if (leaves.size() == 1) return leaves.front();
  const std::size_t split = splitOf(leaves.size());
  return nodeHash(rootOf(leaves.first(split)), rootOf(leaves.subspan(split)));
}

void collectPath(Leaves leaves, std::size_t position, std::vector<std::string>& path) {
  if (leaves.size() == 1) return;
  const std::size_t split = splitOf(leaves.size());
  const bool isLeft = position < split;
  collectPath(isLeft ? leaves.first(split) : leaves.subspan(split), isLeft ? position : position - split, path);
  path.push_back(rootOf(isLeft ? leaves.subspan(split) : leaves.first(split)));
}

std::string fillPaths(Leaves leaves, std::span<std::vector<std::string>> paths) {
  if (leaves.size() == 1) return leaves.front();
  const std::size_t split = splitOf(leaves.size());
  const std::string left = fillPaths(leaves.first(split), paths.first(split));
  const std::string right = fillPaths(leaves.subspan(split), paths.subspan(split));
  for (std::size_t i = 0; i < paths.size(); ++i) paths[i].push_back(i < split ? right : left);
  return nodeHash(left, right);
}

// Consumes the path from its upper end.
std::string rootOver(const std::string& leaf, std::size_t position, std::size_t count,
                     std::span<const std::string> path) {
  if (count == 1) return path.empty() ? leaf : std::string();
  if (path.empty()) return {};
  const std::size_t split = splitOf(count);
  const bool isLeft = position < split;
  const std::string below =
      rootOver(leaf, isLeft ? position : position - split, isLeft ? split : count - split, path.first(path.size() - 1));
  if (below.empty()) return {};
  return isLeft ? nodeHash(below, path.back()) : nodeHash(path.back(), below);
}

bool isHash(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::string sm3Hex(std::string_view octets) {
  static const EVP_MD* const sm3 = EVP_sm3();
  std::uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (EVP_Digest(octets.data(), octets.size(), digest, &length, sm3, nullptr) != 1) {
    throw core::Error(core::ErrorCode::kSystem, "OpenSSL has no SM3");
  }
  return core::toHex({digest, length});
}

void appendNetstring(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
  out += ',';
}

std::string leafHash(std::string_view octets) {
  std::string text(1, '\0');
  text += octets;
  return sm3Hex(text);
}

std::string treeRoot(const std::vector<std::string>& leaves) {
  if (leaves.empty()) throw core::Error(core::ErrorCode::kSystem, "a hash tree without leaves");
  return rootOf(leaves);
}

std::vector<std::string> treePath(const std::vector<std::string>& leaves, std::size_t position) {
  if (position >= leaves.size()) throw core::Error(core::ErrorCode::kSystem, "no such leaf");
  std::vector<std::string> path;
  collectPath(leaves, position, path);
  return path;
}

std::vector<std::vector<std::string>> treePaths(const std::vector<std::string>& leaves) {
  std::vector<std::vector<std::string>> paths(leaves.size());
  if (!leaves.empty()) fillPaths(leaves, paths);
  return paths;
}

std::string rootOfPath(const std::string& leaf, std::size_t position, std::size_t count,
                       const std::vector<std::string>& path) {
  if (position >= count || path.size() > 64 || !isHash(leaf)) return {};
  for (const std::string& one : path) {
    if (!isHash(one)) return {};
  }
  return rootOver(leaf, position, count, path);
}

}  // namespace qianda::storage
