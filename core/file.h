// Whole files in and out. Errors name the path; a missing file is kNotFound, anything else kSystem.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace qianda::core {

// Throws kInvalidInput when the file is larger than `limit` octets.
std::string readFile(const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 31);
// Writes beside the target and renames, so that a reader sees the old file or the new one, never half of it.
// `durable` also syncs the file and its directory.
void writeFile(const std::filesystem::path& path, std::string_view bytes, bool durable = false);
// The same, durable, for the owner alone (mode 0600) from the first octet on: private keys.
void writeSecretFile(const std::filesystem::path& path, std::string_view bytes);

}  // namespace qianda::core
